"""The processes that train together, their device and number format, and who hears of the run.

In: options. Out: an `accelerate.Accelerator`. `accelerate launch` or `torchrun` starts the
processes, on one machine or several; without them there is one. W&B and TensorBoard are imported
only when they are asked for.
"""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, broadcast
from torch import Tensor

from models.errors import InputError

TRACKERS = ("tensorboard", "wandb")
_PROJECT = "liveshelf"
Tensors = TypeVar("Tensors")


def start_world(
    precision: str, device: str, trackers: Sequence[str] = (), folder: Path | None = None
) -> Accelerator:
    """Join the processes that were started together.

    Args:
        precision: `no` (float32), `bf16` or `fp16`.
        device: `auto` (a GPU where there is one), `cpu` or `cuda`.
        trackers: of `TRACKERS`.
        folder: of the run; TensorBoard's files lie in it.

    Raises:
        InputError: a tracker is unknown or not installed, there is no GPU, or the device cannot
            compute in that precision.
    """
    for name in trackers:
        if name not in TRACKERS:
            message = f"tracker {name!r} is none of {', '.join(TRACKERS)}"
            raise InputError(message)
        if importlib.util.find_spec(name) is None:
            message = f"tracker {name} is not installed; pip install 'liveshelf[track]'"
            raise InputError(message)
    cpu = device == "cpu" or not torch.cuda.is_available()
    if precision == "fp16" and cpu:
        message = "precision fp16 needs a GPU; use bf16 or no"
        raise InputError(message)
    if device == "cuda" and not torch.cuda.is_available():
        message = "device is 'cuda', but torch sees no GPU; use auto or cpu"
        raise InputError(message)
    # A share of a step may lack pictures, texts or a domain: what served none has no gradient.
    loose = DistributedDataParallelKwargs(find_unused_parameters=True)
    try:
        return Accelerator(
            cpu=cpu,
            mixed_precision=precision,
            log_with=list(trackers) or None,
            project_dir=folder,
            kwargs_handlers=[loose],
        )
    except ValueError as error:
        message = f"precision {precision} on device {device}: {error}"
        raise InputError(message) from error


@contextmanager
def tracked(world: Accelerator, folder: Path, told: Mapping[str, Any]) -> Iterator[None]:
    """Let the trackers that were asked for hear of a run; `world.log` reaches them meanwhile.

    Args:
        world: the processes.
        folder: of the run; it names the run.
        told: what the run is told, groups of options as mappings.
    """
    if world.log_with:
        wandb = {"dir": str(folder), "name": folder.name}
        world.init_trackers(_PROJECT, dict(_flat(told)), {"wandb": wandb})
    try:
        yield
    finally:
        for tracker in world.trackers:
            tracker.finish()
        world.trackers.clear()


def _flat(told: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            plain = isinstance(value, bool | int | float | str)
            yield f"{above}{name}", value if plain else str(value)


def agreed(values: Sequence[float], world: Accelerator) -> list[float]:
    """Return the first process's values in every process."""
    if world.num_processes == 1:
        return list(values)
    told = torch.tensor(values, dtype=torch.float64, device=world.device)
    found: list[float] = broadcast(told).tolist()
    return found


def moved(item: Tensors, device: torch.device) -> Tensors:
    """Return a dataclass of tensors with its tensors on a device."""
    held: Any = item
    found = {part.name: getattr(held, part.name) for part in fields(held)}
    there = {
        name: value.to(device, non_blocking=True)
        for name, value in found.items()
        if isinstance(value, Tensor)
    }
    made: Tensors = replace(held, **there)
    return made
