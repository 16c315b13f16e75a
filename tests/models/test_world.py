"""Who trains together, and who hears of it."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from models.errors import InputError
from models.world import agreed, moved, start_world, tracked
from tests.models.tiny_training import OPTIONS, manifest, trainer


def test_one_process_on_the_cpu_is_a_world(tmp_path: Path) -> None:
    world = start_world("no", "cpu", folder=tmp_path)
    assert (world.num_processes, world.device.type, world.is_main_process) == (1, "cpu", True)
    assert agreed([1.5, float("inf")], world) == [1.5, float("inf")]


def test_unknown_and_absent_trackers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="tracker 'mlflow' is none of tensorboard, wandb"):
        start_world("no", "cpu", ["mlflow"])
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(
        InputError, match=r"wandb is not installed; pip install 'liveshelf\[track\]'"
    ):
        start_world("no", "cpu", ["wandb"])


def test_a_precision_that_the_device_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="precision fp16 needs a GPU; use bf16 or no"):
        start_world("fp16", "cpu")
    start_world("no", "cpu")
    # Processes have one precision for good, as accelerate keeps it.
    with pytest.raises(InputError, match="precision bf16 on device cpu: AcceleratorState"):
        start_world("bf16", "cpu")


def test_tensorboard_hears_of_every_step(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    world = start_world("no", "cpu", ["tensorboard"], tmp_path)
    made = trainer(tmp_path / "weights", manifest(tmp_path / "data"), world=world)
    standing = made.run(tmp_path, lambda _: None, lambda: 0.0)
    read = EventAccumulator(str(tmp_path / "liveshelf"))
    read.Reload()
    heard = {event.step: event.value for event in read.Scalars("loss")}
    assert heard == pytest.approx({one["step"]: one["loss"] for one in standing.curve})
    assert [event.step for event in read.Scalars("val_both_r1")]
    told = next((tmp_path / "liveshelf").glob("*/hparams.yml")).read_text()
    assert f"recipe.sampler.live_rows: {OPTIONS.sampler.live_rows}" in told
    assert "encoder.image.architecture: test_efficientnet" in told


def test_a_tracker_is_let_go_when_the_run_fails(tmp_path: Path) -> None:
    world = start_world("no", "cpu", ["tensorboard"], tmp_path)
    with pytest.raises(KeyboardInterrupt), tracked(world, tmp_path, {}):
        raise KeyboardInterrupt
    assert world.trackers == []


@dataclass(frozen=True)
class _Pair:
    numbers: torch.Tensor
    size: int


def test_the_tensors_of_a_record_move_and_the_rest_stays() -> None:
    there = moved(_Pair(torch.ones(2), 3), torch.device("meta"))
    assert (there.numbers.device.type, there.size) == ("meta", 3)
