"""A run's folder: what it was told and with what, and what it ends in."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.encoder import load_encoder
from models.errors import InputError
from models.manifest import Heard, Manifest
from models.neighbours import write_neighbours
from models.objective import PairWeights
from models.train_folder import RunFacts, describe, finish
from tests.models.tiny_training import (
    OPTIONS,
    Clock,
    silent,
    trainer,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_run_ends_in_a_checkpoint_with_thresholds_and_a_card_of_its_own_figures(
    tmp_path: Path, weights: Path, data: Manifest
) -> None:
    made = trainer(weights, data)
    facts = RunFacts("tiny", "Coloured patches", "abc", tmp_path)
    describe(tmp_path, facts, OPTIONS, data)
    standing = made.run(tmp_path, silent, Clock())
    report = finish(made, standing, data, tmp_path, facts)
    encoder = load_encoder(str(tmp_path / "checkpoint"), tmp_path, "cpu")
    assert {item.fingerprint for item in encoder.calibrations} == {encoder.fingerprint}
    card = (tmp_path / "checkpoint" / "README.md").read_text()
    both = report["splits"]["test"]["recall"]["both"]
    assert f"| {both['recall_at_1']:.3f} (" in card
    assert "Coloured patches" in card
    rows = (tmp_path / "curve.csv").read_text().splitlines()
    assert len(rows) == standing.step + 1


def test_a_run_says_what_made_it(tmp_path: Path, weights: Path, data: Manifest) -> None:
    config = trainer(weights, data).config
    facts = RunFacts("tiny", "x", "abc", tmp_path, config, 4, "cuda")
    describe(tmp_path, facts, OPTIONS, data)
    told = json.loads((tmp_path / "run.json").read_text())
    assert (told["processes"], told["device"], told["revision"]) == (4, "cuda", "abc")
    assert {"python", "torch", "accelerate"} <= told["versions"].keys()
    assert told["encoder"]["image"]["architecture"] == "test_efficientnet"
    assert told["data"] == data.learnt_fingerprint
    del told["encoder"]
    older = tmp_path / "older"
    older.mkdir()
    (older / "run.json").write_text(json.dumps(told))
    describe(older, facts, OPTIONS, data)
    other = replace(facts, config=replace(config, frames=2))
    with pytest.raises(InputError, match="another encoder"):
        describe(tmp_path, other, OPTIONS, data)


def test_a_folder_of_another_run_is_refused(tmp_path: Path, data: Manifest) -> None:
    facts = RunFacts("tiny", "x", "", tmp_path)
    describe(tmp_path, facts, OPTIONS, data)
    describe(tmp_path, facts, OPTIONS, data)
    with pytest.raises(InputError, match="another recipe; go on with the same"):
        describe(tmp_path, facts, replace(OPTIONS, seed=9), data)


def test_a_run_from_before_an_option_goes_on_with_its_default(
    tmp_path: Path, data: Manifest
) -> None:
    facts = RunFacts("tiny", "x", "", tmp_path)
    describe(tmp_path, facts, OPTIONS, data)
    told = json.loads((tmp_path / "run.json").read_text())
    for part, key in (("loss", "video"), ("sampler", "pairs")):
        del told["recipe"][part][key]
    (tmp_path / "run.json").write_text(json.dumps(told))
    describe(tmp_path, facts, OPTIONS, data)
    weighted = replace(OPTIONS.loss, video=PairWeights(whole=1.0))
    with pytest.raises(InputError, match="another recipe"):
        describe(tmp_path, facts, replace(OPTIONS, loss=weighted), data)


def test_a_run_with_a_list_that_was_mined_anew_is_another(tmp_path: Path, data: Manifest) -> None:
    facts, near = RunFacts("tiny", "x", "", tmp_path), tmp_path / "near.jsonl"
    write_neighbours(near, {"p0": ("p1",)})
    sampler = replace(OPTIONS.sampler, mined=0.2, negatives=str(near))
    options = replace(OPTIONS, sampler=sampler)
    describe(tmp_path, facts, options, data)
    describe(tmp_path, facts, options, data)
    write_neighbours(near, {"p0": ("p2",)})
    with pytest.raises(InputError, match="another negatives"):
        describe(tmp_path, facts, options, data)


def test_a_run_goes_on_with_more_to_be_examined_on_but_not_with_more_to_learn(
    tmp_path: Path, data: Manifest
) -> None:
    facts = RunFacts("tiny", "", "", tmp_path)
    describe(tmp_path, facts, OPTIONS, data)
    page = data.pages[0].product_id
    more = Heard(page, "said later", "transcript", "test")
    describe(tmp_path, facts, OPTIONS, replace(data, texts=(*data.texts, more)))
    learnt = replace(data, texts=(*data.texts, replace(more, split="train")))
    with pytest.raises(InputError, match="another data"):
        describe(tmp_path, facts, OPTIONS, learnt)
