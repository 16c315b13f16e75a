"""Phrases that hosts use: pools with blanks, split into a half for training and one for measuring.

In come a product and a seeded draw, out come spoken lines that say what kind of line each is and
which of the product's words it names. Nothing is timed here.
"""

import random
import re
import string
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from models.errors import InputError
from workers.rooms.hardships import Hardship
from workers.rooms.products import Item
from workers.rooms.voices import Use
from workers.rooms.words import amount_words, magnitude, number_words, price_words, size_words

BOOK = Path(__file__).with_name("phrases.toml")
Kind = Literal[
    "pitch", "price", "correction", "mention", "comparison", "question", "reply",
    "chatter", "bridge", "opening", "closing",
]  # fmt: skip
"""What a sentence is for; `mention` and `comparison` name another product than the one for sale."""
Word = Literal["brand", "name", "variant", "size", "colour"]
"""A word of a product that a sentence can name."""
_NAMES: dict[str, tuple[Word, ...]] = {
    "full": ("brand", "variant", "name"), "brand": ("brand",), "variant": ("variant",),
    "name": ("name",), "short": ("name",), "colour": ("colour",), "size": ("size",),
    "amount": ("size",), "size_word": ("size",),
}  # fmt: skip
_KINDS: dict[str, Kind] = {
    "price": "price", "correct_price": "correction", "correction": "correction",
    "mention": "mention", "chatter_mention": "mention", "comparison": "comparison",
    "question": "question", "reply": "reply", "chatter": "chatter", "bridge": "bridge",
    "opening": "opening", "closing": "closing", "slip": "correction", "slip_sibling": "correction",
    "rival": "mention", "talk_rival": "mention", "order": "mention", "talk": "chatter",
    "compare": "comparison", "beside": "mention", "cut_in": "reply",
}  # fmt: skip
_NAMES_OF_VIEWERS = frozenset({"Anna", "Ines", "Julia", "Lisa", "Peter", "Sophie"})
"""First words of phrases that keep their capital when a filler comes before them."""
_HESITATIONS = frozenset({"um", "uh", "erm", "you know", "I mean"})
"""Fillers that can stand inside a sentence."""


@dataclass(frozen=True)
class Line:
    """One sentence of a host."""

    text: str
    kind: Kind
    told: frozenset[Word] = frozenset()
    """The words of the product for sale that it names."""
    about: str | None = None
    """The id of another product that it names."""
    host: int = 0
    """Who says it: 0, or 1 for a second host."""
    hardship: Hardship | None = None
    """What makes it hard, where it is this sentence and not the whole stretch."""
    over_ms: int = 0
    """How long it is said at once with the end of the sentence before."""


def told_apart(told: Iterable[Word], item: Item, rivals: Iterable[Item]) -> bool:
    """Return whether these words, heard without a mistake, fit the item and none of its rivals."""
    words = tuple(told)
    return all(
        any(_value(item, word) != _value(rival, word) for word in words)
        for rival in rivals
        if rival.product_id != item.product_id
    )


def _value(item: Item, word: Word) -> str:
    return item.attributes.get("colour", "") if word == "colour" else str(getattr(item, word))


@cache
def load_book(use: Use, path: Path = BOOK) -> dict[str, tuple[str, ...]]:
    """Return the pools of one use.

    Raises:
        InputError: the file is no book of phrases.
    """
    try:
        pools = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: tuple(map(str, halves[use])) for name, halves in pools.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        message = f"{path} is no book of phrases: {error!r}"
        raise InputError(message) from error


