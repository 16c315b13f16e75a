"""How far behind live rooms are, in seconds of media, and what is left out for it."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.ledger import NEVER_NEEDED, PartitionLedger
from stream.load import Load, MediaBacklog, StageLoad
from workers.ladder import OverloadOptions


def everyone(_: str) -> bool:
    return True


def test_room_is_behind_by_what_was_taken_and_is_not_acknowledged() -> None:
    # room a   taken    |---1---2---3---4---5|      settled up to 2: 3 s behind
    # room b   taken    |---1---2|                  settled up to 2: in time
    backlog = MediaBacklog()
    for end_ms in (1_000, 2_000):
        backlog.take("b", end_ms)
        backlog.settle("b", end_ms)
    for end_ms in range(1_000, 6_000, 1_000):
        backlog.take("a", end_ms)
    backlog.settle("a", 2_000)
    assert backlog.behind_ms(everyone, 0) == 3_000
    assert backlog.behind_ms(lambda room: room == "b", 0) == 0
    backlog.forget("a")
    assert backlog.behind_ms(everyone, 0) == 0


def test_room_that_nobody_waits_for_does_not_count() -> None:
    backlog = MediaBacklog()
    backlog.take("file", 1_000)
    backlog.take("file", 100_000)
    assert backlog.behind_ms(lambda _: False, 50) == 0


def test_records_not_yet_taken_count_as_media_of_the_rooms_of_the_partition() -> None:
    # two rooms of half-second slots: four records make one second of media in each
    backlog = MediaBacklog()
    for room in ("a", "b"):
        for slot in range(10):
            backlog.take(room, 500 * (slot + 1))
            backlog.settle(room, 500 * (slot + 1))
    assert backlog.behind_ms(everyone, 40) == 10_000


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40_000)), max_size=40))
def test_what_is_settled_is_never_behind(records: list[tuple[str, int]]) -> None:
    backlog = MediaBacklog()
    for room, end_ms in records:
        backlog.take(room, end_ms)
    for room, end_ms in records:
        backlog.settle(room, end_ms)
    assert backlog.behind_ms(everyone, 0) == 0


def test_ledger_adds_what_lies_on_kafka_to_what_its_lane_has_taken() -> None:
    # offsets     10 11 12 13 | 14 ... 19      Kafka gives 20 next
    # acknowledged 10 11      |                2 s taken, 6 s waiting
    ledger = PartitionLedger()
    assert ledger.behind_ms(everyone, 7) == 0
    for number in range(4):
        ledger.take(10 + number, "room", 1_000 * (number + 1))
    for offset in (10, 11):
        ledger.settle(offset)
    ledger.take(14, "", NEVER_NEEDED)
    ledger.settle(14)
    assert ledger.behind_ms(everyone, None) == 2_000
    assert ledger.behind_ms(everyone, 15) == 2_000
    assert ledger.behind_ms(everyone, 21) == 8_000
    ledger.forget("room")
    assert ledger.behind_ms(everyone, 21) == 0


def test_a_rung_can_be_held_for_a_measurement() -> None:
    load = StageLoad("asr", OverloadOptions(), lambda room: room == "live")
    load.hold("extractive")
    assert (load.rung("live"), load.rung("file")) == ("extractive", "full")
    load.hold("full")
    assert load.rung("live") == "full"


def test_rung_holds_for_live_rooms_only_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    readings: list[Load] = []
    times = iter((0.0, 5.0, 6.0))
    load = StageLoad(
        "asr",
        OverloadOptions(),
        lambda room: room == "live",
        readings.append,
        lambda: next(times),
    )
    with caplog.at_level(logging.WARNING, "stream.load"):
        for behind_ms in (11_000, 11_000, 12_500):
            load.read(behind_ms)
    assert (load.rung("live"), load.rung("file")) == ("fewer_frames", "full")
    assert [(one.rung, one.behind_s) for one in readings] == [
        ("full", 11.0), ("fewer_frames", 11.0), ("fewer_frames", 12.5),
    ]  # fmt: skip
    assert caplog.messages == ["asr: 11.0 s of media behind: from full to fewer_frames"]
