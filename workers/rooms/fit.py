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
from models.sound_scores import Array, combined
from workers.events import Candidate, Match, Tag
from workers.machine import Machine
from workers.rooms.scoring import Truth, told

_AS_GOOD = 0.01
_THRESHOLDS = 48
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


@dataclass(frozen=True)
class _Scores:
    """A room's clips as arrays: (N, M), NaN where a product is no candidate."""

    vector: Array
    named: Array

    def best(self, weight: float) -> tuple[list[int | None], Array]:
        """Return each clip's best column, none where it has no candidate, and its score."""
        both = combined(self.vector, self.named, weight)
        filled = np.where(np.isnan(both), -np.inf, both)
        scores = filled.max(axis=1, initial=-np.inf)
        columns = filled.argmax(axis=1) if filled.shape[1] else np.zeros(len(filled), dtype=int)
        found = zip(columns, np.isfinite(scores), strict=True)
        return [int(column) if known else None for column, known in found], scores


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
    arrays = [_scores(room.matches) for room in rooms]
    every = [best for room in arrays for best in room.best(0.0)[1] if np.isfinite(best)]
    if not every:
        message = f"{len(rooms)} rooms have no clip with a candidate; there is nothing to fit"
        raise InputError(message)
    curves = {weight: _curve(rooms, arrays, weight, tagger) for weight in SOUND_WEIGHTS}
    peak = max(f1 for curve in curves.values() for _, f1 in curve)
    weight = min(one for one, curve in curves.items() if _peak(curve) >= peak - _AS_GOOD)
    threshold = _middle(curves[weight])
    return FittedScope(
        weight=weight,
        threshold=threshold,
        mean_f1=_mean_f1(rooms, arrays, weight, threshold, tagger),
        mean_f1_without_sounds=_peak(curves[0.0]),
        rooms=len(rooms),
    )


def _scores(matches: Sequence[Match]) -> _Scores:
    ids = sorted({one.product_id for match in matches for one in match.candidates})
    at = {product_id: column for column, product_id in enumerate(ids)}
    vector, named = np.full((len(matches), len(ids)), np.nan), np.zeros((len(matches), len(ids)))
    for row, match in enumerate(matches):
        for one in match.candidates:
            vector[row, at[one.product_id]] = one.score
            named[row, at[one.product_id]] = one.by.get("sounds", 0.0)
    return _Scores(vector, named)


def _curve(
    rooms: Sequence[RoomEvidence], arrays: Sequence[_Scores], weight: float, tagger: MakeTagger
) -> list[tuple[float, float]]:
    """Return (threshold, mean F1), thresholds rising: quantiles of the best scores."""
    scores = np.concatenate([room.best(weight)[1] for room in arrays])
    steps = np.linspace(0.0, 1.0, _THRESHOLDS + 1)
    cuts = np.unique(np.quantile(scores[np.isfinite(scores)], steps).round(4))
    return [(float(cut), _mean_f1(rooms, arrays, weight, float(cut), tagger)) for cut in cuts]


def _mean_f1(
    rooms: Sequence[RoomEvidence],
    arrays: Sequence[_Scores],
    weight: float,
    threshold: float,
    tagger: MakeTagger,
) -> float:
    found = []
    for room, scores in zip(rooms, arrays, strict=True):
        ids = sorted({one.product_id for match in room.matches for one in match.candidates})
        columns, values = scores.best(weight)
        tags: list[Tag] = []
        name = room.matches[0].stream_id if room.matches else ""
        machine = tagger(name, threshold)
        for match, column, value in zip(room.matches, columns, values, strict=True):
            best = () if column is None else (
                Candidate(product_id=ids[column], score=float(np.clip(value, -1.0, 1.0))),
            )  # fmt: skip
            for job in machine.push(match.model_copy(update={"candidates": best})):
                tags += job
        duration_ms = room.truth.duration_ms
        said = told(tags, duration_ms)
        found.append(measure(said, room.truth.segments, duration_ms).f1)
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