@cache
def _blanks(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


class Phrases:
    """Draws phrases of one use; none comes again before its pool is used up."""

    def __init__(
        self, draw: random.Random, use: Use, fillers: float = 0.2, book: Path = BOOK
    ) -> None:
        self._draw = draw
        self._book = load_book(use, book)
        self._fillers = fillers
        self._left: dict[str, list[str]] = {}

    def next(
        self, pool: str, words: Mapping[str, str | None], about: str | None = None
    ) -> Line | None:
        """Return the pool's next line with its blanks filled; none where no phrase fits."""
        template = self._template(pool, words)
        if template is None:
            return None
        blanks = {blank.lower() for blank in _blanks(template)}
        told = frozenset(word for blank in blanks for word in _NAMES.get(blank, ()))
        filled = template.format_map(_capitals(words)).replace("..", ".")
        filled = re.sub(r"\b([Tt])he The ", r"\1he ", filled)
        other = about if any(blank.startswith("other") for blank in blanks) else None
        return Line(self._with_filler(filled, words), _KINDS.get(pool, "pitch"), told, other)

    def _template(self, pool: str, words: Mapping[str, str | None]) -> str | None:
        every = self._book[pool]
        left = self._left.setdefault(pool, [])
        for again in (False, True):
            if again or not left:
                left[:] = self._draw.sample(every, len(every))
            for at in range(len(left) - 1, -1, -1):
                if all(words.get(blank.lower()) for blank in _blanks(left[at])):
                    return left.pop(at)
        return None

    def _with_filler(self, text: str, words: Mapping[str, str | None]) -> str:
        if self._draw.random() >= self._fillers:
            return text
        filler = self._draw.choice(self._book["filler"])
        places = [at for word in (" the ", " a ", " is ") if (at := text.find(word, 8)) > 0]
        if places and filler in _HESITATIONS and self._draw.random() < 0.6:
            at = self._draw.choice(places)
            return f"{text[:at].rstrip(',')}, {filler},{text[at:]}"
        first, _, rest = text.partition(" ")
        kept = {value.split()[0] for value in words.values() if value} | _NAMES_OF_VIEWERS
        if not first.startswith("I'") and first.strip(",.:?") not in kept | {"I"}:
            first = first.lower()
        return f"{filler[0].upper()}{filler[1:]}, {first} {rest}".rstrip()


def _capitals(words: Mapping[str, str | None]) -> dict[str, str]:
    known = {name: value for name, value in words.items() if value}
    return known | {
        f"{name[0].upper()}{name[1:]}": f"{value[0].upper()}{value[1:]}"
        for name, value in known.items()
    }


def words_of(
    item: Item, draw: random.Random, sibling: Item | None = None, other: Item | None = None
) -> dict[str, str | None]:
    """Return what the blanks of a product's phrases are filled with.

    Args:
        item: the product for sale.
        draw: draws the wrong price.
        sibling: a product of its family that it can be confused with.
        other: any other product.
    """
    dollars = int(item.price.split(".")[0]) + draw.choice((1, 2, 5, 10))
    cents = draw.choice((0, 25, 50, 99))
    wrong = f"{number_words(dollars)} dollars" + (f" {number_words(cents)}" if cents else "")
    return {
        "full": item.spoken_name,
        "brand": item.brand,
        "name": item.name,
        "variant": item.variant,
        "short": item.name.split()[-1],
        "colour": item.attributes.get("colour"),
        "container": item.container or None,
        "amount": amount_words(item.size),
        "size": size_words(item.size),
        "size_word": _size_word(item, sibling),
        "price": price_words(item.price),
        "wrong_price": wrong,
        "other_variant": sibling.variant if sibling and sibling.variant != item.variant else None,
        "other_full": other.spoken_name if other else None,
    }


def _size_word(item: Item, sibling: Item | None) -> str | None:
    if sibling is None or sibling.variant != item.variant:
        return None
    own, its = magnitude(item.size), magnitude(sibling.size)
    return None if own is None or its is None or own == its else "big" if own > its else "small"


def siblings(item: Item, others: Iterable[Item]) -> list[Item]:
    """Return the near-duplicates: same brand and kind, another variant or size."""
    return [
        one
        for one in others
        if (one.brand, one.name) == (item.brand, item.name) and one.product_id != item.product_id
    ]


def seconds_of(lines: Sequence[Line]) -> float:
    """Return about how long lines take to say."""
    return sum(0.35 * len(line.text.split()) + 0.5 for line in lines)


def by_host(line: Line, host: int) -> Line:
    """Return the line, said by another host."""
    return replace(line, host=host)
