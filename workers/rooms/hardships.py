"""What makes a stretch of a made room hard, and which stretch of a room gets which of it.

Only names and a draw: the script, the pictures and the sound each do their own part of it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from models.errors import InputError

Hardship = Literal[
    "distractors", "wrong-word", "comparison", "off-topic", "near-duplicates", "occlusion",
    "bad-light", "bad-sound", "co-host", "late-cart", "rivals",
]  # fmt: skip
"""`distractors`: other goods in full view; `wrong-word`: another product is named by mistake and
taken back; `comparison`: two are held against each other; `off-topic`: talk of nothing for sale;
`near-duplicates`: a product of the same family stands beside and is named; `occlusion`: much of the
product is hidden; `bad-light`, `bad-sound`: pictures or sound are spoilt; `co-host`: a second voice
joins in and cuts in; `late-cart`: the product comes into the cart only while it is shown; `rivals`:
brands that nobody sells are named, and the machine that listens is spoken to."""
HARDSHIPS: tuple[Hardship, ...] = get_args(Hardship)
_IN_A_ROUND = 9
"""Products of a round: so many share one of each hardship."""
_MOST = 3
"""Hardships of one product."""


@dataclass(frozen=True)
class Suffered:
    """One hardship for a while."""

    hardship: Hardship
    start_ms: int
    end_ms: int
    product_id: str | None = None
    """What is for sale meanwhile."""


def hardships_of(words: str) -> tuple[Hardship, ...]:
    """Return the hardships that a list with commas names; `all` and `none` are words for lists.

    Raises:
        InputError: there is no such hardship.
    """
    names = [name for name in (part.strip() for part in words.split(",")) if name]
    if names in ([], ["none"]):
        return ()
    if names == ["all"]:
        return HARDSHIPS
    unknown = [name for name in names if name not in HARDSHIPS]
    if unknown:
        message = f"no hardship is called {unknown[0]!r}; want all, none, or {', '.join(HARDSHIPS)}"
        raise InputError(message)
    return tuple(one for one in HARDSHIPS if one in names)


def dealt(kinds: Sequence[Hardship], count: int, draw: random.Random) -> list[frozenset[Hardship]]:
    """Return the hardships of each of `count` products.

    Every kind comes once in each round of nine products, at most three with one product, so that a
    room of five minutes has all of them; and at least one product has none.
    """
    hands: list[set[Hardship]] = [set() for _ in range(count)]
    for begin in range(0, count, _IN_A_ROUND):
        inside = list(range(begin, min(count, begin + _IN_A_ROUND)))
        # One product of a round is plain, so that there is something to compare with.
        plain = draw.choice(inside) if len(inside) > 1 else -1
        rest = [at for at in inside if at != plain]
        # Where there are few products, some hardships are left out: one product bears but so many.
        for kind in draw.sample(list(kinds), min(len(kinds), _MOST * len(rest))):
            hands[draw.choice([at for at in rest if len(hands[at]) < _MOST])].add(kind)
    return [frozenset(hand) for hand in hands]
