"""Slots of orders, whole orders, and hotwords that nobody said, against slow counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.listening.order_slots import (
    OrderHeard,
    count_order,
    is_set_aside,
    phrases_in,
    shares,
    slots_difference,
    whole_difference,
)
from workers.recorded_orders import Order, menu_of

MENU = ["coffee", "iced coffee", "latte", "dark roast"]
ORDER = Order(
    "a.flac", {"coffeeDrink": "iced coffee", "size": "twelve ounce", "roast": "dark roast"}
)
COUNTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 4)).map(
        lambda two: OrderHeard(two[0], min(two), menu_words=2, false=two[1] // 3)
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    ("text", "heard", "menu_words", "false"),
    [
        ("A 12-ounce dark roast iced coffee.", 3, 2, 0),
        ("a dark roast coffee", 1, 2, 0),
        ("a dark roast latte", 1, 2, 1),
        ("iced coffee, and a latte, a latte", 1, 3, 2),
        ("", 0, 0, 0),
    ],
)
def test_slots_and_false_hotwords_are_counted(
    text: str, heard: int, menu_words: int, false: int
) -> None:
    found = count_order(ORDER, text, MENU)
    assert found == OrderHeard(3, heard, menu_words, false)
    assert found.is_whole == (heard == 3)


def test_a_phrase_inside_a_longer_one_is_not_another_one() -> None:
    phrases = [" coffee ", " iced coffee ", " ice "]
    assert phrases_in(" my iced coffee and coffee ", phrases) == [" iced coffee ", " coffee "]


def test_neighbouring_phrases_are_all_found() -> None:
    assert phrases_in(" latte latte ", [" latte "]) == [" latte ", " latte "]


def test_the_menu_is_drinks_and_roasts() -> None:
    assert menu_of([ORDER, Order("b", {"size": "large", "coffeeDrink": "latte"})]) == [
        "dark roast", "iced coffee", "latte",
    ]  # fmt: skip


def test_about_a_third_is_set_aside_and_always_the_same() -> None:
    orders = [Order(f"{number}.flac", {}) for number in range(600)]
    aside = [order for order in orders if is_set_aside(order)]
    assert 150 < len(aside) < 250
    assert aside == [order for order in orders if is_set_aside(order)]


@given(orders=COUNTS)
def test_shares_are_those_of_slow_counts(orders: list[OrderHeard]) -> None:
    slots = heard = whole = words = false = 0
    for one in orders:
        slots, heard = slots + one.slots, heard + one.heard
        whole += 1 if one.heard == one.slots else 0
        words, false = words + one.menu_words, false + one.false
    found = shares(orders)
    assert found["slots_heard"] == pytest.approx(heard / slots)
    assert found["whole_orders"] == pytest.approx(whole / len(orders))
    assert found["false_slots"] == pytest.approx(false / words)


@given(orders=COUNTS)
def test_differences_are_those_of_the_shares(orders: list[OrderHeard]) -> None:
    nothing = [OrderHeard(one.slots, 0, 0, 0) for one in orders]
    found = shares(orders)
    assert slots_difference(orders, nothing).mean == pytest.approx(found["slots_heard"])
    assert whole_difference(orders, nothing).mean == pytest.approx(found["whole_orders"])
    assert slots_difference(orders, orders).interval == (0.0, 0.0)
