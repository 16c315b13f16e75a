"""Recorded orders against what was said: how many of the words that matter are heard.

In: a folder of `workers.recorded_orders`. Out: shares, without hotwords and with the menu as
hotwords.

A slot counts as heard when its words stand in the text in this order: lower case, no punctuation,
numbers as words.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from workers.asr import SpeechModel
from workers.recorded_orders import Order, OrderHearing, menu_of, read_orders, sound_of
from workers.utterances import UtteranceOptions

MOST_ORDERS = 150
_NUMBERS = {
    "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "8": "eight",
    "10": "ten", "12": "twelve", "16": "sixteen", "20": "twenty",
}  # fmt: skip


@dataclass(frozen=True)
class SlotsHeard:
    """Shares of what was said."""

    orders: int
    audio_s: float
    slots: int
    slots_heard: float
    whole_orders: float
    """Share of the orders whose slots were all heard."""
    slots_heard_hotwords: float
    whole_orders_hotwords: float


def measure_voices(
    folder: Path, model: SpeechModel, options: UtteranceOptions, most: int = MOST_ORDERS
) -> SlotsHeard:
    """Transcribe the first orders of a folder twice: without and with hotwords.

    Raises:
        InputError: the folder is not of the kind described above, or a recording cannot be read.
    """
    orders = read_orders(folder)[:most]
    sounds = [sound_of(folder, order) for order in orders]
    hearing = OrderHearing(model, options)
    plain, helped = (
        [hearing.text(chunks, hotwords) for chunks in sounds]
        for hotwords in ("", ", ".join(menu_of(orders)))
    )
    total = sum(len(order.slots) for order in orders)
    heard = [slots_in(order, text) for order, text in zip(orders, plain, strict=True)]
    better = [slots_in(order, text) for order, text in zip(orders, helped, strict=True)]
    whole = [len(order.slots) for order in orders]
    return SlotsHeard(
        orders=len(orders),
        audio_s=sum(chunks[-1].end_ms for chunks in sounds) / 1_000,
        slots=total,
        slots_heard=sum(heard) / total,
        whole_orders=_equal(heard, whole),
        slots_heard_hotwords=sum(better) / total,
        whole_orders_hotwords=_equal(better, whole),
    )


def plain_words(text: str) -> str:
    """Return a text's words, lower case, numbers as words, with a space around each."""
    words = re.sub(r"[^a-z0-9']+", " ", text.lower()).split()
    return f" {' '.join(_NUMBERS.get(word, word) for word in words)} "


def slots_in(order: Order, text: str) -> int:
    """Return how many of an order's slots stand in a text."""
    said = plain_words(text)
    return sum(plain_words(words) in said for words in order.slots.values())


def _equal(one: list[int], other: list[int]) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
