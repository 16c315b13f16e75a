"""The invented hosts: what is said, and of what."""

import itertools
import random
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from workers.rooms import products
from workers.rooms.phrases import (
    BOOK,
    Line,
    Phrases,
    load_book,
    seconds_of,
    siblings,
    told_apart,
    words_of,
)
from workers.rooms.pitch import chatter_lines, pitch_lines
from workers.rooms.products import Item
from workers.rooms.script import (
    ScriptOptions,
    script_seconds,
    sold_count,
    write_script,
    write_short_script,
)
from workers.rooms.words import amount_words, magnitude, number_words, price_words, size_words


def item(variant: str = "Peppermint", size: str = "20 bags", brand: str = "Snugfern") -> Item:
    return Item(
        products.slug(f"{brand} {variant} {size}"),
        brand, "herbal tea", variant, size, "box", "shop", "4.20", "", "", "", "", "", "", "",
        ("it calms you down", "it tastes of summer", "the box closes well"),
        {"colour": variant.lower() + " green"},
    )  # fmt: skip


CART = [
    item(variant, size, brand)
    for brand in ("Snugfern", "Oatrelle", "Pomarrow")
    for variant in ("Peppermint", "Chamomile", "Fennel")
    for size in ("20 bags", "80 bags")
]


@given(st.integers(0, 9_999), st.integers(0, 9_999))
def test_no_two_numbers_are_said_alike(one: int, other: int) -> None:
    assert (number_words(one) == number_words(other)) == (one == other)


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


@pytest.mark.parametrize(
    ("size", "amount", "words"),
    [
        ("330 ml", "three hundred and thirty millilitres", "three hundred and thirty millilitres"),
        ("1 litre", "one litre", "one litre"),
        ("2 litre", "two litres", "two litres"),
        ("1.5 litre", "one point five litres", "one point five litres"),
        ("A5, 192 pages", None, "A five, one hundred and ninety two pages"),
        ("50 x 70 cm", None, "fifty by seventy centimetres"),
        ("Large", None, "Large"),
    ],
)
def test_size_is_said_in_words(size: str, amount: str | None, words: str) -> None:
    assert amount_words(size) == amount
    assert size_words(size).replace("Afive", "A five") == words


def test_sizes_of_one_product_compare_across_units() -> None:
    assert magnitude("1.5 litre") == 1_500
    assert magnitude("500 ml") == 500
    assert magnitude("Large") is None


def test_halves_of_the_book_share_no_sentence() -> None:
    train, held_out = load_book("train"), load_book("held-out")
    assert train.keys() == held_out.keys()
    for pool in train.keys() - {"filler"}:
        assert not set(train[pool]) & set(held_out[pool])
        assert len(set(train[pool])) == len(train[pool])
    assert sum(len(pool) for book in (train, held_out) for pool in book.values()) >= 400


def test_every_blank_of_the_book_can_be_filled() -> None:
    known = words_of(CART[0], random.Random(1), CART[1], CART[2])  # noqa: S311 (not for secrets)
    known |= {"point": "x"}
    for halves in tomllib.loads(BOOK.read_text()).values():
        for phrase in itertools.chain(*halves.values()):
            blanks = [name for _, name, _, _ in string.Formatter().parse(phrase) if name]
            assert {blank.lower() for blank in blanks} <= known.keys(), phrase


def test_no_phrase_comes_again_before_its_pool_is_used_up() -> None:
    phrases = Phrases(random.Random(1), "train", fillers=0.0)  # noqa: S311 (not for secrets)
    pool = load_book("train")["closing"]
    said = [phrases.next("closing", {}) for _ in pool]
    assert sorted(line.text for line in said if line) == sorted(pool)


def test_phrase_whose_blank_is_unknown_is_not_used() -> None:
    phrases = Phrases(random.Random(1), "train")  # noqa: S311 (not for secrets)
    assert phrases.next("correction", {"variant": "Mint", "brand": "A", "short": "tea"}) is None


