"""What a room's evidence needs to be believed: weight of the sounds and threshold, from made rooms.

In: matches of whole rooms by the vector alone, with every candidate and its truth. Out: the two
numbers of a scope under which the tags of these rooms are best by mean segment F1. The tags are
those of `workers.tag`; nothing is guessed from single clips, whose errors the tagger forgives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.calibrate import SOUND_WEIGHTS
from models.errors import InputError
from models.segment_scores import measure
from models.sound_scores import combined
from workers.events import Candidate, Match, Tag
from workers.machine import Machine
from workers.rooms.scoring import Truth, told

_AS_GOOD = 0.01
_THRESHOLDS = 48
_CANDIDATES = 10
MakeTagger = Callable[[str, float], "Machine[list[Tag]]"]
"""Room and threshold → the machine that tells tags."""


@dataclass(frozen=True)
class RoomEvidence:
    """One room: its matches with all candidates, made with a sound weight of 0, and its truth."""

    matches: Sequence[Match]
    truth: Truth


@dataclass(frozen=True)
class FittedScope:
    """The two numbers, and how good the tags of the same rooms are with them."""

    weight: float
    threshold: float
    mean_f1: float
    mean_f1_without_sounds: float
    """With the best threshold for a weight of 0."""
    rooms: int


def fit_scope(rooms: Sequence[RoomEvidence], tagger: MakeTagger) -> FittedScope:
    """Return weight and threshold with the best mean segment F1 at 0.5 IoU.

    Of nearly as good weights the least: what is only mentioned soon outweighs what is seen. Then
    the middle of the widest run of thresholds that are nearly as good as that weight's best.

    Args:
        rooms: at least one.
        tagger: as live.

    Raises:
        InputError: no room, or no clip has a candidate.
    """
    if not any(match.candidates for room in rooms for match in room.matches):
        message = f"{len(rooms)} rooms have no clip with a candidate; there is nothing to fit"
        raise InputError(message)
    curves = {
        weight: _curve([_weighed(room, weight) for room in rooms], tagger)
        for weight in SOUND_WEIGHTS
    }
    peak = max(map(_peak, curves.values()))
    weight = min(one for one, curve in curves.items() if _peak(curve) >= peak - _AS_GOOD)
    threshold = _middle(curves[weight])
    return FittedScope(
        weight=weight,
        threshold=threshold,
        mean_f1=_mean_f1([_weighed(room, weight) for room in rooms], threshold, tagger),
        mean_f1_without_sounds=_peak(curves[0.0]),
        rooms=len(rooms),
    )


def _weighed(room: RoomEvidence, weight: float) -> RoomEvidence:
    """Return the room as `match` would answer it with this weight."""
    return RoomEvidence([_answer(match, weight) for match in room.matches], room.truth)


def _answer(match: Match, weight: float) -> Match:
    scored = [
        (combined(one.score, one.by.get("sounds", 0.0), weight), one.product_id)
        for one in match.candidates
    ]
    # Equal scores go by id, as live.
    best = sorted(scored, key=lambda one: (-one[0], one[1]))[:_CANDIDATES]
    found = tuple(Candidate(product_id=name, score=score) for score, name in best)
    return match.model_copy(update={"candidates": found})


def _curve(rooms: Sequence[RoomEvidence], tagger: MakeTagger) -> list[tuple[float, float]]:
    """Return (threshold, mean F1), thresholds rising: quantiles of the best scores."""
    scores = [
        match.candidates[0].score for room in rooms for match in room.matches if match.candidates
    ]
    cuts = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, _THRESHOLDS + 1)).round(4))
    return [(float(cut), _mean_f1(rooms, float(cut), tagger)) for cut in cuts]


def _mean_f1(rooms: Sequence[RoomEvidence], threshold: float, tagger: MakeTagger) -> float:
    found = []
    for room in rooms:
        machine = tagger(room.matches[0].stream_id if room.matches else "", threshold)
        tags = [tag for match in room.matches for job in machine.push(match) for tag in job]
        duration_ms = room.truth.duration_ms
        found.append(measure(told(tags, duration_ms), room.truth.segments, duration_ms).f1)
    return float(np.mean(found))


def _peak(curve: Sequence[tuple[float, float]]) -> float:
    return max(f1 for _, f1 in curve)


def _middle(curve: Sequence[tuple[float, float]]) -> float:
    """Return the middle of the widest run of thresholds that are nearly as good as the best."""
    least = _peak(curve) - _AS_GOOD
    runs: list[list[float]] = [[]]
    for threshold, f1 in curve:
        if f1 >= least:
            runs[-1].append(threshold)
        elif runs[-1]:
            runs.append([])
    widest = max((run for run in runs if run), key=lambda run: run[-1] - run[0])
    return round((widest[0] + widest[-1]) / 2, 4)
