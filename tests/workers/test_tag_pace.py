"""Starts and ends take as much media at any rate of clips."""

import pytest

from tests.workers.tag_rooms import OPTIONS, lives, match, room, tags_of
from workers.tag_pace import Counts, hop_of

COUNTS = Counts(enter=2, enter_of=3, leave=3, update_every=4)


@pytest.mark.parametrize(
    ("hop_ms", "expected"),
    [
        (0, (2, 3, 3, 4)),
        (2_500, (2, 3, 3, 4)),
        (1_250, (4, 6, 6, 8)),
        (1_000, (5, 8, 8, 10)),
        (5_000, (1, 2, 2, 2)),
        (60_000, (1, 1, 1, 1)),
    ],
)
def test_counts_span_the_same_media(hop_ms: int, expected: tuple[int, ...]) -> None:
    at = COUNTS.at(hop_ms)
    assert (at.enter, at.enter_of, at.leave, at.update_every) == expected


def test_no_updates_are_none_at_any_rate() -> None:
    assert Counts(2, 3, 3, 0).at(1_000).update_every == 0


def test_rate_is_that_of_the_last_clips_and_one_lost_clip_does_not_change_it() -> None:
    assert hop_of([7_500]) == 0
    assert hop_of([0, 2_500, 7_500, 10_000]) == 2_500
    assert hop_of([0, 2_500, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000]) == 5_000


def test_twice_as_many_clips_start_and_end_a_tag_no_sooner() -> None:
    # every 2.5 s   A    A    .    .    .    .         four clips of 1.25 s hop, not two, start A;
    # every 1.25 s  A A  A A  . .  . .  . .  . .       six, not three, end it
    slow, fast = tags_of(room("AA....")), tags_of(room("AAAA........", hop_ms=1_250))
    assert [(tag.status, tag.slot) for tag in slow] == [("started", 1), ("ended", 4)]
    assert [(tag.status, tag.slot) for tag in fast] == [("started", 3), ("ended", 9)]


def test_where_every_other_clip_is_lost_half_as_many_count() -> None:
    # slot   0  2  4  6  8  10 12 14
    # shows  .  .  .  .  A  .  .  .        at one clip every 5 s, one starts a tag and two end it
    some = [match(slot, "A" if slot == 8 else "") for slot in range(0, 16, 2)]
    assert lives(tags_of(some, OPTIONS)) == [("started", "A", 20.0), ("ended", "A", 25.0)]
