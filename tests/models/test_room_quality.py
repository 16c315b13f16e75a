"""Figures over rooms, against a slow loop that draws rooms one by one and counts on its fingers."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.room_quality import FIGURES, NEVER_S, Figure, RoomCounts, as_json, drawn

HOUR_MS = 3_600_000
DELAYS = st.one_of(st.integers(0, 20).map(lambda ms: ms / 4), st.just(NEVER_S))


@st.composite
def counts(draw: st.DrawFn) -> RoomCounts:
    delays = tuple(draw(st.lists(DELAYS, max_size=4)))
    tags = draw(st.integers(0, 4))
    return RoomCounts(
        matched=draw(st.integers(0, min(tags, len(delays)))),
        tags=tags,
        segments=len(delays),
        false_tags=draw(st.integers(0, tags)),
        edit_distance=draw(st.integers(0, 5)),
        duration_ms=draw(st.integers(1, 3)) * HOUR_MS // 2,
        delays_s=delays,
        worked_delays_s=tuple(delay + 1.5 for delay in delays),
        withdrawn=draw(st.integers(0, 3)),
    )


def slow(rooms: list[RoomCounts]) -> dict[str, float]:
    """Return every figure by its definition; NaN where there is nothing to tell."""

    def share(above: float, below: float) -> float:
        return above / below if below else math.nan

    def nth(delays: list[float], percent: int) -> float:
        ordered = sorted(delays)
        return next(
            (one for at, one in enumerate(ordered, 1) if 100 * at >= percent * len(ordered)),
            math.nan,
        )

    matched = sum(room.matched for room in rooms)
    tags = sum(room.tags for room in rooms)
    segments = sum(room.segments for room in rooms)
    delays = [delay for room in rooms for delay in room.delays_s]
    selling = [room for room in rooms if room.segments]
    f1 = [2 * room.matched / (room.tags + room.segments) for room in selling]
    return {
        "f1": share(2 * matched, tags + segments) if tags + segments else 1.0,
        "precision": share(matched, tags),
        "recall": share(matched, segments),
        "mean_room_f1": share(sum(f1), len(f1)),
        "first_tag_s": nth(delays, 50),
        "first_tag_p90_s": nth(delays, 90),
        "worked_first_tag_s": nth([one for room in rooms for one in room.worked_delays_s], 50),
        "never_told": share(delays.count(NEVER_S), segments),
        "false_tags_per_h": share(
            sum(room.false_tags for room in rooms) * HOUR_MS,
            sum(room.duration_ms for room in rooms),
        ),
        "withdrawn_per_h": share(
            sum(room.withdrawn for room in rooms) * HOUR_MS,
            sum(room.duration_ms for room in rooms),
        ),
        "edit_distance": share(sum(room.edit_distance for room in rooms), segments),
    }


@given(st.lists(counts(), min_size=1, max_size=5), st.integers(0, 3))
@settings(deadline=None)
def test_figures_and_every_draw_are_those_of_the_definition(
    rooms: list[RoomCounts], seed: int
) -> None:
    found = drawn(rooms, seed, draws=7)
    assert set(found.values) == set(FIGURES)
    for name, value in slow(rooms).items():
        assert found.values[name] == pytest.approx(value, nan_ok=True), name
    picks = np.random.default_rng(seed).integers(0, len(rooms), (7, len(rooms)))
    for at, pick in enumerate(picks if len(rooms) > 1 else []):
        by_hand = slow([rooms[number] for number in pick])
        for name, value in by_hand.items():
            assert found.draws[name][at] == pytest.approx(value, nan_ok=True), name


@given(st.lists(counts(), min_size=2, max_size=4), st.lists(counts(), min_size=4, max_size=4))
@settings(deadline=None)
def test_a_difference_is_that_of_the_same_draws(
    rooms: list[RoomCounts], others: list[RoomCounts]
) -> None:
    others = others[: len(rooms)]
    one, other = drawn(rooms, draws=50), drawn(others, draws=50)
    picks = np.random.default_rng(0).integers(0, len(rooms), (50, len(rooms)))
    gaps = sorted(
        slow([rooms[n] for n in pick])["f1"] - slow([others[n] for n in pick])["f1"]
        for pick in picks
    )
    found = one.above(other, "f1")
    assert found.value == pytest.approx(slow(rooms)["f1"] - slow(others)["f1"])
    # The least of 50 that 2.5 % and 97.5 % of them do not exceed.
    assert [found.low, found.high] == pytest.approx([gaps[1], gaps[48]])


def perfect(delays_s: tuple[float, ...] = (2.0, 4.0, 6.0)) -> RoomCounts:
    size = len(delays_s)
    return RoomCounts(size, size, size, 0, 0, HOUR_MS, delays_s, delays_s)


def test_a_variant_is_nowhere_above_itself() -> None:
    rooms = [perfect(), RoomCounts(1, 3, 2, 1, 2, HOUR_MS, (1.0, NEVER_S), (1.0, NEVER_S))]
    found = drawn(rooms)
    assert found.above(found, "f1") == Figure(0.0, 0.0, 0.0)


def test_one_room_has_figures_and_no_interval() -> None:
    found = drawn([perfect()])
    assert found.figure("f1") == Figure(1.0)
    assert found.figure("first_tag_s") == Figure(4.0)


def test_a_segment_that_is_never_told_counts_as_told_too_late_for_anybody() -> None:
    mostly = drawn([perfect((2.0, 4.0, NEVER_S)), perfect((2.0, 4.0, NEVER_S))])
    assert mostly.figure("first_tag_s").value == 4.0
    assert mostly.values["first_tag_p90_s"] == NEVER_S
    assert mostly.figure("first_tag_p90_s") == Figure(None, None, None)
    assert mostly.figure("never_told").value == pytest.approx(1 / 3)


def test_a_room_in_which_nothing_is_sold_counts_by_its_false_tags_alone() -> None:
    quiet, chatty = RoomCounts(0, 0, 0, 0, 0, HOUR_MS), RoomCounts(0, 2, 0, 2, 2, HOUR_MS)
    assert drawn([quiet]).values["f1"] == 1.0
    found = drawn([perfect(), chatty])
    assert found.values["mean_room_f1"] == 1.0
    assert found.values["false_tags_per_h"] == 1.0
    assert found.values["precision"] == pytest.approx(3 / 5)
    assert math.isnan(drawn([chatty]).values["mean_room_f1"])


def test_intervals_grow_with_what_rooms_differ_by() -> None:
    alike = [perfect() for _ in range(6)]
    unlike = [*alike[:3], *[RoomCounts(0, 3, 3, 3, 3, HOUR_MS, (NEVER_S,) * 3)] * 3]
    assert drawn(alike).figure("f1") == Figure(1.0, 1.0, 1.0)
    spread = drawn(unlike).figure("f1")
    assert spread.value == 0.5
    assert spread.low is not None
    assert spread.high is not None
    assert spread.low < 0.3 < 0.7 < spread.high


def test_figures_are_json() -> None:
    told = json.loads(json.dumps(as_json(drawn([perfect(), perfect((NEVER_S,))])), allow_nan=False))
    assert set(told) == set(FIGURES)
    assert set(told["f1"]) == {"value", "low", "high"}


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="no room to score"):
        drawn([])
    with pytest.raises(InputError, match="1 rooms cannot be held against 2"):
        drawn([perfect()]).above(drawn([perfect(), perfect()]), "f1")
