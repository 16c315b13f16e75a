"""What variants of the serving code made of made rooms: figures over rooms, and what beats what.

In: what each variant told of each room. Out: for each variant its figures with intervals over
rooms, and differences of the segment F1 between variants that differ in one thing only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import InputError
from models.room_quality import NEVER_S, Drawn, Figure, RoomCounts, as_json, drawn
from models.segment_scores import Told, first_told_ms
from workers.rooms.scoring import Truth, told_at
from workers.rooms.trial import Tried
from workers.rooms.variants import Variant


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


@dataclass(frozen=True)
class Versus:
    """How far one variant is above another by segment F1, on the same rooms."""

    variant: Variant
    other: Variant
    f1: Figure


def counts_of(one: Tried) -> RoomCounts:
    """Return what counts in one room.

    A product's delay goes from when it first appears or is spoken of, while it is for sale, to when
    a viewer of a live room first has a tag that names it and meets its segment.
    """
    scores, truth = one.scores, one.room.truth
    at = told_at([(said.event, said.at_ms) for said in one.said], truth.duration_ms)
    worked = told_at([(said.event, said.worked_ms) for said in one.said], truth.duration_ms)
    return RoomCounts(
        matched=scores.matched,
        tags=scores.tags,
        segments=scores.segments,
        false_tags=scores.false_tags,
        edit_distance=scores.edit_distance,
        duration_ms=scores.duration_ms,
        delays_s=tuple(_delays_s(at, truth)),
        worked_delays_s=tuple(_delays_s(worked, truth)),
    )


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
    )


def _delays_s(tags: Sequence[Told], truth: Truth) -> Iterator[float]:
    for true, cue_ms in zip(truth.segments, truth.first_cues_ms, strict=True):
        first_ms = first_told_ms(true, tags)
        yield NEVER_S if first_ms is None else max(0, first_ms - cue_ms) / 1_000


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
        **one.scores.as_json(),
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
