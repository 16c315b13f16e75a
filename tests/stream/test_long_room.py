"""Minutes of what `tests.stream.long_room` does for hours: closed books, and nothing piles up."""

import asyncio
import gc
import tracemalloc

from tests.stream.long_room import LongRun

MEBIBYTE = 2**20


def test_long_rooms_close_their_books_to_the_millisecond_and_hold_no_past_sound() -> None:
    # sound of two rooms   64 KB/s   |   between the readings 18 MB pass through
    run = LongRun(rooms=2, slots=420, kill_every=150)
    held: list[int] = []

    def on_slot(slot: int) -> None:
        if slot in {120, 410}:
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        asyncio.run(run.run(on_slot))
    finally:
        tracemalloc.stop()
    # Some seconds are open at any time, and pytest keeps what was logged with its error.
    assert held[1] - held[0] < 6 * MEBIBYTE
    assert run.lives == 3
    for room, sent_ms in run.sent_ms.items():
        sums = run.sums(room)
        assert sums.is_closed
        assert sums.pending_ms == 0
        assert sums.received_ms == sent_ms
        lost_ms = sums.dropped_by_ms["late"] + sums.dropped_by_ms["refused"]
        assert sums.received_ms - lost_ms == run.written_ms[room]
