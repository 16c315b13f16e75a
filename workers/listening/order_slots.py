"""Recorded orders against what was heard: slots, whole orders, and hotwords that nobody said.

In: what was ordered, the text that was heard, the menu. Out: counts of each order, and shares of
many. A slot counts as heard as in `workers.voice_slots`. A hotword counts as false when it stands
in the text as a phrase of its own and is part of no slot of the order.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.paired import Difference, paired_difference
from workers.recorded_orders import Order
from workers.voice_slots import plain_words, slots_in


@dataclass(frozen=True)
class OrderHeard:
    """Counts of one order."""

    slots: int
    heard: int
    menu_words: int
    """Phrases of the menu in the text."""
    false: int
    """Of these, those that were not said."""

    @property
    def is_whole(self) -> bool:
        """Whether every slot was heard."""
        return self.heard == self.slots


def is_set_aside(order: Order) -> bool:
    """Whether an order is of the third that nothing is tuned on, drawn by its file's name."""
    return hashlib.sha256(order.file.encode()).digest()[0] % 3 == 0


def count_order(order: Order, text: str, menu: Sequence[str]) -> OrderHeard:
    """Return the counts of one order."""
    plain = plain_words(text)
    said = [plain_words(words) for words in order.slots.values()]
    told = phrases_in(plain, [plain_words(name) for name in menu])
    return OrderHeard(
        slots=len(said),
        heard=slots_in(order, text),
        menu_words=len(told),
        false=sum(not any(name in words for words in said) for name in told),
    )


def phrases_in(plain: str, phrases: Sequence[str]) -> list[str]:
    """Return which phrases stand in a text, longest first; what is inside a longer one is not one.

    Args:
        plain: words with a space around each, as `plain_words` gives them.
        phrases: like it.
    """
    found: list[str] = []
    for phrase in sorted(phrases, key=lambda one: (-len(one), one)):
        while phrase in plain:
            found.append(phrase)
            plain = plain.replace(phrase, " | ", 1)
    return found


def shares(orders: Sequence[OrderHeard]) -> dict[str, float | int]:
    """Return slots and whole orders heard, and the share of false ones among words of the menu."""
    slots = sum(one.slots for one in orders)
    menu_words, false = sum(one.menu_words for one in orders), sum(one.false for one in orders)
    return {
        "orders": len(orders),
        "slots": slots,
        "slots_heard": sum(one.heard for one in orders) / max(1, slots),
        "whole_orders": sum(one.is_whole for one in orders) / max(1, len(orders)),
        "menu_words_heard": menu_words,
        "false_slots": false / max(1, menu_words),
    }


def slots_difference(first: Sequence[OrderHeard], second: Sequence[OrderHeard]) -> Difference:
    """Return the share of slots heard of `first` less that of `second`, by a bootstrap over orders.

    Raises:
        InputError: there is no slot at all.
    """
    counts = [one.slots for one in first]
    one, other = (
        np.repeat([order.heard / max(1, order.slots) for order in some], counts)[None]
        for some in (first, second)
    )
    return paired_difference(one, other, np.repeat(np.arange(len(counts)), counts))


def whole_difference(first: Sequence[OrderHeard], second: Sequence[OrderHeard]) -> Difference:
    """Return the share of whole orders of `first` less that of `second`, likewise.

    Raises:
        InputError: there is no order.
    """
    one, other = (np.array([[float(order.is_whole) for order in some]]) for some in (first, second))
    return paired_difference(one, other, np.arange(len(first)))
