"""One of several processes that train together, as a launcher starts it."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import save_file
from torch import Tensor

from models.gathered import GatheredLoss
from models.manifest import load_manifest
from models.steps import Share, Steps
from models.train import Trainer
from models.train_options import TrainOptions
from models.train_state import Standing
from models.world import start_world
from tests.models.tiny_training import OPTIONS, parts

TOGETHER: TrainOptions = replace(
    OPTIONS,
    epochs=4,
    ema=0.5,
    accumulate=2,
    validate_every=2,
    loss=replace(OPTIONS.loss, centre=0.5, centre_share=0.7),
)


def gradients(folder: Path, world: Accelerator) -> dict[str, Tensor]:
    """Return the gradients of the first batch, and its `loss`."""
    networks, tokenizer, config = parts(folder / "weights")
    manifest = load_manifest(folder / "data" / "manifest.jsonl")
    share = Share(world.process_index, world.num_processes)
    steps = Steps(manifest, tokenizer, config, TOGETHER, share)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        networks.learn_centres(len(steps.sampler.products))
    networks.release(0)
    loss = world.prepare(GatheredLoss(networks, TOGETHER.loss, world))
    batch, labels = steps.batch(0)
    texts = networks.reader()
    total = loss(batch, texts(batch), labels)["loss"]
    world.backward(total)
    found = {
        name: parameter.grad.contiguous()
        for name, parameter in networks.named_parameters()
        if parameter.grad is not None
    }
    return {"loss": total.detach(), **found}


def train(folder: Path, place: str) -> tuple[Trainer, Standing]:
    """Train tiny networks on what lies in `folder`; the run's own files go to `place` in it."""
    manifest = load_manifest(folder / "data" / "manifest.jsonl")
    made = Trainer(*parts(folder / "weights"), manifest, TOGETHER)
    return made, made.run(folder / place, lambda _: None, lambda: 0.0)


def main(folder: Path) -> None:
    """Leave what this process found: gradients, and the standing and weights after a run."""
    torch.set_num_threads(1)
    world = start_world("no", "cpu")
    own = folder / f"process-{world.process_index}"
    own.mkdir()
    save_file(gradients(folder, world), own / "gradients.safetensors")
    made, standing = train(folder, "together")
    save_file(made.networks.state(), own / "state.safetensors")
    told = [
        standing.step,
        standing.best,
        standing.best_step,
        *(one["loss"] for one in standing.curve),
    ]
    (own / "told.json").write_text(json.dumps(told))
    world.end_training()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
