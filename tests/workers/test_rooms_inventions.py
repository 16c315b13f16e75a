"""Brands and goods that are invented on the spot."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from workers.rooms.inventions import invent_brand, invent_family, is_held_out, load_groups
from workers.rooms.voices import Use

SEEDS = st.integers(0, 10_000)


def drawn(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (not for secrets)


USES = st.sampled_from(["train", "held-out"])


@given(seed=SEEDS, use=USES)
def test_a_brand_is_of_the_use_it_was_made_for_and_of_no_other(seed: int, use: Use) -> None:
    assert is_held_out(invent_brand(drawn(seed), use)) == (use == "held-out")


@given(seed=SEEDS, use=USES, count=st.integers(1, 5))
def test_a_family_has_one_brand_and_kind_and_different_titles(
    seed: int, use: Use, count: int
) -> None:
    family = invent_family(drawn(seed), use, count)
    assert len(family) == count
    assert len({item.family for item in family}) == 1
    assert (
        len({item.title for item in family}) == len({item.product_id for item in family}) == count
    )
    assert family == invent_family(drawn(seed), use, count)


def test_brands_hardly_ever_come_twice() -> None:
    draw = drawn(3)
    assert len({invent_brand(draw, "train") for _ in range(1_000)}) > 970


def test_goods_are_of_many_kinds() -> None:
    kinds = [kind for group in load_groups() for kind in group.kinds]
    assert len(kinds) == len(set(kinds)) >= 150
    assert all(len(group.variants) >= 12 for group in load_groups())


@pytest.mark.parametrize("text", ["", "[[group]]\nkinds = ['a']\n", "group = 3", "["])
def test_a_file_of_no_goods_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "goods.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="no list of goods"):
        load_groups(path)