@pytest.mark.parametrize(
    ("told", "apart"),
    [
        ({"brand", "variant", "size"}, True),
        ({"brand", "variant"}, False),
        ({"variant", "size"}, False),
        ({"colour"}, False),
        (set(), False),
    ],
)
def test_words_tell_apart_what_no_rival_shares(told: set[str], apart: bool) -> None:
    words = [word for word in ("brand", "variant", "size", "colour") if word in told]
    assert told_apart(words, CART[0], CART) is apart
    assert told_apart((), CART[0], CART[:1]), "nothing else could be meant"


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from(["train", "held-out"]), st.integers(1, 2))
def test_pitch_names_its_product_and_says_which_words_it_named(
    seed: int, use: str, hosts: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 (not for secrets)
    phrases = Phrases(draw, "train" if use == "train" else "held-out")
    lines = pitch_lines(CART[0], draw, phrases, CART, 30.0, hosts)
    assert sum("brand" in line.told for line in lines) >= 1
    assert told_apart({word for line in lines for word in line.told}, CART[0], CART)
    assert 20 < seconds_of(lines) < 50
    assert {line.host for line in lines} <= set(range(hosts))
    for line in lines:
        assert "{" not in line.text
        if "brand" in line.told:
            assert "Snugfern" in line.text
        if "variant" in line.told:
            assert "Peppermint" in line.text
        if line.kind in {"mention", "comparison"} and line.about:
            other = next(one for one in CART if one.product_id == line.about)
            assert other.variant in line.text


def test_chatter_names_no_product_unless_it_is_a_mention() -> None:
    draw = random.Random(3)  # noqa: S311 (not for secrets)
    lines = chatter_lines(draw, Phrases(draw, "train"), 200.0, CART)
    assert seconds_of(lines) >= 200
    for line in lines:
        assert ("Snugfern" in line.text or line.about is not None) == (line.kind == "mention") or (
            line.kind == "mention"
        )
        assert not line.told


def options(seed: int, hosts: int = 1) -> ScriptOptions:
    return ScriptOptions(seed, 3.5, "held-out", hosts)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(1, 2))
def test_room_sells_its_goods_in_order_and_breaks_once_for_long(
    seed: int, count: int, hosts: int
) -> None:
    sold = random.Random(seed).sample(CART, count)  # noqa: S311 (not for secrets)
    others = [one for one in CART if one not in sold]
    script = write_script(sold, others, options(seed, hosts))
    first = list(dict.fromkeys(part.product_id for part in script if part.product_id))
    assert first == [one.product_id for one in sold]
    breaks = [part for part in script[1:-1] if part.product_id is None]
    assert sum(seconds_of(part.lines) >= 29 for part in breaks) == 1
    straight = [
        one.product_id
        for one, other in itertools.pairwise(script)
        if one.product_id and other.product_id
    ]
    assert len(straight) == (1 if count > 2 else 0)
    assert script[0].product_id is None
    assert script[-1].product_id is None


@pytest.mark.parametrize("seed", range(8))
def test_room_is_about_as_long_as_asked(seed: int) -> None:
    sold = CART[: sold_count(3.5, seed)]
    assert 4 <= len(sold) <= 7
    script = write_script(sold, CART[7:], options(seed))
    assert 180 < script_seconds(script) < 290


def test_same_seed_says_the_same_and_another_does_not() -> None:
    assert write_script(CART[:4], CART[4:], options(3)) == write_script(
        CART[:4], CART[4:], options(3)
    )
    assert write_script(CART[:4], CART[4:], options(3)) != write_script(
        CART[:4], CART[4:], options(5)
    )


def test_short_script_names_each_product_with_a_bridge_between() -> None:
    one, bridge, other = write_short_script(CART[:2], 1)
    assert (one.product_id, bridge.product_id) == (CART[0].product_id, None)
    assert other.lines[0] == Line("Here we have the Snugfern Peppermint herbal tea.", "pitch")


def test_near_duplicates_share_brand_and_kind() -> None:
    assert len(siblings(CART[0], CART)) == 5
    assert CART[0] not in siblings(CART[0], CART)


def test_book_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text("[first]\ntrain = ['a']\n")
    with pytest.raises(InputError, match=r"book\.toml is no book of phrases.*held-out"):
        load_book("held-out", path)
