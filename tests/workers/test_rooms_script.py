"""The invented host: what is said, and of what."""

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from workers.rooms import products
from workers.rooms.script import (
    Phrases,
    amount_words,
    number_words,
    price_words,
    write_script,
    write_short_script,
)

ITEMS = products.load()


def said(number: int) -> int:
    """Read number words back, the slow way."""
    return next(value for value in range(1_000) if number_words(value) == number_words(number))


@given(st.integers(0, 999))
def test_no_two_numbers_are_said_alike(number: int) -> None:
    assert said(number) == number


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ("1.79", "one dollar seventy nine"),
        ("14.00", "fourteen dollars"),
        ("112.05", "one hundred and twelve dollars five"),
    ],
)
def test_price_is_said_as_a_host_says_it(price: str, words: str) -> None:
    assert price_words(price) == words


def test_size_that_is_no_amount_is_not_said() -> None:
    assert amount_words("330 ml") == "three hundred and thirty millilitres"
    assert amount_words("A5, 192 pages") is None


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_every_product_is_named_in_its_own_segment_and_in_no_other(seed: int, count: int) -> None:
    sold = ITEMS[seed % 40 : seed % 40 + count]
    script = write_script(sold, seed)
    assert [part.product_id for part in script if part.product_id] == [
        item.product_id for item in sold
    ]
    for item in sold:
        for part in script:
            names = sum(item.spoken_name in line for line in part.lines)
            assert names == (1 if part.product_id == item.product_id else 0)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_one_change_goes_without_words_and_a_long_break_lies_in_the_middle(seed: int) -> None:
    script = write_script(ITEMS[:6], seed)
    on_sale = [part.product_id is not None for part in script]
    straight = sum(one and other for one, other in itertools.pairwise(on_sale))
    assert straight == 1
    assert max(len(part.lines) for part in script[1:-1] if part.product_id is None) >= 7


def test_same_seed_says_the_same_and_another_does_not() -> None:
    assert write_script(ITEMS[:4], 3) == write_script(ITEMS[:4], 3)
    assert write_script(ITEMS[:4], 3) != write_script(ITEMS[:4], 5)
    assert len(write_short_script(ITEMS[:2], 1)) == 3


def test_no_phrase_comes_again_before_its_pool_is_used_up() -> None:
    phrases = Phrases(random.Random(1))  # noqa: S311 (not for secrets)
    pool = ("a {x}", "b {x}", "c {x}")
    assert sorted(phrases.next(pool, {"x": "1"}) for _ in pool) == ["a 1", "b 1", "c 1"]


def test_catalogue_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "families.toml"
    path.write_text("[[family]]\nbrand = 'Only a brand'\n")
    with pytest.raises(InputError, match=r"families\.toml is no catalogue.*variants"):
        products.load(path)
    with pytest.raises(InputError, match="not in the catalogue: nothing-like-it"):
        products.pick(ITEMS, ("nothing-like-it",))
