"""Where a training run stands, on disk: a stopped run goes on as if it had not stopped.

In: networks, optimiser, and plain records. Out: safetensors and JSON, written beside and then put
in place, so that a run killed while it saves goes on from the save before.
"""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.average import WeightAverage
from models.errors import InputError
from models.trained import TrainedNetworks

_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass
class Standing:
    """The plain part of a run's state."""

    step: int = 0
    elapsed_s: float = 0.0
    """Over all processes that ran it."""
    best: float = -1.0
    """Mean reciprocal rank of the best validation."""
    best_step: int = 0
    worse: int = 0
    """Validations since."""
    curve: list[dict[str, float]] = field(default_factory=list)
    """A record for every step."""


@dataclass(frozen=True)
class Learner:
    """The part of a run's state that is tensors."""

    networks: TrainedNetworks
    optimiser: torch.optim.Optimizer
    average: WeightAverage | None
    """None: the run keeps none."""
    scaler: torch.amp.GradScaler | None = None
    """Of float16's gradients."""


def save_state(folder: Path, standing: Standing, learner: Learner) -> None:
    """Write the state into `folder/state`."""
    from safetensors.torch import save_file

    fresh, ready = folder / "state.new", folder / "state"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_file(learner.networks.state(), fresh / "model.safetensors")
    save_file(_moments(learner), fresh / "optimiser.safetensors")
    if learner.average is not None:
        save_file(learner.average.tensors, fresh / "average.safetensors")
    if learner.scaler is not None:
        plain = json.dumps(learner.scaler.state_dict())
        (fresh / "scaler.json").write_text(plain, encoding="utf-8")
    (fresh / "standing.json").write_text(json.dumps(asdict(standing)), encoding="utf-8")
    if ready.exists():
        ready.replace(folder / "state.old")
    fresh.replace(ready)
    shutil.rmtree(folder / "state.old", ignore_errors=True)


def load_state(folder: Path, learner: Learner) -> Standing | None:
    """Take over the state in a folder; none when there is none.

    Raises:
        InputError: it cannot be read.
        WeightsError: it is of other networks.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    ready = folder / "state"
    if not ready.is_dir() and (folder / "state.old").is_dir():
        # Killed between the two renames.
        ready = folder / "state.old"
    if not ready.is_dir():
        return None
    try:
        standing = Standing(**json.loads((ready / "standing.json").read_text(encoding="utf-8")))
        learner.networks.take(load_file(ready / "model.safetensors"), str(ready))
        _take_moments(learner, load_file(ready / "optimiser.safetensors"))
        if learner.average is not None:
            kept = load_file(ready / "average.safetensors")
            for name, mean in learner.average.tensors.items():
                mean.copy_(kept[name])
        if learner.scaler is not None:
            plain = (ready / "scaler.json").read_text(encoding="utf-8")
            learner.scaler.load_state_dict(json.loads(plain))
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        message = (
            f"the state of the run in {ready} cannot be read: {error}; remove it to begin anew"
        )
        raise InputError(message) from error
    return standing


def _moments(learner: Learner) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, parameter in learner.networks.named_parameters():
        kept: dict[str, Any] = learner.optimiser.state.get(parameter, {})
        for moment in (*_MOMENTS, "step"):
            if moment in kept:
                found[f"{moment}/{name}"] = torch.as_tensor(kept[moment]).detach().contiguous()
    return found


def _take_moments(learner: Learner, found: dict[str, Tensor]) -> None:
    for name, parameter in learner.networks.named_parameters():
        if f"step/{name}" in found:
            # Strides as the optimiser makes them, or the sums would be taken in another order.
            learner.optimiser.state[parameter] = {
                "step": found[f"step/{name}"].clone(),
                **{
                    moment: torch.empty_like(parameter).copy_(found[f"{moment}/{name}"])
                    for moment in _MOMENTS
                },
            }
