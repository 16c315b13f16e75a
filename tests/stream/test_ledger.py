"""The commit position against a slow obvious loop."""

from hypothesis import given
from hypothesis import strategies as st

from stream.ledger import NEVER_NEEDED, PartitionLedger


def test_nothing_taken_commits_nothing() -> None:
    assert PartitionLedger().position() is None


def test_open_window_holds_the_commit_at_its_first_record() -> None:
    # offset   10    11    12    13        window still open from 2 s
    # ends     1 s   2 s   3 s   4 s       |----------->
    ledger = PartitionLedger()
    for number in range(4):
        ledger.take(10 + number, "room", 1_000 * (number + 1))
        ledger.settle(10 + number)
    assert ledger.position() == 10
    ledger.need_from("room", 2_000)
    assert ledger.position() == 12
    ledger.need_from("room", 4_000)
    assert ledger.position() == 14


def test_ended_room_lets_go_while_another_still_holds() -> None:
    ledger = PartitionLedger()
    ledger.take(0, "ended", 1_000)
    ledger.take(1, "open", 1_000)
    for offset in (0, 1):
        ledger.settle(offset)
    ledger.forget("ended")
    assert ledger.position() == 1


def test_unsettled_record_holds_the_commit_though_its_window_is_closed() -> None:
    ledger = PartitionLedger()
    ledger.take(5, "room", NEVER_NEEDED)
    ledger.take(6, "room", NEVER_NEEDED)
    ledger.settle(6)
    assert ledger.position() == 5
    ledger.settle(5)
    assert ledger.position() == 7


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "settle", "need"]),
        st.sampled_from(["a", "b"]),
        st.integers(min_value=0, max_value=12),
    ),
    max_size=60,
)


@given(_STEPS)
def test_position_is_the_lowest_offset_still_needed(
    steps: list[tuple[str, str, int]],
) -> None:
    ledger = PartitionLedger()
    records: list[tuple[int, str, int]] = []
    settled: set[int] = set()
    floors = {"a": NEVER_NEEDED, "b": NEVER_NEEDED}
    for what, room, number in steps:
        if what == "take":
            offset = 3 * len(records)
            records.append((offset, room, number))
            ledger.take(offset, room, number)
        elif what == "settle" and records:
            offset = records[number % len(records)][0]
            settled.add(offset)
            ledger.settle(offset)
        elif what == "need":
            floors[room] = max(floors[room], number)
            ledger.need_from(room, floors[room])
        if records:
            needed = [o for o, r, end in records if o not in settled or end > floors[r]]
            assert ledger.position() == (min(needed) if needed else records[-1][0] + 1)
