"""Shows that are hard to read: what is said in them, and how they stand among others."""

import random
import re
import tomllib
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from tests.workers.test_rooms_pairs import OPTIONS, VOICES, Parrot
from workers.asr import Transcriber
from workers.rooms.hard_shows import (
    HARD_BOOK,
    HardOptions,
    apart,
    is_hard,
    write_hard_show,
)
from workers.rooms.inventions import is_held_out
from workers.rooms.pair_scripts import Show, ShowOptions, stock_of
from workers.rooms.pairs import PairMaker
from workers.rooms.phrases import load_book
from workers.rooms.products import load
from workers.rooms.talk import talked_over
from workers.rooms.voices import Use

SHOWS = ShowOptions(stock_families=12)
STOCKS = {use: stock_of(load(), use, 1, SHOWS) for use in ("train", "held-out")}


def hard_show(use: Use, seed: int) -> Show:
    draw = random.Random(seed)  # noqa: S311 (not for secrets)
    return write_hard_show(STOCKS[use], use, draw, SHOWS)


@given(st.sampled_from(["train", "held-out"]), st.integers(0, 10_000))
def test_another_product_named_in_a_pitch_shares_no_word_unless_it_is_taken_back(
    use: Use, seed: int
) -> None:
    show = hard_show(use, seed)
    known = {item.product_id: item for item in (*show.cart, *show.strangers)}
    for segment in show.segments:
        if segment.product_id is None:
            continue
        sold = known[segment.product_id]
        for line in segment.lines:
            if line.about is None:
                continue
            other = known[line.about]
            taken_back = line.kind == "correction" and other.family == sold.family
            assert apart(sold, other) or taken_back
            if line.kind == "correction":
                assert line.text.index(other.variant) < line.text.rindex(sold.variant)


@given(st.sampled_from(["train", "held-out"]), st.integers(0, 10_000))
def test_brands_and_sentences_are_of_the_shows_own_use(use: Use, seed: int) -> None:
    show = hard_show(use, seed)
    invented = [*show.strangers, *(show.cart if use == "train" else ())]
    assert all(is_held_out(item.brand) == (use == "held-out") for item in invented)
    assert {line.product_id for line in show.segments} - {None} <= {
        item.product_id for item in show.cart
    }


def test_the_halves_of_the_book_share_no_phrase_and_name_what_they_are_about() -> None:
    for name, halves in tomllib.loads(HARD_BOOK.read_text()).items():
        assert not set(halves["train"]) & set(halves["held-out"])
        for phrase in (*halves["train"], *halves["held-out"]):
            assert ("{other_" in phrase.lower()) == (name != "order_silence")
    assert set(load_book("train", HARD_BOOK)) == set(load_book("held-out", HARD_BOOK))


def test_every_pool_of_the_book_is_used() -> None:
    shows = [hard_show("train", seed) for seed in range(40)]
    texts = [line.text for show in shows for one in show.segments for line in one.lines]
    for pool, phrases in load_book("train", HARD_BOOK).items():
        fixed = [max(re.split(r"\{\w+\}", phrase), key=len) for phrase in phrases]
        assert any(part in text for part in fixed for text in texts), pool


def test_no_share_makes_no_show_hard_and_a_larger_one_takes_none_back() -> None:
    names = [f"train-1-{number:05d}" for number in range(400)]
    some, more = ([is_hard(name, share) for name in names] for share in (0.2, 0.6))
    assert not any(is_hard(name, 0.0) for name in names)
    assert all(is_hard(name, 1.0) for name in names)
    assert 50 < sum(some) < 110
    assert all(after or not before for before, after in zip(some, more, strict=True))


def test_shows_that_are_not_hard_are_as_they_would_be_without() -> None:
    plain = PairMaker(load(), VOICES, Transcriber(Parrot()), "train", OPTIONS)
    options = replace(OPTIONS, hard=HardOptions(share=0.5, second_share=1.0))
    mixed = PairMaker(load(), VOICES, Transcriber(Parrot()), "train", options)
    easy = next(at for at in range(50) if not is_hard(f"train-1-{at:05d}", 0.5))
    hard = next(at for at in range(50) if is_hard(f"train-1-{at:05d}", 0.5))
    assert list(map(asdict, mixed.show(easy))) == list(map(asdict, plain.show(easy)))
    made = mixed.show(hard)
    assert made == mixed.show(hard)
    assert {pair.source for pair in made} == {"hard"}
    assert len({pair.id for pair in made}) == len(made)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_beyond_its_bounds_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="want 0 to 1"):
        HardOptions(share=share)


def test_a_second_voice_is_under_all_of_the_first_at_its_level() -> None:
    first, second = np.zeros(1_000, np.float32), np.full(300, 0.1, np.float32)
    mixed = talked_over(first, second, 20.0)
    assert mixed.shape == (1_000,)
    assert mixed == pytest.approx(np.full(1_000, 0.01), rel=1e-3)
