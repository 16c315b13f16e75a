"""The rolling window as a machine."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.windows import transcript
from workers.events import Transcript, Word
from workers.rolling_text import RollingText, RollingTextOptions
from workers.summarizers.protocol import WindowText

OPTIONS = RollingTextOptions(window_ms=6_000, hop_ms=2_000)


def titles(stream_id: str, media_ms: int) -> tuple[tuple[str, str], ...]:
    return (("p", f"title at {media_ms}"),)


def machine(snapshot: dict[str, object] | None = None) -> RollingText:
    return RollingText("room", OPTIONS, titles, snapshot)  # type: ignore[arg-type]


def word(middle_ms: int, text: str = "word") -> Word:
    return Word(text=text, start_ms=middle_ms - 50, end_ms=middle_ms + 50, probability=1)


def run(made: RollingText, events: Sequence[Transcript]) -> list[WindowText]:
    return [job for event in events for job in made.push(event)]


def test_windows_end_on_the_hops_and_reach_back_one_window() -> None:
    # slots    0 1 2 3 4 5 6 7 8      (1 s each, the last one is 8)
    # window 0 ---|
    # window 1 -------|
    # window 2 -----------|
    # window 3     -----------|
    # window 4         ---------|     (short, the room ends)
    events = [transcript(slot, last=slot == 8) for slot in range(9)]
    jobs = run(machine(), events)
    assert [(job.slot, job.start_ms, job.end_ms, job.last) for job in jobs] == [
        (0, 0, 2_000, False),
        (1, 0, 4_000, False),
        (2, 0, 6_000, False),
        (3, 2_000, 8_000, False),
        (4, 4_000, 9_000, True),
    ]


def test_a_room_that_ends_on_a_hop_has_no_window_more() -> None:
    jobs = run(machine(), [transcript(slot, last=slot == 3) for slot in range(4)])
    assert [(job.end_ms, job.last) for job in jobs] == [(2_000, False), (4_000, True)]


def test_a_word_belongs_to_the_windows_that_its_middle_lies_in() -> None:
    events = [transcript(0), transcript(1, word(1_999, "in"), word(2_000, "out")), transcript(2)]
    jobs = run(machine(), [*events, transcript(3)])
    assert [job.text for job in jobs] == ["in", "in out"]


def test_missing_slots_count_as_passed_and_repeated_ones_as_nothing() -> None:
    made = machine()
    assert run(made, [transcript(0, word(500))]) == []
    assert [job.slot for job in made.push(transcript(4, word(4_500)))] == [0, 1]
    assert made.push(transcript(4, word(4_500))) == ()
    assert made.push(transcript(3, word(3_500))) == ()


def test_the_cart_is_the_one_at_the_windows_end() -> None:
    jobs = run(machine(), [transcript(0), transcript(1)])
    assert jobs[0].titles == (("p", "title at 1999"),)
    assert jobs[0].language == "en"


def test_closing_ends_the_room_at_its_watermark_once() -> None:
    made = machine()
    run(made, [transcript(0), transcript(1), transcript(2, word(2_500))])
    (job,) = made.close()
    assert (job.slot, job.end_ms, job.last, job.text) == (1, 3_000, True, "word")
    assert made.done
    assert made.close() == ()
    assert made.push(transcript(3)) == ()


def test_a_room_that_ends_before_it_began_still_says_last() -> None:
    (job,) = machine().close()
    assert (job.slot, job.end_ms, job.last) == (0, 0, True)


def test_a_finished_room_stays_finished_after_a_restart() -> None:
    made = machine()
    run(made, [transcript(0, last=True)])
    again = machine(dict(made.snapshot()))
    assert again.done
    assert again.push(transcript(1)) == ()


@given(
    said=st.lists(st.lists(st.integers(-900, 1_900), max_size=3), min_size=1, max_size=30),
    missing=st.sets(st.integers(0, 29)),
    crash=st.integers(0, 30),
)
def test_a_rebuilt_machine_goes_on_as_if_nothing_had_happened(
    said: list[list[int]], missing: set[int], crash: int
) -> None:
    # Words may reach out of their slot on both sides, as the speech stage says they may.
    events = [
        transcript(
            slot,
            *(word(max(50, slot * 1_000 + offset), f"{slot}.{offset}") for offset in offsets),
            last=slot == len(said) - 1,
            language=f"l{slot}",
        )
        for slot, offsets in enumerate(said)
        if slot not in missing or slot == len(said) - 1
    ]
    whole = run(machine(), events)
    first = machine()
    before = run(first, events[:crash])
    floor_ms = first.needed_from_ms
    again = machine(dict(first.snapshot()))
    after = run(again, [event for event in events if event.end_ms > floor_ms])
    assert before + after == whole
