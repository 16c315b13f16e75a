"""Where the sound went: by example, and the books under anything that can come."""

import json

from hypothesis import given
from hypothesis import strategies as st

from workers.events import Accounting, AudioChunk, Transcript
from workers.media_account import MediaAccount
from workers.media_sums import MediaSums


def chunk(slot: int, ms: int = 1_000, gap_ms: int = 0) -> AudioChunk:
    start_ms = slot * 1_000
    return AudioChunk(
        stream_id="room", slot=slot, start_ms=start_ms, end_ms=start_ms + ms,
        watermark_ms=start_ms + ms, gap_ms=gap_ms,
    )  # fmt: skip


def written(slot: int, said: int = 0, silent: int = 0, **dropped: int) -> Transcript:
    lost = sum(dropped.values())
    return Transcript(
        stream_id="room", slot=slot, start_ms=slot * 1_000, end_ms=slot * 1_000 + 1_000,
        watermark_ms=slot * 1_000 + 1_000,
        accounting=Accounting(
            received_ms=said + silent + lost, transcribed_ms=said, silent_ms=silent,
            dropped_ms=lost, dropped_by_ms=dropped,
        ),
    )  # fmt: skip


def test_sound_is_pending_until_its_transcript_says_where_it_went() -> None:
    account = MediaAccount()
    account.take(chunk(0))
    account.take(chunk(1, gap_ms=300))
    assert account.sums == MediaSums(1_700, pending_ms=1_700)
    account.settle(written(0, said=400, silent=500, low_log_probability=100))
    assert account.sums == MediaSums(1_700, 400, 500, {"low_log_probability": 100}, 700)
    account.settle(written(1, silent=700))
    assert account.sums == MediaSums(1_700, 400, 1_200, {"low_log_probability": 100}, 0)


def test_slot_that_comes_twice_counts_once_before_and_after_its_transcript() -> None:
    account = MediaAccount()
    for _ in range(2):
        account.take(chunk(0))
    account.settle(written(0, said=1_000))
    account.take(chunk(0))
    account.settle(written(0, silent=1_000))
    assert account.sums == MediaSums(1_000, 1_000)


def test_late_chunk_is_dropped_whether_or_not_its_hole_was_written() -> None:
    # slots taken   0   2   1(late)   3   | written 0 1 2 |   and 4 after that 5 was written
    account = MediaAccount()
    for slot in (0, 2, 1, 3, 5):
        account.take(chunk(slot))
    for slot in (0, 2, 3):
        account.settle(written(slot, said=1_000))
    account.settle(written(4))
    account.settle(written(5, silent=1_000))
    account.take(chunk(4))
    assert account.sums == MediaSums(6_000, 3_000, 1_000, {"late": 2_000})


def test_refused_chunk_is_dropped_unless_a_good_one_takes_its_place() -> None:
    account = MediaAccount()
    account.refuse(chunk(0, gap_ms=200))
    account.take(chunk(0))
    account.refuse(chunk(1))
    account.take(chunk(2))
    assert account.sums == MediaSums(3_000, pending_ms=3_000)
    for slot, ms in ((0, 1_000), (1, 0), (2, 1_000)):
        account.settle(written(slot, said=ms))
    assert account.sums == MediaSums(3_000, 2_000, 0, {"refused": 1_000})


def test_end_of_the_room_leaves_nothing_pending() -> None:
    account = MediaAccount()
    account.take(chunk(0))
    account.refuse(chunk(1))
    account.close()
    assert account.sums == MediaSums(2_000, 0, 0, {"refused": 1_000, "unaccounted": 1_000})


def test_transcript_that_claims_more_or_less_than_came_cannot_break_the_books() -> None:
    account = MediaAccount()
    account.take(chunk(0, gap_ms=400))
    account.take(chunk(1))
    account.settle(written(0, said=500, silent=500))
    account.settle(written(1, said=300))
    assert account.sums == MediaSums(1_600, 800, 100, {"unaccounted": 700})


def test_times_that_are_nonsense_count_for_a_slot_at_most() -> None:
    account = MediaAccount()
    account.refuse(chunk(0, ms=10**9))
    account.refuse(chunk(1, ms=100, gap_ms=900))
    assert account.sums.received_ms == 1_000


def test_account_is_told_in_words() -> None:
    sums = MediaSums(3_600_000, 2_400_000, 1_150_500, {"late": 20_000, "loop": 29_500}, 0)
    assert sums.text() == (
        "3600 s received = 2400 transcribed + 1150.5 silent + 49.5 dropped (late 20, loop 29.5)"
    )
    assert MediaSums(1_000, pending_ms=1_000).text().endswith("0 dropped + 1 pending")


ENTRIES = st.one_of(
    st.tuples(st.sampled_from(["take", "refuse"]), st.integers(0, 9), st.integers(0, 1_000)),
    st.tuples(st.just("settle"), st.integers(0, 9), st.integers(0, 1_200)),
)


@given(st.lists(ENTRIES), st.integers(0, 50))
def test_books_are_closed_at_every_step_and_a_snapshot_goes_on_alike(
    entries: list[tuple[str, int, int]], saved_after: int
) -> None:
    account = MediaAccount()
    for step, (kind, slot, ms) in enumerate(entries):
        if step == saved_after:
            account = MediaAccount(json.loads(json.dumps(account.snapshot())))
        before = account.sums
        if kind == "settle":
            account.settle(written(slot, said=ms // 2, silent=ms - ms // 2))
        else:
            getattr(account, kind)(chunk(slot, gap_ms=ms))
        assert account.sums.is_closed
        assert account.sums.pending_ms >= 0
        assert account.sums.settled_ms >= before.settled_ms
    account.close()
    assert account.sums.is_closed
    assert account.sums.pending_ms == 0
