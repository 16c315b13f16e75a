"""Going on from a checkpoint: its very vectors at step 0, gentler options, never from nothing."""

from pathlib import Path

import pytest
import torch

from models.batch import Sample
from models.encoder import Encoder, load_encoder
from models.errors import InputError
from models.gate import compare, worse
from models.gate_exam import LOOKED_AT, answers
from models.manifest import Manifest, Row
from models.pictures import open_picture
from models.registry import Registry
from models.retrain_start import go_on_from, retrain_options, started_from
from models.train import Trainer
from models.train_options import Told
from tests.models.tiny_training import COLOURS, picture
from tests.models.trained_checkpoint import trained_checkpoint

GENTLE = ("train_px=32", "sampler.live_rows=6", "frozen_blocks=0", "batch_norm=frozen")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, data: Manifest) -> Path:
    return trained_checkpoint(tmp_path_factory.mktemp("trained"), data)


def going_on(checkpoint: Path, data: Manifest, cache: Path, *options: str) -> Trainer:
    start = started_from(str(checkpoint))
    chosen = retrain_options(start, (*GENTLE, *options))
    return go_on_from(start, data, chosen, Registry.load(), cache)


def test_it_begins_with_the_vectors_of_the_checkpoint(
    checkpoint: Path, data: Manifest, tmp_path: Path
) -> None:
    made = going_on(checkpoint, data, tmp_path)
    samples = [
        Sample("live", (picture(COLOURS[1], 3),), "apricot jam"),
        Sample("page", (), "oat milk"),
    ]
    before = load_encoder(str(checkpoint), tmp_path, "cpu").encode(samples)
    assert made.encoder().encode(samples) == pytest.approx(before, abs=1e-6)
    assert made.options.live_px == 32
    assert made.options.rate == pytest.approx(2e-4)


def test_it_learns_on_and_moves_less_at_a_lower_rate(
    checkpoint: Path, data: Manifest, tmp_path: Path
) -> None:
    def moved(rate: str) -> float:
        made = going_on(checkpoint, data, tmp_path, rate, "epochs=1")
        before = made.networks.weights()["image.projection.weight"].clone()
        made.run(tmp_path / rate, _silent, lambda: 0.0)
        return float((made.networks.weights()["image.projection.weight"] - before).norm())

    assert 0 < moved("rate=0.0002") < moved("rate=0.002")


def test_weights_that_were_never_trained_are_refused() -> None:
    with pytest.raises(InputError, match="'untrained' has no trained weights to go on from"):
        started_from("untrained")


def test_the_gate_sees_through_the_exam(checkpoint: Path, data: Manifest, tmp_path: Path) -> None:
    encoder = load_encoder(str(checkpoint), tmp_path, "cpu")
    found = answers(encoder, data, "f", lambda _done, _total: None)
    tests = [*data.live("test"), *data.live("test-unseen")]
    assert len(found.groups) == len(found.has_product) == len(tests)
    assert set(found.ranks) == set(LOOKED_AT)
    for at, row in enumerate(tests):
        assert (found.ranks["picture"][at] is None) == (row.product_id is None)
        assert (found.best["text"][at] is None) == (row.transcript is None)
        if row.transcript is not None and row.product_id is not None:
            assert found.ranks["text"][at] == slow_rank(encoder, data, row)
    assert worse(compare(found, found), 0.0) == []


def slow_rank(encoder: Encoder, data: Manifest, row: Row) -> int:
    (query,) = encoder.encode([Sample("live", (), row.transcript)])
    scores = {}
    for page in data.pages:
        sample = Sample("page", [open_picture(path) for path in data.paths(page)], page.title)
        (vector,) = encoder.encode([sample])
        scores[page.product_id] = encoder.layout.compare(query, vector[None])[0].score
    own = scores.pop(row.product_id)
    return sum(score >= own for score in scores.values())


def test_an_encoder_that_forgot_is_refused(
    checkpoint: Path, data: Manifest, tmp_path: Path
) -> None:
    good = load_encoder(str(checkpoint), tmp_path, "cpu")
    made = going_on(checkpoint, data, tmp_path)
    with torch.no_grad():
        # All texts are one vector now, and ties count against who asks.
        made.networks.text.projection.weight.zero_()
        made.networks.text.projection.bias.fill_(1.0)
    old, new = (
        answers(one, data, "f", lambda _done, _total: None) for one in (good, made.encoder())
    )
    reasons = worse(compare(old, new), 0.0)
    assert any(reason.startswith("text R@1 fell by") for reason in reasons)


def _silent(_: Told) -> None:
    pass
