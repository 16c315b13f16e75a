"""Windows of a room whose screen is read: both tracks must have passed, in whatever order."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.windows import screen, spoken, transcript
from workers.events import GridEvent, ScreenText, Track, Transcript, Word
from workers.rolling_text import RollingText, RollingTextOptions
from workers.summarizers.protocol import WindowText

OPTIONS = RollingTextOptions(window_ms=6_000, hop_ms=2_000)
BOTH: tuple[Track, ...] = ("audio", "video")


def machine(tracks: Sequence[Track] = BOTH, snapshot: dict[str, Any] | None = None) -> RollingText:
    return RollingText("room", OPTIONS, lambda *_: (), snapshot, tracks)


def run(made: RollingText, events: Sequence[GridEvent]) -> list[WindowText]:
    return [job for event in events for job in made.push(event)]


def test_a_window_waits_for_both_watermarks() -> None:
    # transcripts  0 1 | 2 3 |          window 0 ends at 2 s, window 1 at 4 s
    # screen       0 1 2 3 | 4 ...      slots of half a second
    made = machine()
    assert run(made, [transcript(n) for n in range(4)]) == []
    assert run(made, [screen(n) for n in range(3)]) == []
    assert [job.slot for job in made.push(screen(3))] == [0]
    assert [job.slot for job in run(made, [screen(n) for n in range(4, 9)])] == [1]


def test_a_window_has_the_lines_that_were_read_in_it_once_each_in_order() -> None:
    # slot ends      0.5    1.0  ...  2.0   2.5        window 0: up to 2 s, the slot's end counts
    # reads          a,b          A         c
    made = machine()
    texts = [screen(0, "a", "b"), screen(1), screen(2, "A"), screen(3, "d"), screen(4, "c")]
    jobs = run(made, [*texts, transcript(0), transcript(1)])
    assert [job.screen_lines for job in jobs] == [("a", "b", "d")]


def test_lines_are_forgotten_with_the_last_window_that_has_them() -> None:
    # window 2: 0 to 6 s, window 3: 2 to 8 s; the line was read at 2 s, which ends before window 3
    made = machine()
    texts = [screen(n, *(["price"] if n == 3 else [])) for n in range(16)]
    jobs = run(made, [*texts, *(transcript(n) for n in range(8))])
    assert [job.screen_lines for job in jobs] == [("price",)] * 3 + [()]


def test_a_screen_that_ended_early_is_not_waited_for() -> None:
    made = machine()
    jobs = run(made, [screen(0, "x", last=True), *(transcript(n) for n in range(4))])
    assert [(job.slot, job.screen_lines) for job in jobs] == [(0, ("x",)), (1, ("x",))]


def test_the_last_window_waits_for_the_screen_too() -> None:
    made = machine()
    heard = [transcript(0), transcript(1), transcript(2, last=True)]
    assert run(made, heard) == []
    jobs = run(made, [screen(n, f"line {n}") for n in range(6)])
    assert [(job.slot, job.end_ms, job.last) for job in jobs] == [
        (0, 2_000, False),
        (1, 3_000, True),
    ]
    assert jobs[1].screen_lines[-1] == "line 5"
    assert made.done
    assert made.push(screen(6)) == ()


def test_a_room_without_video_waits_for_no_screen() -> None:
    jobs = run(machine(("audio",)), [transcript(0), transcript(1)])
    assert [(job.slot, job.screen_lines) for job in jobs] == [(0, ())]


def test_a_room_without_sound_holds_nothing_back() -> None:
    made = machine(("video",))
    assert run(made, [screen(0, "x"), screen(1, "y")]) == []
    assert made.needed_from_ms == 1_000
    made.push(screen(2, last=True))
    assert made.done
    assert made.close() == ()


def test_closing_does_not_wait() -> None:
    made = machine()
    run(made, [transcript(0), transcript(1), transcript(2), screen(0, "x")])
    jobs = made.close()
    assert [(job.slot, job.last) for job in jobs] == [(0, False), (1, True)]
    assert jobs[0].screen_lines == ("x",)


def said(slot: int, offsets: Sequence[int]) -> tuple[Word, ...]:
    starts = (max(0, slot * 1_000 + offset) for offset in offsets)
    return tuple(spoken(f"w{slot}", start_ms, 100)[0] for start_ms in starts)


ROOM = st.fixed_dictionaries(
    {
        "words": st.lists(st.lists(st.integers(-900, 1_900), max_size=2), min_size=1, max_size=20),
        "texts": st.integers(1, 40),
        "is_cut_short": st.booleans(),
    }
)


def tracks_of(room: dict[str, Any]) -> tuple[list[Transcript], list[ScreenText]]:
    words, texts = room["words"], room["texts"]
    heard = [
        transcript(slot, *said(slot, offsets), last=slot == len(words) - 1, language=f"l{slot}")
        for slot, offsets in enumerate(words)
    ]
    if room["is_cut_short"]:
        # The last record may be one of no length, where the one before it ended.
        end_ms = heard[-1].end_ms
        heard[-1] = heard[-1].model_copy(update={"last": False})
        more = {"start_ms": end_ms, "end_ms": end_ms, "watermark_ms": end_ms}
        heard.append(transcript(len(heard), last=True).model_copy(update=more))
    seen = [screen(slot, f"s{slot}", last=slot == texts - 1) for slot in range(texts)]
    return heard, seen


def mixed(room: dict[str, Any], turns: Sequence[bool]) -> list[GridEvent]:
    """The two tracks, each in its order, taken in turn as told, then what is left."""
    heard, seen = (list[GridEvent](track) for track in tracks_of(room))
    events: list[GridEvent] = []
    for is_heard in turns:
        track = heard if is_heard else seen
        events += [track.pop(0)] if track else []
    return events + heard + seen


@given(room=ROOM, turns=st.lists(st.booleans(), max_size=60))
def test_which_track_comes_first_changes_nothing(room: dict[str, Any], turns: list[bool]) -> None:
    heard, seen = tracks_of(room)
    in_time = sorted([*heard, *seen], key=lambda event: event.watermark_ms)
    one, other = machine(), machine()
    assert run(one, in_time) == run(other, mixed(room, turns))
    assert one.done
    assert other.done


@given(room=ROOM, turns=st.lists(st.booleans(), max_size=60))
def test_the_screen_changes_no_window_but_its_lines(
    room: dict[str, Any], turns: list[bool]
) -> None:
    heard, _ = tracks_of(room)
    plain = run(machine(("audio",)), heard)
    read = run(machine(), mixed(room, turns))
    assert [job.screen_lines for job in plain] == [()] * len(plain)
    blind = [vars(job) | {"screen_lines": ()} for job in read]
    assert blind == [vars(job) for job in plain]


@given(
    room=ROOM,
    turns=st.lists(st.booleans(), max_size=60),
    again=st.lists(st.booleans(), max_size=60),
    crash=st.integers(0, 60),
)
def test_a_rebuilt_machine_goes_on_as_if_nothing_had_happened(
    room: dict[str, Any], turns: list[bool], again: list[bool], crash: int
) -> None:
    events = mixed(room, turns)
    whole = run(machine(), events)
    first = machine()
    before = run(first, events[:crash])
    floor_ms = first.needed_from_ms
    # The tracks need not come again in the order in which they came.
    left = [event for event in mixed(room, again) if event.end_ms > floor_ms]
    after = run(machine(snapshot=dict(first.snapshot())), left)
    assert before + after == whole
