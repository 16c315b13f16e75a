"""Writes shows that are hard to read, for the summarizer's pairs.

In come a use and a seed, out come segments and a cart, as from `pair_scripts.py`, but with what
rooms have that scripts rarely do: many brands that nobody knows, the wrong product held up and
taken back, goods that follow each other within one window, rivals' names, and orders to the machine
that listens. What is right is known by construction: another product that is named in a pitch
shares no word with the one for sale, but for the near-duplicate in a slip of the tongue.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from models.errors import InputError
from workers.rooms.inventions import invent_family
from workers.rooms.pair_scripts import Show, ShowOptions, families_of, segment_of, talk_between
from workers.rooms.phrases import Line, Phrases, siblings, words_of
from workers.rooms.pitch import pitch_lines
from workers.rooms.products import Item
from workers.rooms.script import Segment
from workers.rooms.voices import Use

HARD_BOOK = Path(__file__).with_name("hard_phrases.toml")
Trait = Literal["slip", "rivals", "orders", "quick"]
_TRAITS: tuple[Trait, ...] = ("slip", "slip", "rivals", "orders", "orders", "quick", "quick")
_SOLD = 5
_STRANGERS = 8
_TALK_SHARE = 0.6
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class HardOptions:
    """How many shows are hard, and how they sound."""

    share: float = 0.0
    """Share of the shows that are hard, from 0 to 1; about that share of the windows is theirs."""
    noise_db: tuple[float, float] = (5.0, 18.0)
    """By how much speech is louder than music or noise under it, from and to, in decibels: what is
    misheard is what Whisper mishears."""
    second_share: float = 0.4
    """Share of the hard shows in which a second voice talks all the time, from 0 to 1."""
    second_db: tuple[float, float] = (5.0, 15.0)
    """By how much the host is louder than the second voice, from and to, in decibels."""

    def __post_init__(self) -> None:
        """Check the shares."""
        for name in ("share", "second_share"):
            if not 0 <= getattr(self, name) <= 1:
                message = f"{name} is {getattr(self, name)}; want 0 to 1"
                raise InputError(message)


def is_hard(name: str, share: float) -> bool:
    """Return whether a show is hard; a larger share makes more shows hard, and no show less."""
    return random.Random(f"hard/{name}").random() < share  # noqa: S311 (not for secrets)


def write_hard_show(
    stock: Sequence[Item], use: Use, draw: random.Random, options: ShowOptions
) -> Show:
    """Return the hard show that a seeded draw makes.

    Args:
        stock: what can be sold where shows measure; training shows invent all that they sell.
        use: whose phrases and brands.
        draw: seeded.
        options: how much of what.
    """
    if use == "train":
        families = [invent_family(draw, use, draw.randint(1, 3)) for _ in range(options.cart)]
    else:
        families = families_of(stock)
        draw.shuffle(families)
    sold = [draw.choice(family) for family in families[:_SOLD]]
    cart = [item for family in families for item in family][: options.cart]
    draw.shuffle(cart)
    strangers = tuple(invent_family(draw, use, 1)[0] for _ in range(_STRANGERS))
    host = _Host(draw, use, cart, strangers)
    phrases = Phrases(draw, use)
    segments: list[Segment] = []
    for item in sold:
        trait = draw.choice(_TRAITS)
        if trait != "quick" and draw.random() < _TALK_SHARE:
            talk = talk_between(draw, phrases, cart, options)
            segments += [host.disturbed(segment) for segment in talk]
        segments.append(segment_of(host.pitch(item, trait, phrases), item, draw, options))
    ending = talk_between(draw, phrases, cart, options)
    segments += [host.disturbed(segment) for segment in ending]
    rivals = tuple(stock if use != "train" else cart)
    return Show(tuple(segments), tuple(cart), rivals, "hard", strangers)


class _Host:
    """Says what makes a show hard."""

    def __init__(
        self, draw: random.Random, use: Use, cart: Sequence[Item], strangers: Sequence[Item]
    ) -> None:
        self._draw, self._cart, self._strangers = draw, cart, strangers
        self._phrases = Phrases(draw, use, fillers=0.0, book=HARD_BOOK)

    def pitch(self, item: Item, trait: Trait, phrases: Phrases) -> list[Line]:
        """Return what is said for a product, with one of the traits."""
        length_s = self._draw.uniform(2, 6) if trait == "quick" else self._draw.uniform(6, 14)
        # Siblings are kept for slips: a mention of one would name half of what is for sale.
        others = [one for one in self._cart if apart(one, item)]
        lines = pitch_lines(item, self._draw, phrases, others, length_s)
        if trait == "slip":
            return [*self._slip(item, others), *lines[1:]]
        pools = {"rivals": ("rival",), "orders": ("order", "order", "order_silence")}.get(trait, ())
        for _ in range(self._draw.randint(1, 2) if pools else 0):
            line = self._line(self._draw.choice(pools), item, others)
            lines.insert(self._draw.randint(1, len(lines)), line)
        return lines

    def disturbed(self, segment: Segment) -> Segment:
        """Return talk in which, more often than not, a rival is named or the machine spoken to."""
        if self._draw.random() < 0.35:
            return segment
        pool = self._draw.choice(("talk_rival", "talk_rival", "order", "order_silence"))
        lines = list(segment.lines)
        lines.insert(self._draw.randint(0, len(lines)), self._line(pool, None, self._cart))
        return replace(segment, lines=tuple(lines))

    def _slip(self, item: Item, others: Sequence[Item]) -> list[Line]:
        near = siblings(item, self._cart)
        if near and self._draw.random() < 0.5:
            sibling = self._draw.choice(near)
            words = words_of(item, self._draw, sibling)
            line = self._phrases.next("slip_sibling", words, sibling.product_id)
            if line is not None:
                return [line]
        return [self._line("slip", item, others)]

    def _line(self, pool: str, item: Item | None, others: Sequence[Item]) -> Line:
        """Return a line that names, if any, a product of the cart or one that nobody sells."""
        strangers = [one for one in self._strangers if item is None or apart(one, item)]
        other = self._draw.choice([*strangers, *others[: len(strangers)]])
        words = {} if item is None else words_of(item, self._draw, other=other)
        named = {"other_full": other.spoken_name, "other_brand": other.brand}
        line = self._phrases.next(pool, {**words, **named}, other.product_id)
        if line is None:
            message = f"{HARD_BOOK} has no phrase in {pool} whose blanks are all known"
            raise InputError(message)
        return line


def apart(one: Item, other: Item) -> bool:
    """Return whether the names of two products have no word in common."""
    first, second = (
        set(_WORD.findall(item.spoken_name.casefold())) - {"and", "of"} for item in (one, other)
    )
    return not first & second
