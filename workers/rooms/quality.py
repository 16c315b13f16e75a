"""What variants of the serving code made of made rooms: figures over rooms, and what beats what.

In: what each variant told of each room. Out: for each variant its figures with intervals over
rooms, and differences of the segment F1 between variants that differ in one thing only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import InputError
from models.room_quality import NEVER_S, Drawn, Figure, as_json, drawn
from workers.rooms.tag_counts import counts_by_hardship, counts_of, hardships_of
from workers.rooms.trial import Tried
from workers.rooms.variants import Variant

HARD_FIGURES = ("recall", "first_tag_s", "never_told", "false_tags_per_h")
"""What can be told of a part of a room: an hour is one of that part."""


@dataclass(frozen=True)
class Judged:
    """One variant over all rooms."""

    variant: Variant
    tried: tuple[Tried, ...]
    """One for each room."""
    found: Drawn
    quiet_false_tags: int
    """Tags in rooms in which nothing is sold ..."""
    quiet_hours: float
    """... of which there are so many hours."""
    by_hardship: Mapping[str, Drawn]
    """What is found where something is hard; of rooms that tell what is."""


@dataclass(frozen=True)
class Versus:
    """How far one variant is above another by segment F1, on the same rooms."""

    variant: Variant
    other: Variant
    f1: Figure


def judged(tried: Sequence[Tried]) -> list[Judged]:
    """Return the figures of each variant, in the order in which they were first tried.

    Raises:
        InputError: two variants were not tried on the same rooms, or nothing was.
    """
    by_variant: dict[Variant, list[Tried]] = {}
    for one in tried:
        by_variant.setdefault(one.variant, []).append(one)
    rooms = [[one.room.room.stream_id for one in some] for some in by_variant.values()]
    if not rooms or any(some != rooms[0] for some in rooms):
        message = f"variants are compared on the same rooms, not on {rooms}"
        raise InputError(message)
    return [_judged(variant, some) for variant, some in by_variant.items()]


def differences(found: Sequence[Judged]) -> list[Versus]:
    """Return how far variants are apart that differ in one thing.

    Both modalities over each alone, what is left out and changed settings over neither.
    """
    by_variant = {one.variant: one for one in found}
    return [
        Versus(one.variant, other, one.found.above(by_variant[other].found, "f1"))
        for one in found
        for other in _held_against(one.variant)
        if other in by_variant
    ]


def quality_json(found: Sequence[Judged], settings: dict[str, Any]) -> dict[str, Any]:
    """Return everything that was found, with what it was found with."""
    return {
        "settings": settings,
        "units": {
            "first_tag_s, first_tag_p90_s, worked_first_tag_s": "seconds of media; null: never",
            "never_told": "share of segments",
            "edit_distance": "edits for each true segment",
        },
        "variants": [
            {
                **_about(one.variant),
                "rooms": len(one.tried),
                "hours": sum(some.scores.duration_ms for some in one.tried) / 3_600_000,
                "segments": sum(some.scores.segments for some in one.tried),
                **as_json(one.found),
                "nothing_sold": {"hours": one.quiet_hours, "false_tags": one.quiet_false_tags},
                "by_hardship": {
                    name: {figure: vars(found.figure(figure)) for figure in HARD_FIGURES}
                    for name, found in one.by_hardship.items()
                },
            }
            for one in found
        ],
        "differences_of_f1": [
            {"variant": one.variant.name, "other": one.other.name, **vars(one.f1)}
            for one in differences(found)
        ],
        "rooms": [_room_json(one) for some in found for one in some.tried],
    }


def _judged(variant: Variant, tried: Sequence[Tried]) -> Judged:
    quiet = [one.scores for one in tried if not one.room.truth.segments]
    return Judged(
        variant=variant,
        tried=tuple(tried),
        found=drawn([counts_of(one) for one in tried]),
        quiet_false_tags=sum(scores.false_tags for scores in quiet),
        quiet_hours=sum(scores.duration_ms for scores in quiet) / 3_600_000,
        by_hardship=_by_hardship(tried),
    )


def _by_hardship(tried: Sequence[Tried]) -> dict[str, Drawn]:
    if not any(one.room.truth.hardships for one in tried):
        return {}
    names = dict.fromkeys(name for one in tried for name in hardships_of(one.room.truth))
    return {name: drawn([counts_by_hardship(one, name) for one in tried]) for name in sorted(names)}


def _held_against(variant: Variant) -> Iterator[Variant]:
    here = (variant.gallery, variant.modality, variant.sounds)
    if variant.rung != "full" or variant.sets:
        yield Variant(*here)
    elif variant.modality == "both":
        yield Variant(variant.gallery, "vision")
        yield Variant(variant.gallery, "speech", variant.sounds)


def _about(variant: Variant) -> dict[str, Any]:
    return {"variant": variant.name, **vars(variant), "sets": list(variant.sets)}


def _room_json(one: Tried) -> dict[str, Any]:
    counts = counts_of(one)
    delays = zip(one.room.truth.segments, counts.delays_s, counts.worked_delays_s, strict=True)
    return {
        "room": one.room.room.stream_id,
        "variant": one.variant.name,
        "cart": len(one.room.room.cart),
        **{name: value for name, value in one.scores.as_json().items() if name != "first_tag"},
        "first_tags": [
            {
                "product_id": true.product_id,
                "start_ms": true.start_ms,
                "delay_s": None if delay_s == NEVER_S else delay_s,
                "worked_delay_s": None if worked_s == NEVER_S else worked_s,
            }
            for true, delay_s, worked_s in delays
        ],
    }
