"""How well tags tell what was sold, over rooms: figures, and how sure they are.

In: what was counted in each room. Out: figures over all rooms together, with 95 % intervals by a
percentile bootstrap over rooms (Efron and Tibshirani 1993, chapters 8 and 13): rooms are what was
drawn, moments within one are alike. Two variants of the same rooms are compared on the same draws,
so that what is hard for both cancels out. Times are media time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Values = npt.NDArray[np.float64]
DRAWS = 2_000
NEVER_S = math.inf
"""The delay of a product that no tag ever names."""
_HOUR_MS = 3_600_000
FIGURES = (
    "f1", "precision", "recall", "mean_room_f1", "first_tag_s", "first_tag_p90_s",
    "worked_first_tag_s", "never_told", "false_tags_per_h", "withdrawn_per_h", "edit_distance",
)  # fmt: skip
"""`f1`, `precision`, `recall`: of all segments and tags together, at 0.5 IoU. `mean_room_f1`: of
the rooms in which something is sold. `first_tag_s`, `first_tag_p90_s`: least delay of the first
correct tag that half, that nine tenths of the segments do not exceed; `worked_first_tag_s`: the
median with the work of a machine. `never_told`: share of segments that no tag of their product
meets. `withdrawn_per_h`: tags that were told and taken back; the others are of what stands in the
end. `edit_distance`: of the sequences, for each true segment."""


@dataclass(frozen=True)
class RoomCounts:
    """What was counted in one room."""

    matched: int
    """Pairs of tag and true segment."""
    tags: int
    segments: int
    false_tags: int
    edit_distance: int
    duration_ms: int
    delays_s: tuple[float, ...] = ()
    """Of each segment: from the product's first appearance or mention to its first correct tag, on
    a machine that takes no time; `NEVER_S` where there is none."""
    worked_delays_s: tuple[float, ...] = ()
    """The same with the work of a machine, in the same order."""
    withdrawn: int = 0
    """Tags that were told and taken back."""


@dataclass(frozen=True)
class Figure:
    """One figure with its interval of 95 %."""

    value: float | None
    """None: there is nothing to tell, or (a delay) it is infinite."""
    low: float | None = None
    """None: there is one room only, or the bound is as `value`."""
    high: float | None = None


@dataclass(frozen=True)
class Drawn:
    """The figures of one variant over its rooms, and over each draw of them."""

    rooms: int
    values: Mapping[str, float]
    """By figure; NaN where there is nothing to tell."""
    draws: Mapping[str, Values]
    """By figure, (D,); empty for one room only."""

    def figure(self, name: str) -> Figure:
        """Return a figure with its interval."""
        return Figure(_finite(self.values[name]), *_interval(self.draws[name]))

    def above(self, other: "Drawn", name: str) -> Figure:
        """Return by how much a figure is above that of another variant of the same rooms.

        Raises:
            InputError: they are not of as many rooms.
        """
        if self.rooms != other.rooms:
            message = f"{self.rooms} rooms cannot be held against {other.rooms}"
            raise InputError(message)
        with np.errstate(invalid="ignore"):  # two delays may both be infinite
            draws = self.draws[name] - other.draws[name]
        return Figure(_finite(self.values[name] - other.values[name]), *_interval(draws))


def drawn(rooms: Sequence[RoomCounts], seed: int = 0, draws: int = DRAWS) -> Drawn:
    """Return the figures of rooms, and of as many rooms drawn from them with repetition.

    Args:
        rooms: at least one.
        seed: of the draws; the same seed and number of rooms give the same draws.
        draws: how many.

    Raises:
        InputError: there is no room.
    """
    if not rooms:
        message = "no room to score; want at least one"
        raise InputError(message)
    count = len(rooms)
    whole = {name: float(found[0]) for name, found in _figures(rooms, np.ones((1, count))).items()}
    picks = np.random.default_rng(seed).integers(0, count, (draws if count > 1 else 0, count))
    times = np.stack([np.bincount(one, minlength=count) for one in picks]) if count > 1 else picks
    return Drawn(count, whole, _figures(rooms, times.astype(np.float64)))


def _figures(rooms: Sequence[RoomCounts], times: Values) -> dict[str, Values]:
    """Return (D,) of each figure, with each room as many times as (D, R) says."""
    matched, tags, segments, false, distance, withdrawn, hours = (
        times @ np.asarray(column, dtype=np.float64)
        for column in zip(*(_columns(room) for room in rooms), strict=True)
    )
    sells = np.asarray([room.segments > 0 for room in rooms])
    f1 = np.asarray([_f1(room) for room in rooms])
    delays = np.asarray([delay for room in rooms for delay in room.delays_s])
    worked = np.asarray([delay for room in rooms for delay in room.worked_delays_s])
    of_room = np.repeat(np.arange(len(rooms)), [len(room.delays_s) for room in rooms])
    weights = times[:, of_room]
    never = weights @ np.isinf(delays).astype(np.float64)
    both = tags + segments
    return {
        # Nothing said where nothing is sold is as it should be.
        "f1": np.where(both > 0, _over(2 * matched, both), 1.0),
        "precision": _over(matched, tags),
        "recall": _over(matched, segments),
        "mean_room_f1": _over(times @ np.where(sells, f1, 0.0), times @ sells.astype(np.float64)),
        "first_tag_s": _quantile(delays, weights, 0.5),
        "first_tag_p90_s": _quantile(delays, weights, 0.9),
        "worked_first_tag_s": _quantile(worked, weights, 0.5),
        "never_told": _over(never, segments),
        "false_tags_per_h": _over(false, hours),
        "withdrawn_per_h": _over(withdrawn, hours),
        "edit_distance": _over(distance, segments),
    }


def _columns(room: RoomCounts) -> tuple[float, ...]:
    hours = room.duration_ms / _HOUR_MS
    counted = room.matched, room.tags, room.segments, room.false_tags, room.edit_distance
    return (*counted, room.withdrawn, hours)


def _f1(room: RoomCounts) -> float:
    both = room.tags + room.segments
    return 2 * room.matched / both if both else 1.0


def _over(above: Values, below: Values) -> Values:
    """Divide; NaN where there is nothing to divide by."""
    found: Values = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return found


def _quantile(values: Values, weights: Values, share: float) -> Values:
    """Return (D,) the least of (N,) values that a share of the (D, N) weight does not exceed."""
    if not values.size:
        return np.full(len(weights), np.nan)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    total = reached[:, -1:]
    # Weights are whole numbers: half a case is no rounding error.
    at = np.argmax(reached >= share * total - 1e-9, axis=1)
    found: Values = np.where(total[:, 0] > 0, values[order][at], np.nan)
    return found


def _interval(draws: Values) -> tuple[float | None, float | None]:
    told = np.sort(draws[~np.isnan(draws)])
    if not told.size:
        return None, None
    # Without interpolation: a delay may be infinite.
    low, high = np.quantile(told, (0.025, 0.975), method="inverted_cdf")
    return _finite(low), _finite(high)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def as_json(found: Drawn) -> dict[str, Any]:
    """Return what `json.dumps` takes: each figure with its interval."""
    return {name: vars(found.figure(name)) for name in FIGURES}
