"""What a trial found, over rooms: means with intervals, as JSON and as a table in Markdown.

The interval is a percentile bootstrap over rooms (Efron 1979): rooms are what was drawn, moments
within one are alike. All other figures are over all segments, tags and hours together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.segment_scores import Room, SegmentScores, Spread, measure_rooms
from workers.rooms.trial import Tried
from workers.rooms.variants import Variant

_RESAMPLES = 10_000
_HEADINGS = (
    "variant", "rooms", "mean F1", "95 % interval", "perfect rooms", "first tag", "never told",
    "false tags/h", "start off by", "end off by", "edit distance/segment",
)  # fmt: skip
_LEGEND = """\
- first tag, start and end are mean/median/worst in seconds of media time, which is what a viewer
  waits at speed 1 on a machine that keeps up: from a true start to the first tag of its product,
  and of the tags that found a segment
- never told: segments that no tag of their product meets; false: tags of a product that is not sold
  at any moment of the tag
- every variant is held against the same thresholds: those of the settings"""


@dataclass(frozen=True)
class VariantScores:
    """One variant over all rooms."""

    variant: Variant
    rooms: int
    mean_f1: float
    low_f1: float
    """Where 95 % of the means of rooms drawn with repetition lie: from here ..."""
    high_f1: float
    """... to here."""
    perfect: int
    """Rooms in which every segment was found and nothing else said."""
    pooled: SegmentScores


def summed_up(tried: Sequence[Tried]) -> list[VariantScores]:
    """Return the figures of each variant, in the order in which they were first tried."""
    found = []
    for variant in dict.fromkeys(one.variant for one in tried):
        some = [one for one in tried if one.variant == variant]
        f1 = [one.scores.f1 for one in some]
        low, high = bootstrap_interval(f1)
        pooled = measure_rooms(
            [Room(one.told, one.room.truth.segments, one.room.truth.duration_ms) for one in some]
        )
        perfect = sum(value == 1.0 for value in f1)
        mean = float(np.mean(f1))
        found.append(VariantScores(variant, len(some), mean, low, high, perfect, pooled))
    return found


def bootstrap_interval(
    values: Sequence[float], seed: int = 0, resamples: int = _RESAMPLES
) -> tuple[float, float]:
    """Return where 95 % of the means lie of samples drawn from the values with repetition."""
    found = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(found), (resamples, len(found)))
    low, high = np.quantile(found[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def as_json(tried: Sequence[Tried], settings: dict[str, Any]) -> dict[str, Any]:
    """Return everything that was found, with what it was found with."""
    return {
        "settings": settings,
        "variants": [
            {
                "variant": one.variant.name,
                "rooms": one.rooms,
                "mean_f1": one.mean_f1,
                "interval_f1": [one.low_f1, one.high_f1],
                "perfect": one.perfect,
                "pooled": one.pooled.as_json(),
            }
            for one in summed_up(tried)
        ],
        "rooms": [
            {
                "room": one.room.room.stream_id,
                "variant": one.variant.name,
                "cart": len(one.room.room.cart),
                **one.scores.as_json(),
            }
            for one in tried
        ],
    }


def as_rows(tried: Sequence[Tried]) -> list[tuple[str, ...]]:
    """Return a table as text: headings first. Times are mean/median/worst seconds."""
    return [_HEADINGS, *(_row(one) for one in summed_up(tried))]


def as_markdown(tried: Sequence[Tried], about: Sequence[str]) -> str:
    """Return the tables over rooms and per room."""
    names = list(dict.fromkeys(one.variant.name for one in tried))
    f1 = {(one.room.room.stream_id, one.variant.name): one.scores.f1 for one in tried}
    rooms = list(dict.fromkeys(one.room.room.stream_id for one in tried))
    per_room = [
        ("room", *names),
        *(
            (room, *(f"{f1[room, name]:.2f}" if (room, name) in f1 else "" for name in names))
            for room in rooms
        ),
    ]
    return "\n".join(
        [
            "# Rooms tried\n",
            *(f"- {line}" for line in about),
            _LEGEND,
            "",
            *_table(as_rows(tried)),
            "",
            "Segment F1 of each room:",
            "",
            *_table(per_room),
            "",
        ]
    )


def _row(one: VariantScores) -> tuple[str, ...]:
    pooled = one.pooled
    share = pooled.edit_distance_share
    return (
        one.variant.name,
        str(one.rooms),
        f"{one.mean_f1:.3f}",
        f"{one.low_f1:.2f}–{one.high_f1:.2f}",
        str(one.perfect),
        _seconds(pooled.first_tag),
        f"{pooled.never_told}/{pooled.segments}",
        f"{pooled.false_tags_per_h:.1f}",
        _seconds(pooled.start_error),
        _seconds(pooled.end_error),
        "–" if share is None else f"{share:.2f}",
    )


def _seconds(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    values = (spread.mean_ms, spread.median_ms, spread.worst_ms)
    return "/".join(f"{value / 1e3:.1f}" for value in values)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    told = [f"| {' | '.join(row)} |" for row in rows]
    return [told[0], f"|{'---|' * len(rows[0])}", *told[1:]]
