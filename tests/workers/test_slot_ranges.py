"""Merged ranges against a set."""

from hypothesis import given
from hypothesis import strategies as st

from workers.slot_ranges import MOST_RANGES, SlotRanges


@given(st.lists(st.integers(0, 60), max_size=80))
def test_holds_what_a_set_would_hold_in_as_few_ranges_as_can_be(slots: list[int]) -> None:
    ranges, plain = SlotRanges(), set[int]()
    for slot in slots:
        assert ranges.add(slot) == (slot not in plain)
        plain.add(slot)
    assert {slot for slot in range(62) if slot in ranges} == plain
    starts = [slot for slot in plain if slot - 1 not in plain]
    assert [start for start, _ in ranges.ranges] == sorted(starts)
    assert SlotRanges(ranges.ranges).ranges == ranges.ranges


def test_oldest_holes_are_forgotten_first() -> None:
    ranges = SlotRanges()
    for slot in range(0, 2 * (MOST_RANGES + 3), 2):
        ranges.add(slot)
    assert len(ranges.ranges) == MOST_RANGES
    # slots   0 _ 2 _ 4 _ 6 _ 8   the holes at 1, 3 and 5 are taken for seen
    assert [slot for slot in range(9) if slot in ranges] == [0, 1, 2, 3, 4, 5, 6, 8]
