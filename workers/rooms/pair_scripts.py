"""Writes short shows for the summarizer's pairs: few products, a cart, talk between.

In come a use and a seed, out come segments to speak and the items of the cart. For training every
show brings brands of its own, so that only what is heard helps; some shows sell the catalogue.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workers.rooms.inventions import invent_family
from workers.rooms.phrases import Line, Phrases
from workers.rooms.pitch import chatter_lines, pitch_lines
from workers.rooms.products import Item, held_out
from workers.rooms.script import Bed, Segment
from workers.rooms.voices import Use

Source = Literal["catalogue", "invented", "recorded", "hard"]
"""`hard`: invented brands in a show of `hard_shows.py`."""
_BEDS: tuple[Bed, ...] = ("pad", "plucks", "beat", "kitchen", "hiss", "hum")
_SOLD = 3


@dataclass(frozen=True)
class ShowOptions:
    """What the shows sell."""

    catalogue_share: float = 0.22
    """Share of the training shows that sell the catalogue, from 0 to 1."""
    cart: int = 20
    """Products of a cart."""
    stock_families: int = 50
    """Families that are invented once for all shows that measure."""
    stock_variants: int = 4
    """Products of each of those families."""
    noisy_share: float = 0.5
    """Share of the segments with music or noise under them, from 0 to 1."""
    in_turn: bool = False
    """Whether the shows sell the whole catalogue and nothing else, each product in its turn: few
    shows then speak of every product. In training shows, what is held out stays out."""


@dataclass(frozen=True)
class Show:
    """One show to be spoken."""

    segments: tuple[Segment, ...]
    cart: tuple[Item, ...]
    rivals: tuple[Item, ...]
    """Every product that a title search would have to tell from what is sold."""
    source: Source
    strangers: tuple[Item, ...] = ()
    """Products that are named and that nobody here sells."""


def stock_of(
    catalogue: Sequence[Item], use: Use, seed: int, options: ShowOptions
) -> tuple[Item, ...]:
    """Return what all shows of one use can sell: for measuring, brands that no training hears."""
    unseen = held_out(tuple(catalogue))
    if options.in_turn and use != "train":
        return tuple(catalogue)
    if use == "train":
        return tuple(item for item in catalogue if item.product_id not in unseen)
    draw = random.Random(f"stock/{seed}")  # noqa: S311 (not for secrets)
    invented = [
        item
        for _ in range(options.stock_families)
        for item in invent_family(draw, use, options.stock_variants)
    ]
    return (*invented, *(item for item in catalogue if item.product_id in unseen))


def write_show(
    stock: Sequence[Item], use: Use, draw: random.Random, options: ShowOptions, number: int = 0
) -> Show:
    """Return the show that a seeded draw makes.

    Args:
        stock: what can be sold.
        use: whose phrases and brands.
        draw: seeded.
        options: how much of what.
        number: of the show, for products in turn.
    """
    source: Source = "catalogue" if use == "train" or options.in_turn else "invented"
    if options.in_turn:
        sold = _in_turn(stock, number)
        first = {item.family for item in sold}
        families = families_of(stock)
        draw.shuffle(families)
        families.sort(key=lambda family: family[0].family not in first)
    elif use == "train" and draw.random() >= options.catalogue_share:
        families = [invent_family(draw, use, draw.randint(2, 4)) for _ in range(options.cart // 2)]
        source = "invented"
        sold = [draw.choice(family) for family in families[:_SOLD]]
    else:
        families = families_of(stock)
        draw.shuffle(families)
        sold = [draw.choice(family) for family in families[:_SOLD]]
    cart = [item for family in families for item in family][: options.cart]
    draw.shuffle(cart)
    phrases = Phrases(draw, use)
    segments: list[Segment] = []
    for item in sold:
        segments += talk_between(draw, phrases, cart, options)
        lines = pitch_lines(item, draw, phrases, cart, length_s=draw.uniform(7, 17))
        segments.append(segment_of(lines, item, draw, options))
    if draw.random() < 0.5:
        segments += talk_between(draw, phrases, cart, options)
    return Show(tuple(segments), tuple(cart), tuple(stock if use != "train" else cart), source)


def _in_turn(stock: Sequence[Item], number: int) -> list[Item]:
    order = list(stock)
    random.Random("turns").shuffle(order)  # noqa: S311 (not for secrets)
    return [order[(number * _SOLD + at) % len(order)] for at in range(_SOLD)]


def talk_between(
    draw: random.Random, phrases: Phrases, cart: Sequence[Item], options: ShowOptions
) -> list[Segment]:
    """Return what is said before a product: talk, or a few words, or nothing."""
    kind = draw.random()
    if kind < 0.15:
        return []
    lines: list[Line] = []
    if kind < 0.75:
        pool = draw.choices(("chatter", "opening", "closing"), (8, 1, 1))[0]
        named = cart if pool == "chatter" and draw.random() < 0.5 else ()
        lines += chatter_lines(draw, phrases, draw.uniform(5, 17), named, pool)
    if kind > 0.55:
        bridge = phrases.next("bridge", {})
        lines += [bridge] if bridge else []
    return [segment_of(lines, None, draw, options)]


def segment_of(
    lines: Sequence[Line], item: Item | None, draw: random.Random, options: ShowOptions
) -> Segment:
    """Return a segment, with or without music or noise, and its silence."""
    bed: Bed = draw.choice(_BEDS) if draw.random() < options.noisy_share else ""
    product_id = item.product_id if item is not None else None
    return Segment(tuple(lines), product_id, quiet_s=draw.uniform(0.3, 1.1), bed=bed)


def families_of(items: Sequence[Item]) -> list[tuple[Item, ...]]:
    """Return products with their near-duplicates."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.family, []).append(item)
    return [tuple(group) for group in groups.values()]
