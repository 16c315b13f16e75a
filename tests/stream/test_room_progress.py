"""How far a room has come, by example."""

from stream.room_progress import RoomProgress
from tests.stream.sound_stage import chunk


def test_backlog_is_what_has_come_and_is_not_said() -> None:
    progress = RoomProgress()
    for slot in (0, 1, 2, 1):
        progress.take(chunk("room", slot), 0.0)
    assert progress.backlog_ms == 3_000
    progress.say(2_000, 0.0)
    assert progress.backlog_ms == 1_000
    progress.say(5_000, 0.0)
    assert progress.backlog_ms == 0


def test_delay_runs_from_the_input_that_reaches_the_end_to_the_answer() -> None:
    # came at   10 s: 0-1   11 s: 1-2   12 s: 2-3   |   said to 1.5 s at 14 s, to 3 s at 15
    progress = RoomProgress()
    for slot in range(3):
        progress.take(chunk("room", slot), 10.0 + slot)
    assert progress.say(1_500, 14.0) == 3.0
    assert progress.say(1_500, 14.5) is None
    assert progress.say(3_000, 15.0) == 3.0


def test_delay_of_what_nothing_came_for_is_not_told() -> None:
    progress = RoomProgress()
    assert progress.say(1_000, 1.0) is None
