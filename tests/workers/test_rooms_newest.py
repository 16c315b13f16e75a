"""Of a slot that is told again the newest counts, whatever the order in which it came."""

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.test_align import transcript
from workers.rooms.newest import newest


def test_slot_that_was_told_again_counts_once_as_it_was_told_last() -> None:
    first, again, other = transcript(3, "mug"), transcript(3, "jug"), transcript(1)
    again = again.model_copy(update={"revision": 1})
    assert newest([first, other, again]) == [other, again]
    assert newest([again, other, first]) == [other, again]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4))))
def test_each_slot_is_there_once_in_order(told: list[tuple[int, int]]) -> None:
    events = [transcript(slot).model_copy(update={"revision": n}) for slot, n in told]
    found = newest(events)
    assert [one.slot for one in found] == sorted({slot for slot, _ in told})
    assert all(one.revision == max(n for slot, n in told if slot == one.slot) for one in found)
