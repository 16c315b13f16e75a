"""What a stopped run goes on from, beside what `test_train` stops and resumes."""

from pathlib import Path

import pytest
import torch

from models.errors import InputError
from models.train_state import Learner, Standing, load_state, save_state
from tests.models.tiny_training import parts


def _learner(folder: Path) -> Learner:
    networks = parts(folder).networks
    optimiser = torch.optim.AdamW(networks.gate.parameters())
    return Learner(networks, optimiser, None, torch.amp.GradScaler("cpu", init_scale=8.0))


def test_the_scale_of_float16_gradients_is_kept(tmp_path: Path) -> None:
    first, second = _learner(tmp_path / "weights"), _learner(tmp_path / "weights")
    assert first.scaler is not None
    assert second.scaler is not None
    first.scaler.load_state_dict({**first.scaler.state_dict(), "scale": 1024.0})
    save_state(tmp_path, Standing(step=3, worse=2), first)
    assert load_state(tmp_path, second) == Standing(step=3, worse=2)
    assert second.scaler.state_dict()["scale"] == 1024.0


def test_no_state_is_none_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    learner = _learner(tmp_path / "weights")
    assert load_state(tmp_path, learner) is None
    save_state(tmp_path, Standing(), learner)
    (tmp_path / "state" / "standing.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read: .* remove it to begin anew"):
        load_state(tmp_path, learner)


def test_a_run_killed_between_two_renames_goes_on_from_the_older_state(tmp_path: Path) -> None:
    learner = _learner(tmp_path / "weights")
    save_state(tmp_path, Standing(step=7), learner)
    (tmp_path / "state").rename(tmp_path / "state.old")
    found = load_state(tmp_path, learner)
    assert found is not None
    assert found.step == 7
