"""Writes rooms in which nothing is sold: talk, other people's brands, goods that only stand about.

In come the goods of the cart and a seed, out come segments that all are about no product.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from workers.rooms.grown_script import Talker
from workers.rooms.hardships import Hardship
from workers.rooms.phrases import Line, Phrases, seconds_of
from workers.rooms.pitch import chatter_lines
from workers.rooms.products import Item
from workers.rooms.script import BEDS, Segment
from workers.rooms.voices import Use

_TALK_S = (18.0, 50.0)
_PAUSE_S = (6.0, 15.0)
_SEEN: tuple[Hardship, ...] = ("bad-light", "bad-sound")
_BY_TWO: frozenset[Hardship] = frozenset(("co-host",))


def write_idle_script(
    cart: Sequence[Item], duration_min: float, kinds: Sequence[Hardship], seed: int, use: Use
) -> list[Segment]:
    """Return a room of about a length in which nothing is sold.

    Args:
        cart: what the cart has; hosts name some of it, as not for sale now.
        duration_min: in minutes of talk at a usual pace.
        kinds: which hardships there are to be; `distractors` are in all of it, if at all.
        seed: draws everything.
        use: which half of the phrases is drawn from.
    """
    draw = random.Random(f"idle/{seed}")  # noqa: S311 (not for secrets)
    phrases, talker = Phrases(draw, use), Talker(draw, use)
    parts = [_part(chatter_lines(draw, phrases, 10.0, pool="opening"), kinds, draw)]
    left_s = 60 * duration_min - 18.0
    while left_s > 0:
        length_s = min(max(left_s, 4.0), draw.uniform(*_TALK_S))
        lines = _talk(length_s, cart, kinds, (talker, phrases, draw))
        part = _part(lines, kinds, draw)
        if "co-host" in kinds and draw.random() < 0.35:
            hardships = part.hardships | _BY_TWO
            part = replace(part, lines=tuple(talker.by_two(part.lines)), hardships=hardships)
        parts.append(part)
        left_s -= seconds_of(part.lines) + part.quiet_s
    parts.append(_part(chatter_lines(draw, phrases, 6.0, pool="closing"), kinds, draw))
    return parts


def _talk(
    length_s: float,
    cart: Sequence[Item],
    kinds: Sequence[Hardship],
    made_by: tuple[Talker, Phrases, random.Random],
) -> list[Line]:
    talker, phrases, draw = made_by
    lines = chatter_lines(draw, phrases, 0.35 * length_s, cart)
    lines += [replace(line, hardship=None) for line in talker.talk(0.55 * length_s)]
    draw.shuffle(lines)
    if "rivals" in kinds:
        for line in talker.rivals(draw.randint(1, 3)):
            lines.insert(draw.randint(0, len(lines)), line)
    return lines


def _part(lines: Sequence[Line], kinds: Sequence[Hardship], draw: random.Random) -> Segment:
    """A segment with or without a bed, now and then with a long silence after it."""
    hand = {kind for kind in _SEEN if kind in kinds and draw.random() < 0.2}
    hand |= {kind for kind in kinds if kind == "distractors"}
    long = draw.random() < 0.2
    quiet_s = draw.uniform(*_PAUSE_S) if long else draw.uniform(0.4, 1.5)
    bed = draw.choice(BEDS) if draw.random() < 0.4 else ""
    return Segment(tuple(lines), None, quiet_s, bed, frozenset(hand))
