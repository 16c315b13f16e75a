"""Two processes that share a step are one process that has all of it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.gathered import GatheredLoss
from models.objective import LossOptions
from models.steps import Share, Steps
from models.world import start_world
from tests.models.tiny_training import OPTIONS, manifest, parts
from tests.models.together import gradients, train


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _together(folder: Path, count: int) -> None:
    """Run `tests.models.together` in processes as `torchrun` would start them."""
    told = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port())}
    words = [sys.executable, "-m", "tests.models.together", str(folder)]
    running = []
    for rank in range(count):
        place = {**os.environ, **told, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(words, env=place, stdout=pipe, stderr=subprocess.STDOUT))
    said = [process.communicate(timeout=120)[0].decode() for process in running]
    assert [process.returncode for process in running] == [0] * count, "\n".join(said)


@pytest.mark.parametrize("options", [LossOptions(), LossOptions(matching=0.5, reconstruction=0.5)])
def test_networks_compute_in_half_the_bits_and_the_loss_in_all(
    tmp_path: Path, options: LossOptions
) -> None:
    data, world = manifest(tmp_path / "data"), start_world("no", "cpu")
    made = parts(tmp_path / "weights")
    batch, labels = Steps(data, made.tokenizer, made.config, OPTIONS, Share()).batch(0)
    made.networks.release(0)
    texts = made.networks.reader()(batch)
    if options.matching:
        made.networks.learn_pairwise(options.decoder)
    loss = GatheredLoss(made.networks, options, world)
    whole = loss(batch, texts, labels)
    with torch.autocast("cpu", torch.bfloat16):
        halved = loss(batch, texts, labels)
    assert {term.dtype for term in halved.values()} == {torch.float32}
    assert float(halved["loss"].detach()) != float(whole["loss"].detach())
    assert float(halved["loss"].detach()) == pytest.approx(float(whole["loss"].detach()), rel=0.3)
    torch.autograd.backward(halved["loss"])
    assert made.networks.image.projection.weight.grad is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("together")
    manifest(made / "data")
    parts(made / "weights")
    _together(made, 2)
    return made


def test_two_processes_have_the_loss_and_the_gradients_of_one(folder: Path) -> None:
    alone = gradients(folder, start_world("no", "cpu"))
    assert {"centres", "image.projection.weight", "gate.outer.weight"} <= alone.keys()
    for rank in range(2):
        shared = load_file(folder / f"process-{rank}" / "gradients.safetensors")
        assert shared.keys() == alone.keys()
        for name, gradient in alone.items():
            # Sums are taken in another order; 1e-6 was seen.
            assert torch.dist(shared[name], gradient) <= 1e-5 * gradient.norm() + 1e-6, name


def test_two_processes_train_as_one_does_and_only_the_first_writes(folder: Path) -> None:
    made, standing = train(folder, "alone")
    first, second = (
        json.loads((folder / f"process-{rank}" / "told.json").read_text()) for rank in range(2)
    )
    assert first == second
    assert first[:3] == [standing.step, standing.best, standing.best_step]
    assert first[3:] == pytest.approx([one["loss"] for one in standing.curve], abs=2e-5)
    for rank in range(2):
        shared = load_file(folder / f"process-{rank}" / "state.safetensors")
        for name, value in made.networks.state().items():
            assert torch.allclose(shared[name], value, atol=5e-5), name
    kept = json.loads((folder / "together" / "state" / "standing.json").read_text())
    assert [one["loss"] for one in kept["curve"]] == first[3:]
    # What only the first process examined stands in its curve.
    assert any("val_both_r1" in one for one in kept["curve"])
