"""How often grams occur: counted as a slow loop counts, and the same bytes from the same texts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.rarity import Rarity, fit_rarity, from_json, shipped_rarity, to_json

TEXTS = st.lists(st.sets(st.integers(0, 20), max_size=8), min_size=1, max_size=30)


@given(texts=TEXTS, term=st.integers(0, 20))
def test_a_term_is_worth_what_a_slow_count_says(texts: list[set[int]], term: int) -> None:
    count = sum(term in text for text in texts)
    floor = max(count, len(texts) / 300)
    worth = max(0.0, math.log((len(texts) + 1) / (floor + 0.5)))
    assert fit_rarity(texts).weight(term) == pytest.approx(worth)


@given(texts=TEXTS)
def test_a_table_survives_its_json_and_is_the_same_in_any_order(texts: list[set[int]]) -> None:
    table = fit_rarity(texts)
    again = from_json(to_json(table), "x")
    assert again == table
    assert to_json(fit_rarity(texts[::-1])) == to_json(table)
    assert again.version == table.version


def test_a_term_in_fewer_than_one_text_of_300_is_as_good_as_unknown() -> None:
    table = fit_rarity([{1, 2} if n < 2 else {2} for n in range(900)])
    assert table.counts == {2: 900}
    assert table.weight(1) == table.weight(77) > 5.0
    assert table.weight(2) < 0.01


def test_the_shipped_table_knows_common_words_and_brings_its_version() -> None:
    table = shipped_rarity()
    assert table.texts > 10_000
    assert len(table.version) == 8
    changed = Rarity(table.texts, {**table.counts, 5: 1_000})
    assert changed.version != table.version


@pytest.mark.parametrize(
    "told",
    ["", "[]", "{}", '{"texts": 1, "terms_by_count": {"2": [3]}}', '{"texts": 1}'],
)
def test_what_is_no_table_is_refused(told: str) -> None:
    with pytest.raises(InputError, match="x"):
        from_json(told, "x")
