"""Invents brands and their goods on the spot, so that nothing can be learnt by heart.

A seeded draw makes a family: one brand that nobody has heard of, one kind of goods, several
variants. Brands of use "held-out" are never made for use "train": a hash of the name decides whose
it is.
"""

import hashlib
import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.errors import InputError
from workers.rooms.products import Item, slug
from workers.rooms.voices import Use

GOODS = Path(__file__).with_name("inventions.toml")
_NORDIC = (
    ("Bj", "Fj", "Hv", "Kv", "Sk", "Sv", "Tr", "Gr", "L", "N", "H", "V", "R"),
    ("o", "a", "e", "u", "i", "or", "al", "ei"),
    ("sund", "dal", "vik", "berg", "hus", "lund", "mark", "sen", "holm", "strom", "nes", "gard"),
)
_LATIN = (
    ("Bel", "Cas", "Mon", "Ros", "Tam", "San", "Ver", "Lu", "Fio", "Gia", "Pal", "Ser", "Cor"),
    ("ta", "te", "ti", "ra", "re", "li", "lo", "na", "ni", "va", "ma", "do"),
    ("relli", "vino", "ccio", "nero", "lina", "zetti", "dora", "mare", "ndo", "nella", "ro", "ssa"),
)
_EASTERN = (
    ("Ka", "Mi", "Ha", "Yu", "Ta", "So", "Ki", "Na", "Re", "Shi", "To", "Mo"),
    ("zu", "ri", "ko", "na", "ma", "shi", "do", "mi", "ra", "ge"),
    ("ka", "ra", "no", "mi", "ya", "to", "ki", "shi", "ne", "ro"),
)
_UNSPEAKABLE = re.compile(r"(.)\1\1|[^aeiouy\W]{5}|[aeiou]{4}")
_LETTERS = "ABCDEFGHJKLMNPRSTVXZ"
_FIRST = ("Studio", "House of", "Little", "Old", "Miss", "Doctor", "Uncle", "Aunt", "Royal", "Big")
_NUMBERS = ("Two", "Three", "Four", "Five", "Seven", "Eight", "Nine", "Ten", "Twelve", "Forty")


@dataclass(frozen=True)
class Group:
    """Kinds of goods that share variants, sizes and what can be said for them."""

    kinds: tuple[str, ...]
    variants: tuple[str, ...]
    sizes: tuple[str, ...]
    shape: str
    colours: tuple[str, ...]
    points: tuple[str, ...]


@cache
def load_groups(path: Path = GOODS) -> tuple[Group, ...]:
    """Return the goods of a TOML file.

    Raises:
        InputError: it is no such file.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
        return tuple(
            Group(
                **{key: tuple(row[key]) for key in ("kinds", "variants", "sizes")},
                shape=str(row["shape"]),
                colours=tuple(row["colours"]),
                points=tuple(row["points"]),
            )
            for row in rows
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        message = f"{path} is no list of goods: {error!r}"
        raise InputError(message) from error


@cache
def _parts(name: str, path: Path = GOODS) -> tuple[str, ...]:
    try:
        return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["brand"][name].split())
    except (OSError, tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        message = f"{path} has no parts of brands named {name}: {error!r}"
        raise InputError(message) from error


def _syllables(draw: random.Random) -> str:
    parts = [draw.choice(_parts("onsets")) + draw.choice(_parts("vowels"))]
    if draw.random() < 0.45:
        parts.append(draw.choice(_parts("codas")))
    if draw.random() < 0.5:
        parts.append(draw.choice(_parts("onsets")) + draw.choice(_parts("vowels")))
    parts.append(
        draw.choice(_parts("codas")) if draw.random() < 0.35 else draw.choice(_parts("endings"))
    )
    return "".join(parts).capitalize()


def _chained(draw: random.Random) -> str:
    return "".join(map(draw.choice, draw.choice((_NORDIC, _LATIN, _EASTERN)))).capitalize()


def _compound(draw: random.Random) -> str:
    first, second = draw.sample(_parts("words"), 2)
    return f"{first}{second}".capitalize()


def _two_words(draw: random.Random) -> str:
    first, second = draw.sample(_parts("words"), 2)
    joined = draw.choice((" ", " ", " ", " and "))
    return f"{first.capitalize()}{joined}{second.capitalize()}"


def _with_suffix(draw: random.Random) -> str:
    return (draw.choice(_parts("words")) + draw.choice(_parts("suffixes"))).capitalize()


def _surname(draw: random.Random) -> str:
    name = draw.choice(_parts("surnames")) + draw.choice(_parts("surname_ends"))
    return f"{name} and Sons" if draw.random() < 0.1 else name


def _titled(draw: random.Random) -> str:
    name = draw.choice((_syllables, _surname, lambda d: d.choice(_parts("words")).capitalize()))(
        draw
    )
    return f"{draw.choice(_FIRST)} {name}"


def _numbered(draw: random.Random) -> str:
    word = draw.choice(_parts("words")).capitalize()
    number = draw.choice(_NUMBERS)
    return f"{number} {word}s" if draw.random() < 0.5 else f"{word} {number}"


def _initials(draw: random.Random) -> str:
    letters = draw.sample(_LETTERS, draw.choice((2, 3)))
    if draw.random() < 0.5:
        return f"{letters[0]} and {letters[1]}"
    return f"{' '.join(letters[:2])} {draw.choice(_parts('words')).capitalize()}"


_GRAMMARS: tuple[tuple[Callable[[random.Random], str], float], ...] = (
    (_syllables, 6), (_chained, 3), (_compound, 4), (_two_words, 1.5), (_with_suffix, 1.5),
    (_surname, 2), (_titled, 1), (_numbered, 0.7), (_initials, 0.5),
)  # fmt: skip
"""How brands are made, and how often; most are sounds that no dictionary knows."""


def is_held_out(brand: str) -> bool:
    """Return whether a brand is for measuring only; about a fifth of all are."""
    digest = hashlib.blake2b(slug(brand).encode(), digest_size=2).digest()
    return int.from_bytes(digest, "big") % 5 == 0


def invent_brand(draw: random.Random, use: Use) -> str:
    """Return a brand of this use."""
    makers = [maker for maker, _ in _GRAMMARS]
    shares = [share for _, share in _GRAMMARS]
    while True:
        brand = draw.choices(makers, shares)[0](draw)
        if not 3 < len(brand) < 20 or _UNSPEAKABLE.search(brand.casefold()):
            continue
        if is_held_out(brand) == (use == "held-out"):
            return brand


def invent_family(draw: random.Random, use: Use, variants: int = 3) -> tuple[Item, ...]:
    """Return near-duplicates of a fresh brand: one kind of goods, one size, several variants."""
    group = draw.choices(load_groups(), [len(one.kinds) for one in load_groups()])[0]
    brand = invent_brand(draw, use)
    kind, size = draw.choice(group.kinds), draw.choice(group.sizes)
    price = f"{draw.randint(1, 89)}.{draw.choice(('00', '50', '90', '95', '99', '25'))}"
    points = tuple(draw.sample(group.points, len(group.points)))
    return tuple(
        Item(
            product_id=slug(f"{brand} {variant} {kind} {size}"),
            brand=brand,
            name=kind,
            variant=variant,
            size=size,
            shape=group.shape,
            shop="invented",
            price=price,
            style="plain",
            emblem="",
            base="#ffffff",
            accent="#888888",
            ink="#000000",
            body="#ffffff",
            cap="#888888",
            points=points,
            attributes={"variant": variant, "size": size, "colour": draw.choice(group.colours)},
        )
        for variant in draw.sample(group.variants, min(variants, len(group.variants)))
    )
