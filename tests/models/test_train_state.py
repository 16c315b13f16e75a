"""A stopped run goes on to the same bits, and from a state that is damaged not at all."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.errors import InputError
from models.manifest import Manifest
from models.train import Trainer
from models.train_options import Told
from models.train_state import Learner, Standing, load_state, save_state
from tests.models.tiny_training import OPTIONS, Clock, parts, silent, trainer

pytestmark = pytest.mark.usefixtures("one_thread")


class StoppedError(Exception):
    """The plug was pulled."""


@pytest.mark.parametrize("centre", [0.0, 0.5])
def test_a_stopped_run_goes_on_to_the_same_bits(
    tmp_path: Path, weights: Path, data: Manifest, centre: float
) -> None:
    loss = replace(OPTIONS.loss, centre=centre, centre_share=0.5)
    options = replace(OPTIONS, epochs=3, save_every_s=0.0, loss=loss, ema=centre)
    options = replace(options, train_px=48, first_px=32, accumulate=2 if centre else 1)
    options = replace(options, epochs=6 if centre else 3)
    whole = trainer(weights, data, options)
    curve = whole.run(tmp_path / "whole", silent, Clock()).curve

    def pull_the_plug(told: Told) -> None:
        if told.step == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        trainer(weights, data, options).run(tmp_path / "parts", pull_the_plug, Clock())
    resumed = trainer(weights, data, options)
    # The step at which it stopped was not saved yet: it is taken again.
    assert resumed.run(tmp_path / "parts", silent, Clock()).curve == curve
    for name, tensor in whole.networks.state().items():
        assert torch.equal(tensor, resumed.networks.state()[name]), name
    best = [(tmp_path / name / "best.safetensors").read_bytes() for name in ("whole", "parts")]
    assert best[0] == best[1]
    assert ("centres" in whole.networks.state()) == bool(centre)
    assert "centres" not in whole.networks.weights()


def test_a_run_whose_texts_learn_goes_on_to_the_same_bits_though_they_drop_out(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    options = replace(OPTIONS, save_every_s=0.0, text_backbone=0.5)

    def made() -> Trainer:
        return Trainer(*parts(weights, reads=True), data, options)

    whole = made()
    before = whole.networks.state()["text.branch.network.embeddings.word_embeddings.weight"].clone()
    curve = whole.run(tmp_path / "whole", silent, Clock()).curve
    after = whole.networks.state()["text.branch.network.embeddings.word_embeddings.weight"]
    assert not torch.equal(before, after)
    assert any(one.p > 0 for one in whole.networks.modules() if isinstance(one, torch.nn.Dropout))
    parted = made()
    with pytest.raises(StoppedError):
        parted.run(tmp_path / "parts", _stop_at_three, Clock())
    resumed = made()
    assert resumed.run(tmp_path / "parts", silent, Clock()).curve == curve
    for name, tensor in whole.networks.state().items():
        assert torch.equal(tensor, resumed.networks.state()[name]), name


def _stop_at_three(told: Told) -> None:
    if told.step == 3:
        raise StoppedError


def test_a_finished_run_takes_no_further_step(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    trainer(weights, data).run(tmp_path, silent, Clock())
    told: list[Told] = []
    trainer(weights, data).run(tmp_path, told.append, Clock())
    assert told == []


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
