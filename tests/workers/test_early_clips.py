"""A clip is told of its pictures alone as soon as they are there, and again when its words are."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.test_align import feed, frame, in_order, room, summary, transcript
from tests.workers.test_align_late import BOTH, deliveries, newest, told
from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.events import ClipText, GridEvent, Track

EARLY = AlignOptions(words_before_ms=0, summary_reach_ms=1_000)
WHOLE = replace(EARLY, early=False)
TOPICS = ("frames", "transcripts", "summaries")


def aligner(options: AlignOptions = EARLY) -> Aligner:
    return Aligner("room", BOTH, options)


def by_name(clips: Iterable[Clip]) -> dict[tuple[int, int], Clip]:
    """Clips by slot and revision, none of them told twice."""
    listed = list(clips)
    found = {(clip.slot, clip.revision): clip for clip in listed}
    assert len(found) == len(listed)
    return found


def whole(clips: Iterable[Clip]) -> list[Clip]:
    return [clip for clip in clips if not clip.early]


def without_revision(clips: Iterable[Clip]) -> list[Clip]:
    return [replace(clip, revision=0) for clip in clips]


@st.composite
def interleaved(draw: st.DrawFn, seconds: int = 20) -> list[GridEvent]:
    """A room of so many seconds, each topic in order, the topics anyhow."""
    queues = [list(room(seconds)[name]) for name in TOPICS]
    merged: list[GridEvent] = []
    while any(queues):
        queue = draw(st.sampled_from([one for one in queues if one]))
        some = draw(st.integers(1, 12))
        merged += queue[:some]
        del queue[:some]
    return merged


def test_clip_of_pictures_is_made_when_they_have_passed_its_end() -> None:
    # frames       0.0 ... 4.5 | ... 7.0 | ... 9.5 |
    # words        (none yet)
    # pictures         clip 0 -^  clip 1 -^ clip 2, if pictures go on
    machine = aligner()
    events = room(15)["frames"]
    assert feed(machine, events[:9]) == []
    made = feed(machine, events[9:15])
    assert told(made) == [(0, 0), (1, 0)]
    assert [clip.early for clip in made] == [True, True]
    assert [clip.text for clip in made] == [ClipText(), ClipText()]
    assert [len(clip.frames) for clip in made] == [8, 8]


def test_words_and_summary_make_it_again_whole() -> None:
    tracks = room(15)
    machine = aligner()
    (early,) = feed(machine, tracks["frames"][:10])
    assert feed(machine, tracks["transcripts"][:5]) == []
    (again,) = feed(machine, tracks["summaries"][:1])
    assert told([early, again]) == [(0, 0), (0, 1)]
    assert (again.text.transcript, again.text.product_name) == ("w0 w1 w2 w3 w4", "product 0")
    assert again.frames == early.frames


def test_words_that_are_there_already_do_not_go_into_the_clip_of_pictures() -> None:
    tracks = room(15)
    machine = aligner()
    feed(machine, [*tracks["transcripts"], *tracks["summaries"]])
    made = feed(machine, tracks["frames"][:10])
    assert told(made) == [(0, 0), (0, 1)]
    assert made[0].text == ClipText()
    assert made[1].text.transcript == "w0 w1 w2 w3 w4"


def test_nothing_that_words_leave_out_is_left_out_of_the_clip_of_pictures() -> None:
    tracks = room(15)
    machine = aligner()
    hurried = [one.model_copy(update={"load_rung": "vision_only"}) for one in tracks["transcripts"]]
    feed(machine, [*hurried, *tracks["summaries"]])
    made = feed(machine, tracks["frames"][:10])
    assert [clip.load_rung for clip in made] == ["full", "vision_only"]


@pytest.mark.parametrize("choice", ["none", "blurred"])
def test_clip_without_a_kept_picture_is_made_once_and_whole(choice: str) -> None:
    # frames    0 to 4.5 s: nothing kept      5 s on: kept        clip 0 has none, clip 1 has
    events = [
        one.model_copy(update={"choice": choice, "payload": b""})
        if one.kind == "frame" and one.slot < 10
        else one
        for one in in_order(room(10))
    ]
    assert told(feed(aligner(), events)) == [(0, 1), (1, 0), (1, 1), (2, 1)]


def test_clip_without_a_word_comes_again_since_its_first_form_may_have_been_left_out() -> None:
    events = [
        *room(10)["frames"],
        *(transcript(slot, last=slot == 9) for slot in range(10)),
        *(summary(slot, last=slot == 1) for slot in range(2)),
    ]
    made = feed(aligner(), events)
    assert told(made) == [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)]
    assert made[0].frames == made[2].frames
    assert made[0].text == made[2].text


@given(interleaved())
def test_end_of_a_room_is_told_once_by_the_whole_form_of_its_last_clip(
    events: list[GridEvent],
) -> None:
    machine = aligner()
    made = [clip for event in events for clip in machine.push(event)]
    assert [(clip.slot, clip.early) for clip in made if clip.last] == [(made[-1].slot, False)]
    assert machine.done
    assert not [clip for clip in made if clip.early and clip.slot == made[-1].slot]


@pytest.mark.parametrize("seconds", [10, 11, 12, 13])
def test_sound_that_goes_on_after_the_pictures_has_whole_clips_only(seconds: int) -> None:
    # frames    | ... 10 s, the last of them      their last clip may be the room's: no early form
    # sound     | ...       10 to 13 s
    tracks = room(10)
    tracks["transcripts"] = [transcript(n, f"w{n}", last=n == seconds - 1) for n in range(seconds)]
    made = feed(aligner(), in_order(tracks))
    assert [clip.slot for clip in made if clip.early] == [0, 1]
    assert whole(made)[-1].end_ms == seconds * 1_000
    assert [clip.last for clip in whole(made)][-2:] == [False, True]


@given(interleaved())
def test_interleaving_of_topics_changes_neither_clips_nor_their_revisions(
    events: list[GridEvent],
) -> None:
    expected = by_name(feed(aligner(), in_order(room(20))))
    assert by_name(feed(aligner(), events)) == expected
    assert {clip.early for clip in expected.values() if clip.revision == 0} == {True}


@given(interleaved())
def test_newest_clips_are_those_made_without_early_ones(events: list[GridEvent]) -> None:
    made = feed(aligner(), events)
    assert newest(made) == newest(feed(aligner(WHOLE), events))
    assert without_revision(whole(made)) == feed(aligner(WHOLE), events)


@given(deliveries())
def test_shuffled_and_doubled_delivery_ends_in_the_clips_made_without_early_ones(
    events: list[GridEvent],
) -> None:
    made = feed(aligner(), events)
    assert newest(made) == newest(feed(aligner(WHOLE), in_order(room(20))))
    by_name(made)


def lived(events: Sequence[GridEvent], stops: Sequence[int], options: AlignOptions) -> list[Clip]:
    """All clips of a room whose process is killed at some events and goes on from what it saved.

    The clips of the last few events before each kill are told again.
    """
    machine = aligner(options)
    made: list[Clip] = []
    for stop in (*stops, len(events)):
        floor_ms, saved = machine.needed_from_ms, machine.snapshot()
        machine = Aligner("room", BOTH, options, saved)
        made += feed(machine, [one for one in events[:stop] if one.end_ms > floor_ms])
    return made


@given(interleaved(), st.lists(st.integers(0, 64), max_size=4))
def test_restart_at_any_point_makes_the_same_clips_with_the_same_revisions(
    events: list[GridEvent], stops: list[int]
) -> None:
    expected = by_name(feed(aligner(), events))
    assert by_name(lived(events, stops, EARLY)) == expected


@given(interleaved(), st.integers(0, 64), st.integers(0, 64))
def test_what_was_told_but_not_saved_is_told_again_alike(
    events: list[GridEvent], saved_at: int, killed_at: int
) -> None:
    first = aligner()
    made = feed(first, events[:saved_at])
    saved, floor_ms = first.snapshot(), first.needed_from_ms
    lost = feed(first, events[saved_at : max(saved_at, killed_at)])
    second = Aligner("room", BOTH, EARLY, saved)
    made += feed(second, [one for one in events if one.end_ms > floor_ms])
    expected = by_name(feed(aligner(), events))
    assert by_name(made) == expected
    assert by_name(lost).items() <= expected.items()


@given(interleaved(), st.integers(0, 64), st.booleans())
def test_option_that_changes_over_a_restart_leaves_every_whole_clip_the_newest(
    events: list[GridEvent], stop: int, before: bool
) -> None:
    options = replace(EARLY, early=before)
    first = aligner(options)
    made = feed(first, events[:stop])
    second = Aligner("room", BOTH, replace(EARLY, early=not before), first.snapshot())
    made += feed(second, [one for one in events if one.end_ms > first.needed_from_ms])
    by_name(made)
    assert newest(made) == newest(feed(aligner(WHOLE), events))


@pytest.mark.parametrize(
    ("ahead_ms", "slots"), [(0, [0]), (2_499, [0]), (2_500, [0, 1]), (12_500, [0, 1, 2, 3, 4, 5])]
)
def test_clips_of_pictures_run_ahead_of_whole_ones_by_a_bounded_time(
    ahead_ms: int, slots: list[int]
) -> None:
    # pictures     |-------------------------------- 60 s
    # words        |                                        clip 0 is whole when they pass 5 s
    tracks = room(60)
    machine = aligner(replace(EARLY, early_ahead_ms=ahead_ms))
    assert [clip.slot for clip in feed(machine, tracks["frames"])] == slots
    feed(machine, tracks["transcripts"])
    after = feed(machine, tracks["summaries"][:1])
    assert told(after) == [(0, 1), (slots[-1] + 1, 0)]


def test_clips_wait_for_late_pictures_as_long_as_whole_ones_do() -> None:
    machine = aligner(replace(EARLY, lateness_ms=1_000))
    assert feed(machine, room(10)["frames"][:11]) == []
    assert told(feed(machine, [frame(11)])) == [(0, 0)]


def test_late_picture_that_comes_before_the_words_is_in_the_whole_clip() -> None:
    tracks = room(15)
    machine = aligner()
    (early,) = feed(machine, [one for one in tracks["frames"][:10] if one.slot != 4])
    assert feed(machine, [frame(4)]) == []
    (again,) = feed(machine, [*tracks["transcripts"][:5], tracks["summaries"][0]])
    assert 4 not in [ref.slot for ref, _ in early.frames]
    assert 4 in [ref.slot for ref, _ in again.frames]


def test_late_picture_after_the_words_makes_the_third_form() -> None:
    tracks = room(15)
    machine = aligner()
    missing = [one for one in tracks["frames"][:12] if one.slot != 4]
    feed(machine, [*missing, *tracks["transcripts"][:5], tracks["summaries"][0]])
    assert told(feed(machine, [frame(4)])) == [(0, 2)]


@pytest.mark.parametrize("tracks", [("video",), ("audio",)])
def test_room_of_one_track_has_each_clip_once(tracks: tuple[Track, ...]) -> None:
    made = feed(Aligner("room", tracks, EARLY), in_order(room(20)))
    assert made == feed(Aligner("room", tracks, WHOLE), in_order(room(20)))
    assert {clip.revision for clip in made} == {0}


def test_closing_an_idle_room_makes_no_more_clips_of_pictures() -> None:
    machine = aligner(replace(EARLY, early_ahead_ms=0))
    assert told(feed(machine, room(20)["frames"][:30])) == [(0, 0)]
    made = machine.close()
    assert [clip.early for clip in made] == [False] * 5
    assert [clip.last for clip in made] == [False] * 4 + [True]
