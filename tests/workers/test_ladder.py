"""The overload ladder by hand, and what holds of it whatever the readings."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import SettingsError
from workers.events import LoadRung
from workers.ladder import RUNGS, Ladder, OverloadOptions, is_down_to, lowest, never_hurried

OPTIONS = OverloadOptions(
    step_down_s=10, patience_s=5, recovers_s_per_s=0.2, climb_s=5, calm_s=20, longest_calm_s=80
)
SHORT: dict[LoadRung, str] = dict(zip(RUNGS, ("full", "few", "hop", "ext", "eye"), strict=True))


def climbed(readings: Sequence[tuple[float, float]], options: OverloadOptions = OPTIONS) -> str:
    """Return the rung after each reading of (seconds, backlog), in short."""
    ladder = Ladder(options)
    return " ".join(SHORT[ladder.read(now_s, backlog_s)] for now_s, backlog_s in readings)


def every(step_s: float, *backlogs_s: float) -> list[tuple[float, float]]:
    return [(step_s * number, backlog_s) for number, backlog_s in enumerate(backlogs_s)]


def test_growing_backlog_goes_down_one_rung_at_each_multiple_of_the_first() -> None:
    # seconds           0    5    10   15   20   25   30   35   40   45
    readings = every(5, 0, 11, 16, 21, 26, 31, 36, 41, 46, 51)
    # above 10 for 5 s:      |--->few       above 20 from 15 on: hop at 20, and so on
    assert climbed(readings) == "full full few few hop hop ext ext eye eye"


def test_peak_that_is_shorter_than_the_patience_leaves_nothing_out() -> None:
    assert climbed([(0, 30), (4, 30), (4.9, 3), (5, 30), (9.9, 30)]) == "full full full full full"


def test_backlog_that_falls_is_left_to_recover() -> None:
    # as after a start: 30 s behind, gaining one second in five
    assert climbed(every(5, 30, 29, 28, 27, 26)) == "full full full full full"
    assert climbed(every(5, 30, 29.9, 29.8, 29.7, 29.6)) == "full few hop hop hop"


def test_calm_climbs_back_one_rung_after_another() -> None:
    down = every(5, 25, 25, 25)
    calm = [(10 + 10 * n, 4.0) for n in range(1, 7)]
    # seconds                      0    5   10  20  30  40  50  60  70
    # below 5 from 20 on:                       |------->|------->
    assert climbed([*down, *calm]) == "full few hop hop hop few few full full"


def test_between_the_thresholds_nothing_changes() -> None:
    down = every(5, 11, 11)
    between = [(5.0 + 10 * n, 9.0) for n in range(1, 50)]
    assert set(climbed([*down, *between]).split()[1:]) == {"few"}


def test_rung_that_was_left_too_soon_is_held_longer_the_next_time() -> None:
    ladder = Ladder(OPTIONS)
    now_s = 0.0
    held_s = []
    for _ in range(5):
        while ladder.read(now_s, 12.0) == "full":
            now_s += 1
        began_s = now_s
        while ladder.read(now_s, 0.0) != "full":
            now_s += 1
        held_s.append(now_s - began_s)
    assert held_s == [20, 40, 80, 80, 80]


def test_rung_that_is_needed_again_only_much_later_is_held_no_longer() -> None:
    #  readings above (^) and calm (.)      ^^....(20 s)....climb .......(60 s)....... ^^...(20 s)
    times = [(0, 12), (5, 12), (6, 0), (26, 0), (90, 12), (95, 12), (96, 0), (115.9, 0), (116, 0)]
    assert climbed(times) == "full few few full full few few few full"


def test_switched_off_it_leaves_nothing_out() -> None:
    off = OverloadOptions(enabled=False)
    assert set(climbed(every(60, *(1_000.0 for _ in range(20))), off).split()) == {"full"}


def timed(steps: list[tuple[float, float]]) -> list[tuple[float, float]]:
    now_s = 0.0
    readings = []
    for step_s, backlog_s in steps:
        now_s += step_s
        readings.append((now_s, backlog_s))
    return readings


STEPS = st.tuples(st.floats(0, 30), st.floats(0, 120))
READINGS = st.lists(STEPS, min_size=1, max_size=60).map(timed)
BEYOND_THE_LAST_STEP = st.floats(41, 500)


def latest(readings: Sequence[tuple[float, float]], span_s: float) -> list[float]:
    """Return the backlogs of the readings within the last so many seconds."""
    until_s = readings[-1][0]
    return [backlog_s for at_s, backlog_s in readings if at_s > until_s - span_s]


@given(READINGS)
def test_it_moves_one_rung_at_a_time_and_only_with_cause(
    readings: list[tuple[float, float]],
) -> None:
    ladder = Ladder(OPTIONS)
    places = [0, *(RUNGS.index(ladder.read(*reading)) for reading in readings)]
    for number, (before, after) in enumerate(pairwise(places)):
        assert abs(after - before) <= 1
        if after > before:
            recent = latest(readings[: number + 1], OPTIONS.patience_s)
            assert all(one > OPTIONS.step_down_s * (before + 1) for one in recent)
        if after < before:
            recent = latest(readings[: number + 1], OPTIONS.calm_s)
            assert all(one < OPTIONS.climb_s for one in recent)


@given(READINGS, BEYOND_THE_LAST_STEP)
def test_overload_that_lasts_reaches_the_bottom_and_calm_the_top(
    before: list[tuple[float, float]], backlog_s: float
) -> None:
    ladder = Ladder(OPTIONS)
    for reading in before:
        ladder.read(*reading)
    now_s = before[-1][0]
    sinking = [ladder.read(now_s + second, backlog_s) for second in range(1, 31)]
    assert sinking[-1] == "vision_only"
    now_s += 31
    seconds = range(len(RUNGS) * int(OPTIONS.longest_calm_s))
    climbing = [ladder.read(now_s + second, 0.0) for second in seconds]
    assert climbing[-1] == "full"


def test_lowest_rung_leaves_out_most() -> None:
    assert lowest() == "full"
    assert lowest("full", "larger_hop", "fewer_frames") == "larger_hop"
    assert is_down_to("vision_only", "extractive")
    assert not is_down_to("larger_hop", "extractive")
    assert never_hurried("any") == "full"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"climb_s": 10.0}, "overload.climb_s is 10"),
        ({"climb_s": 0.0}, "overload.climb_s is 0"),
        ({"patience_s": 30.0}, "overload.patience_s 30"),
        ({"longest_calm_s": 10.0}, "longest_calm_s 10"),
    ],
)
def test_thresholds_between_which_it_would_swing_are_refused(
    options: dict[str, float], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        OverloadOptions(**options)  # type: ignore[arg-type]
