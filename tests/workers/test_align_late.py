"""Media that come late make the clips again that they change; nothing else does."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.test_align import feed, frame, in_order, room, summary, transcript
from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.events import GridEvent, Track

OPTIONS = AlignOptions(words_before_ms=0, summary_reach_ms=1_000, early=False)
BOTH: tuple[Track, ...] = ("video", "audio")


def newest(clips: Iterable[Clip]) -> list[Clip]:
    """What the clips come to: the highest revision of each slot."""
    found = {clip.slot: clip for clip in sorted(clips, key=lambda one: one.revision)}
    return [replace(found[slot], revision=0) for slot in sorted(found)]


def told(clips: Sequence[Clip]) -> list[tuple[int, int]]:
    return [(clip.slot, clip.revision) for clip in clips]


def frames_without(missing: int, seconds: int = 20) -> list[GridEvent]:
    return [one for one in room(seconds)["frames"] if one.slot != missing]


def test_late_frame_joins_every_window_that_it_lies_in() -> None:
    # frame 6 is at 3.0 s      clip 0: 0 to 5 s, clip 1: 2.5 to 7.5 s, clip 2: 5 to 10 s
    aligner = Aligner("room", ("video",), OPTIONS)
    made = feed(aligner, frames_without(6)[:22])
    assert told(made) == [(0, 0), (1, 0), (2, 0)]
    late = feed(aligner, [frame(6)])
    assert told(late) == [(0, 1), (1, 1)]
    assert 6 in [ref.slot for ref, _ in late[1].frames]
    assert feed(aligner, [frame(6)]) == []


def test_frame_that_comes_after_its_clips_are_settled_changes_nothing() -> None:
    aligner = Aligner("room", ("video",), replace(OPTIONS, correct_ms=5_000))
    # Clip 5 ends at 17.5 s; clips from 10 s on may be made again, and need media from 5 s on.
    assert feed(aligner, frames_without(6)[:35])[-1].slot == 5
    assert feed(aligner, [frame(6)]) == []


def test_without_a_span_for_corrections_nothing_is_made_again() -> None:
    aligner = Aligner("room", ("video",), replace(OPTIONS, correct_ms=0))
    feed(aligner, frames_without(16)[:20])
    assert feed(aligner, [frame(16)]) == []


def test_room_whose_end_comes_early_waits_for_what_is_missing_until_it_is_closed() -> None:
    events = room(10)["frames"]
    shuffled = [*events[:17], events[19], events[17]]
    aligner = Aligner("room", ("video",), OPTIONS)
    made = feed(aligner, shuffled)
    assert not aligner.done
    assert newest([*made, *feed(aligner, [events[18]])]) == feed(
        Aligner("room", ("video",), OPTIONS), events
    )
    other = Aligner("room", ("video",), OPTIONS)
    feed(other, shuffled)
    assert [clip.last for clip in other.close()][-1]
    assert other.done


def test_words_and_summaries_that_are_said_anew_make_their_clips_again() -> None:
    aligner = Aligner("room", BOTH, OPTIONS)
    feed(aligner, [one for one in in_order(room(15)) if not one.last])
    words = transcript(6, "mug").model_copy(update={"revision": 1})
    again = feed(aligner, [words])
    assert told(again) == [(1, 1), (2, 1)]
    assert "mug" in again[0].text.transcript
    assert feed(aligner, [words]) == []
    about = summary(1, "a mug", 7_000).model_copy(update={"revision": 1})
    assert [(c.slot, c.revision, c.text.product_name) for c in feed(aligner, [about])] == [
        (1, 2, "a mug"), (2, 2, "a mug"),
    ]  # fmt: skip


@st.composite
def deliveries(draw: st.DrawFn, most_behind: int = 9) -> list[GridEvent]:
    """A room of 20 s whose records come out of order in every topic, some twice.

    Each record comes behind at most so many of those that follow it on its topic.
    """
    queues: list[list[GridEvent]] = []
    for name in ("frames", "transcripts", "summaries"):
        events = room(20)[name]
        most = most_behind if name == "frames" else 0
        places = [number + draw(st.integers(0, most)) for number in range(len(events))]
        queues.append([one for _, one in sorted(zip(places, events, strict=True), key=_place)])
    merged: list[GridEvent] = []
    while any(queues):
        queue = draw(st.sampled_from([one for one in queues if one]))
        merged.append(queue.pop(0))
        if draw(st.integers(0, 9)) == 0:
            merged.append(draw(st.sampled_from(merged)))
    return merged


def _place(placed: tuple[int, GridEvent]) -> int:
    return placed[0]


@given(deliveries())
def test_shuffled_and_doubled_delivery_ends_in_the_same_clips(events: list[GridEvent]) -> None:
    aligner = Aligner("room", BOTH, OPTIONS)
    clips = feed(aligner, events)
    assert aligner.done
    assert newest(clips) == feed(Aligner("room", BOTH, OPTIONS), in_order(room(20)))
    assert len(set(told(clips))) == len(clips)


@given(deliveries(), st.integers(0, 90), st.integers(0, 90))
def test_killed_amid_late_media_and_replayed_ends_in_the_same_clips(
    events: list[GridEvent], first_stop: int, second_stop: int
) -> None:
    expected = feed(Aligner("room", BOTH, OPTIONS), in_order(room(20)))
    machine = Aligner("room", BOTH, OPTIONS)
    clips = feed(machine, events[:first_stop])
    for stop in (second_stop, len(events)):
        floor_ms = machine.needed_from_ms
        machine = Aligner("room", BOTH, OPTIONS, machine.snapshot())
        clips += feed(machine, [one for one in events[:stop] if one.end_ms > floor_ms])
    assert newest(clips) == expected
