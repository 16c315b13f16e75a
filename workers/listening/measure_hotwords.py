"""Hotwords: rooms keep their own in a mixed batch, noise says none, and names of brands are heard.

`mixed`: orders whose rooms expect, in turn, the menu or the words of a shop, in one batch and each
alone. `noise`: sounds in which nobody speaks, with the menu expected. `brands`: names of brands in
spoken scripts, with and without the words of the room's cart.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.errors import InputError
from models.paired import paired_difference
from workers.listening.bench import Bench, Figures
from workers.listening.material import order_rooms, script_rooms, scripts_of, with_hotwords
from workers.listening.measure_nonspeech import has_words, nonspeech_rooms
from workers.listening.measure_slots import NO_ORDERS
from workers.listening.measure_words import NO_SCRIPTS
from workers.listening.order_slots import phrases_in
from workers.recorded_orders import menu_of, read_orders
from workers.rooms.products import Item
from workers.rooms.spoken_scripts import SpokenScript
from workers.voice_slots import plain_words

HotwordsOf = Callable[[list[str]], str]
"""Titles of a cart → words to expect, as the stages have it."""
_MIXED = 64
_DRINKS = ("latte", "mocha", "espresso", "americano", "cappuccino", "dark roast", "house coffee")


@dataclass(frozen=True)
class _Mentions:
    """Names of brands in one script."""

    said: int
    heard: int
    false: int
    """Heard more often than they were said."""


def measure_hotwords(bench: Bench, hotwords_of: HotwordsOf, shop: Sequence[Item]) -> Figures:
    """Return the three figures, as far as there is material.

    Args:
        bench: ears and material.
        hotwords_of: what a cart's titles let expect.
        shop: a cart that is no menu.
    """
    return {
        "mixed": _mixed(bench, hotwords_of([item.title for item in shop]), shop),
        "noise": _noise(bench),
        "brands": _brands(bench, hotwords_of),
    }


def _mixed(bench: Bench, words: str, shop: Sequence[Item]) -> Figures:
    folder = bench.material.orders
    if folder is None:
        return {"skipped": NO_ORDERS}
    menu = menu_of(read_orders(folder))
    hotwords = (", ".join(menu), words)
    rooms = [
        replace(room, hotwords=hotwords[at % 2])
        for at, room in enumerate(order_rooms(bench.material, bench.tell, _MIXED))
    ]
    mixed = [one.text for one in bench.heard("mixed carts", rooms)]
    single = [one.text for one in bench.heard("mixed carts", rooms, at_once=1)]
    foreign = [plain_words(brand) for brand in {item.brand for item in shop}]
    return {
        "rooms": len(rooms),
        "same_words_as_one_at_a_time": float(
            np.mean([one == other for one, other in zip(single, mixed, strict=True)])
        ),
        # Nobody says these, and in every other room they are expected by the neighbours alone.
        "brands_of_other_carts": sum(
            len(phrases_in(plain_words(text), foreign)) for text in mixed[::2]
        ),
    }


def _noise(bench: Bench) -> Figures:
    menu = menu_of(read_orders(bench.material.orders)) if bench.material.orders else list(_DRINKS)
    wanted = [plain_words(word) for word in menu]
    found: Figures = {}
    for kind, rooms in nonspeech_rooms(bench, ", ".join(menu)).items():
        texts = [one.text for one in bench.heard("nonspeech hotwords", rooms)]
        found[kind] = {
            "sounds": len(rooms),
            "with_a_hotword": sum(bool(phrases_in(plain_words(one), wanted)) for one in texts),
            "with_any_word": sum(map(has_words, texts)),
        }
    return found


def _brands(bench: Bench, hotwords_of: HotwordsOf) -> Figures:
    scripts, rooms = scripts_of(bench.material), script_rooms(bench.material, bench.tell)
    if not scripts:
        return {"skipped": NO_SCRIPTS}
    helped = [
        replace(room, hotwords=hotwords_of(list(script.titles)))
        for room, script in zip(rooms, scripts, strict=True)
    ]
    ways = {
        "with_hotwords": bench.heard("scripts hotwords", helped),
        "without_hotwords": bench.heard("scripts", with_hotwords(rooms, "")),
    }
    found = {
        way: [_mentions(script, one.text) for script, one in zip(scripts, heard, strict=True)]
        for way, heard in ways.items()
    }
    voices = sorted({one.voice for one in scripts})
    return {
        "voices": voices,
        **{way: _shares(some) for way, some in found.items()},
        "with_less_without": _difference(found["with_hotwords"], found["without_hotwords"]),
        "by_voice": {
            voice: {
                way: _shares(
                    [m for m, one in zip(some, scripts, strict=True) if one.voice == voice]
                )
                for way, some in found.items()
            }
            for voice in voices
        },
    }


def _mentions(script: SpokenScript, text: str) -> _Mentions:
    brands = [plain_words(brand) for brand in script.brands]
    said = Counter(phrases_in(plain_words(script.text), brands))
    heard = Counter(phrases_in(plain_words(text), brands))
    return _Mentions(said.total(), (said & heard).total(), (heard - said).total())


def _shares(scripts: Sequence[_Mentions]) -> Figures:
    said = sum(one.said for one in scripts)
    return {
        "said": said,
        "recall": sum(one.heard for one in scripts) / max(1, said),
        "false": sum(one.false for one in scripts),
    }


def _difference(first: Sequence[_Mentions], second: Sequence[_Mentions]) -> Figures:
    counts = [one.said for one in first]
    one, other = (
        np.repeat([script.heard / max(1, script.said) for script in some], counts)[None]
        for some in (first, second)
    )
    try:
        found = paired_difference(one, other, np.repeat(np.arange(len(counts)), counts))
    except InputError:
        return {"skipped": "no brand is said in these scripts"}
    return {"mean": found.mean, "interval": found.interval}
