"""Heads on frozen branches: they learn what they may read, the same bits each time, and no more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.batch import Sample
from models.config import TemporalConfig
from models.errors import InputError
from models.exam import Exam, recalls
from models.head_training import FrozenBranches, HeadOptions, HeadTrainer, lent
from models.manifest import Manifest, Row
from models.row_texts import TextChoice
from models.sampler import SamplerOptions
from tests.models.tiny_training import manifest, parts

OPTIONS = HeadOptions(steps=60, views=2, rate=2e-2, sampler=SamplerOptions(live_rows=6))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Coloured patches; every clip with a product was heard to say its title."""
    made = manifest(tmp_path_factory.mktemp("patches"))
    titles = {row.product_id: row.title for row in made.pages}
    rows = [replace(row, transcript=titles.get(row.product_id)) for row in made.rows]
    return replace(made, rows=tuple(rows))


@pytest.fixture(scope="module")
def trainer(data: Manifest, tmp_path_factory: pytest.TempPathFactory) -> HeadTrainer:
    networks, tokenizer, config = parts(tmp_path_factory.mktemp("weights"))
    frozen = FrozenBranches(networks.image.branch, networks.text.branch, tokenizer)  # type: ignore[arg-type]
    told: list[tuple[int, int]] = []
    made = HeadTrainer(frozen, config, data, OPTIONS, lambda *at: told.append(at))
    clips = [row for row in data.live("train") if row.product_id is not None]
    assert told[-1] == (2 * (len(clips) + len(data.pages)),) * 2
    return made


def test_what_was_read_in_training_is_of_use_in_the_exam(
    trainer: HeadTrainer, data: Manifest
) -> None:
    choice = TextChoice("title", "transcript")
    exam = Exam(trainer.train(choice, 1), data, choice=choice)
    found = recalls(exam.clips("test"), exam.pages)
    assert found["both"].recall_at_1 == 1.0
    assert found["text"].recall_at_1 == 1.0
    blind = TextChoice("none", "none")
    looked = Exam(trainer.train(blind, 1), data, choice=blind)
    assert "text" not in recalls(looked.clips("test"), looked.pages)


def test_the_same_seed_gives_the_same_bits_and_branches_stay_as_they_were(
    trainer: HeadTrainer,
) -> None:
    choice = TextChoice("title", "transcript")
    samples = [Sample("live", (), "red blue"), Sample("page", (), "green")]
    one, again, other = (trainer.train(choice, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.encode(samples), again.encode(samples))
    assert not np.array_equal(one.encode(samples), other.encode(samples))
    first, second = one.branches.image, other.branches.image
    for name, tensor in first.state_dict().items():
        same = torch.equal(tensor, second.state_dict()[name])
        assert same == name.startswith("branch."), name


def test_a_clip_without_a_voice_borrows_words_and_silence_too() -> None:
    spoken = Row("oat", "live", ("a.jpg",), "train", transcript="oat milk", summary=None)
    named = replace(spoken, transcript="milk of oats", summary="oat milk")
    mute, other = replace(spoken, transcript=None), Row("jam", "live", ("b.jpg",), "train")
    clips = [spoken, named, mute, mute, mute, other]
    texts = ["oat milk", "milk of oats", None, None, None, None]
    heard = lent(clips, texts)
    assert heard == [*texts[:2], "oat milk", "milk of oats", "oat milk", None]
    summed = lent(clips, [None, "oat milk", None, None, None, None])
    assert summed == [None, "oat milk", None, "oat milk", None, None]


def test_what_is_no_head_is_refused(data: Manifest, tmp_path: Path) -> None:
    networks, tokenizer, config = parts(tmp_path)
    frozen = FrozenBranches(networks.image.branch, networks.text.branch, tokenizer)  # type: ignore[arg-type]
    timed = replace(config, temporal=TemporalConfig(layers=1))
    with pytest.raises(InputError, match="no temporal layer"):
        HeadTrainer(frozen, timed, data, OPTIONS, lambda _done, _total: None)
    with pytest.raises(InputError, match="views 0 should be 1 or more"):
        HeadOptions(views=0)
    with pytest.raises(InputError, match="hidden is 0.7"):
        HeadOptions(hidden=0.7)
