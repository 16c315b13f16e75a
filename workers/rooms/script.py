"""Writes what the hosts of a room say: segments of lines, some about a product, some about none.

In come the goods and a seed, out come segments in order. Nothing is timed here: `timeline.py` lays
the spoken sentences out.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from workers.rooms.hardships import Hardship
from workers.rooms.phrases import Kind, Line, Phrases, seconds_of
from workers.rooms.pitch import again_lines, chatter_lines, pitch_lines
from workers.rooms.products import Item
from workers.rooms.voices import Use
from workers.rooms.words import price_words

Bed = Literal["", "pad", "plucks", "beat", "kitchen", "hiss", "hum"]
"""What is heard under a segment besides speech: nothing, music, or noise."""
_MUSIC: tuple[Bed, ...] = ("pad", "plucks", "beat")
_NOISE: tuple[Bed, ...] = ("kitchen", "hiss", "hum")
BEDS: tuple[Bed, ...] = (*_MUSIC, *_NOISE)
_TALK_S = 48.0
"""Opening, long break and closing take about this long together."""


@dataclass(frozen=True)
class Segment:
    """Some lines about one product, or about none."""

    lines: tuple[Line, ...]
    product_id: str | None = None
    quiet_s: float = 0.6
    """Silence after the segment."""
    bed: Bed = ""
    hardships: frozenset[Hardship] = frozenset()
    """Of the whole segment; those of single lines stand with the lines."""


@dataclass(frozen=True)
class ScriptOptions:
    """What kind of script is written."""

    seed: int = 0
    duration_min: float = 3.5
    """About how long the room is to be, in minutes of talk at a usual pace."""
    use: Use = "train"
    """Which half of the phrases is drawn from."""
    hosts: int = 1
    """How many people talk: 1 or 2."""


def sold_count(duration_min: float, seed: int) -> int:
    """Return how many products a room of this length sells: one in 26 to 34 seconds of pitch."""
    draw = random.Random(f"count/{seed}")  # noqa: S311 (not for secrets)
    return max(2, round((60 * duration_min - _TALK_S) / draw.uniform(26, 34)))


def write_script(
    sold: Sequence[Item], others: Sequence[Item], options: ScriptOptions
) -> list[Segment]:
    """Return a whole room: greeting, goods with a long break among them, goodbye.

    One change of product, drawn by the seed, has no words between; in some rooms a product comes
    back for a moment after another.

    Args:
        sold: what is for sale, in order.
        others: the rest of the cart, which hosts mention and compare with.
        options: length, phrases and hosts.
    """
    draw = random.Random(f"script/{options.seed}")  # noqa: S311 (not for secrets)
    phrases = Phrases(draw, options.use)
    around = [*sold, *others]
    pitch_s = max(14.0, (60 * options.duration_min - _TALK_S) / max(1, len(sold)) - 3.0)
    pause_at = draw.choice(range(1, len(sold))) if len(sold) > 1 else 0
    straight = draw.choice([at for at in range(1, len(sold)) if at != pause_at] or [0])
    again = draw.choice(range(2, len(sold))) if len(sold) > 3 and draw.random() < 0.45 else 0
    script = [_talk("opening", draw, phrases, draw.uniform(8, 14))]
    for at, item in enumerate(sold):
        if at == pause_at and at > 0:
            # The long stretch without a product is longer than any window that is summed up.
            script.append(_talk("chatter", draw, phrases, draw.uniform(29, 36), around))
        elif at not in {0, straight}:
            script.append(_between(draw, phrases))
        if at == again and at > 0:
            before = draw.choice(sold[: at - 1])
            lines = again_lines(before, draw, phrases, around)
            script.append(Segment(tuple(lines), before.product_id, quiet_s=draw.uniform(0.4, 0.8)))
            script.append(_between(draw, phrases))
        length_s = pitch_s * draw.uniform(0.85, 1.15)
        lines = pitch_lines(item, draw, phrases, around, length_s, options.hosts)
        script.append(Segment(tuple(lines), item.product_id, quiet_s=draw.uniform(0.3, 0.8)))
    script.append(_talk("closing", draw, phrases, draw.uniform(5, 9)))
    return _with_noise(_told_by_two(script, draw, options.hosts), draw)


def _talk(
    pool: Kind, draw: random.Random, phrases: Phrases, length_s: float, others: Sequence[Item] = ()
) -> Segment:
    lines = chatter_lines(draw, phrases, length_s, others, pool)
    bed = draw.choice(_MUSIC) if draw.random() < 0.7 else ""
    return Segment(tuple(lines), quiet_s=draw.uniform(0.8, 1.5), bed=bed)


def _between(draw: random.Random, phrases: Phrases) -> Segment:
    """A bridge, sometimes with a little chatter before it."""
    lines = chatter_lines(draw, phrases, 1.0, pool="bridge")
    if draw.random() < 0.3:
        lines = [*chatter_lines(draw, phrases, 5.0), *lines]
    return Segment(tuple(lines), quiet_s=draw.uniform(0.4, 1.2))


def _told_by_two(script: list[Segment], draw: random.Random, hosts: int) -> list[Segment]:
    """Give some whole segments to the second host, whose replies then are the first one's."""
    if hosts < 2:
        return script
    return [
        replace(part, lines=tuple(replace(line, host=1 - line.host) for line in part.lines))
        if draw.random() < 0.35
        else part
        for part in script
    ]


def _with_noise(script: list[Segment], draw: random.Random) -> list[Segment]:
    """Put noise under a stretch of segments in two rooms of three, music under a pitch in some."""
    parts = list(script)
    if draw.random() < 0.67:
        begin, bed = draw.randrange(1, max(2, len(parts) - 3)), draw.choice(_NOISE)
        for at in range(begin, min(len(parts), begin + draw.randint(2, 4))):
            parts[at] = replace(parts[at], bed=bed)
    quiet = [at for at, part in enumerate(parts) if part.product_id and not part.bed]
    if quiet and draw.random() < 0.4:
        at = draw.choice(quiet)
        parts[at] = replace(parts[at], bed=draw.choice(_MUSIC))
    return parts


def write_short_script(sold: Sequence[Item], seed: int, use: Use = "train") -> list[Segment]:
    """Return a few seconds about each product with a few seconds of nothing between, for tests."""
    draw = random.Random(f"short/{seed}")  # noqa: S311 (not for secrets)
    phrases = Phrases(draw, use, fillers=0.0)
    script: list[Segment] = []
    for at, item in enumerate(sold):
        if at > 0:
            bridge = chatter_lines(draw, phrases, 0.5, pool="bridge")
            script.append(Segment(tuple(bridge), quiet_s=1.2))
        opening = Line(f"Here we have the {item.spoken_name}.", "pitch")
        price = Line(f"The {item.brand} {item.name} is {price_words(item.price)}.", "price")
        script.append(Segment((opening, price), item.product_id, quiet_s=0.8))
    return script


def script_seconds(script: Sequence[Segment]) -> float:
    """Return about how long a script takes to say."""
    return sum(seconds_of(part.lines) + part.quiet_s for part in script)
