"""Clips are joined by media time, whatever the order in which the tracks arrive."""

from collections.abc import Sequence
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.events import Frame, GridEvent, Span, Summary, Transcript, Word

OPTIONS = AlignOptions(words_before_ms=0, summary_reach_ms=1_000, early=False)
Choice = Literal["kept", "duplicate", "blurred", "none"]


def frame(slot: int, choice: Choice = "kept", *, last: bool = False) -> Frame:
    start_ms = slot * 500
    return Frame(
        stream_id="room", slot=slot, start_ms=start_ms, end_ms=start_ms + 500, last=last,
        watermark_ms=start_ms + 500, at_ms=start_ms, choice=choice,
        payload=f"picture {slot}".encode() if choice == "kept" else b"",
    )  # fmt: skip


def transcript(slot: int, text: str = "", *, last: bool = False) -> Transcript:
    start_ms = slot * 1_000
    words = (Word(text=text, start_ms=start_ms, end_ms=start_ms + 400, probability=1.0),)
    return Transcript(
        stream_id="room", slot=slot, start_ms=start_ms, end_ms=start_ms + 1_000, last=last,
        watermark_ms=start_ms + 1_000, words=words if text else (),
    )  # fmt: skip


def summary(slot: int, name: str | None = None, said_ms: int = 0, *, last: bool = False) -> Summary:
    end_ms = (slot + 1) * 5_000
    support = (Span(start_ms=said_ms, end_ms=said_ms + 400, text=name),) if name else ()
    return Summary(
        stream_id="room", slot=slot, start_ms=max(0, end_ms - 30_000), end_ms=end_ms, last=last,
        watermark_ms=end_ms, product_name=name, support=support,
    )  # fmt: skip


def room(seconds: int) -> dict[str, list[GridEvent]]:
    """A whole room: pictures every half second, a word every second."""
    frames = 2 * seconds
    return {
        "frames": [frame(n, last=n == frames - 1) for n in range(frames)],
        "transcripts": [transcript(n, f"w{n}", last=n == seconds - 1) for n in range(seconds)],
        "summaries": [
            summary(n, f"product {n}", 5_000 * n + 2_500, last=n == seconds // 5 - 1)
            for n in range(seconds // 5)
        ],
    }


def feed(aligner: Aligner, events: Sequence[GridEvent]) -> list[Clip]:
    return [clip for event in events for clip in aligner.push(event)]


def in_order(tracks: dict[str, list[GridEvent]]) -> list[GridEvent]:
    return sorted((e for track in tracks.values() for e in track), key=lambda e: e.watermark_ms)


def test_clip_takes_frames_and_words_of_its_own_window_only() -> None:
    # frames   0.0 0.5 ... 4.5 | 5.0 ...        clip 0: 0 to 5 s, clip 1: 2.5 to 7.5 s
    clips = feed(Aligner("room", ("video", "audio"), OPTIONS), in_order(room(10)))
    assert [(c.slot, c.start_ms, c.end_ms) for c in clips] == [
        (0, 0, 5_000), (1, 2_500, 7_500), (2, 5_000, 10_000),
    ]  # fmt: skip
    assert clips[0].text.transcript == "w0 w1 w2 w3 w4"
    assert clips[1].text.transcript == "w3 w4 w5 w6 w7"
    for clip in clips:
        assert len(clip.frames) == 8
        assert all(clip.start_ms <= ref.at_ms < clip.end_ms for ref, _ in clip.frames)
    assert [clip.last for clip in clips] == [False, False, True]


@given(st.randoms(use_true_random=False))
def test_interleaving_of_tracks_changes_no_clip(order: object) -> None:
    expected = feed(Aligner("room", ("video", "audio"), OPTIONS), in_order(room(20)))
    waiting = {name: list(events) for name, events in room(20).items()}
    aligner = Aligner("room", ("video", "audio"), OPTIONS)
    clips: list[Clip] = []
    while any(waiting.values()):
        name = order.choice(sorted(n for n, left in waiting.items() if left))  # type: ignore[attr-defined]
        clips += aligner.push(waiting[name].pop(0))
    assert clips == expected
    assert aligner.done


@given(st.integers(0, 69), st.integers(0, 69))
def test_restart_from_what_is_still_needed_makes_the_same_clips(stop: int, again: int) -> None:
    events = in_order(room(20))
    expected = feed(Aligner("room", ("video", "audio"), OPTIONS), events)
    first = Aligner("room", ("video", "audio"), OPTIONS)
    clips = feed(first, events[:stop])
    floor_ms = first.needed_from_ms
    second = Aligner("room", ("video", "audio"), OPTIONS, first.snapshot())
    replayed = [e for e in events if e.end_ms > floor_ms]
    clips += feed(second, replayed[: again % (len(replayed) + 1)])
    third = Aligner("room", ("video", "audio"), OPTIONS, second.snapshot())
    clips += feed(third, [e for e in events if e.end_ms > second.needed_from_ms])
    assert clips == expected


@given(
    st.integers(0, 160),
    st.sampled_from(["frames", "transcripts", "summaries"]),
    st.sampled_from([0, 400, 3_000]),
)
def test_restart_remembers_a_track_that_ended_long_before(
    stop: int, short: str, beyond_ms: int
) -> None:
    tracks = room(40)
    ended_ms = 10_000
    tracks[short] = [event for event in tracks[short] if event.end_ms <= ended_ms]
    # A track's last words may reach beyond its last record.
    ending = {"last": True, "watermark_ms": ended_ms + beyond_ms}
    tracks[short][-1] = tracks[short][-1].model_copy(update=ending)
    events = in_order(tracks)
    whole = feed(Aligner("room", ("video", "audio"), OPTIONS), events)
    assert whole[-1].last
    first = Aligner("room", ("video", "audio"), OPTIONS)
    before = feed(first, events[:stop])
    second = Aligner("room", ("video", "audio"), OPTIONS, first.snapshot())
    rest = feed(second, [e for e in events if e.end_ms > first.needed_from_ms])
    assert before + rest == whole


def test_late_track_holds_the_clip_until_its_watermark_passes() -> None:
    tracks = room(10)
    aligner = Aligner("room", ("video", "audio"), OPTIONS)
    assert feed(aligner, tracks["frames"]) == []
    assert feed(aligner, tracks["transcripts"]) == []
    assert [c.slot for c in feed(aligner, tracks["summaries"][:1])] == [0]
    assert [c.slot for c in feed(aligner, tracks["summaries"][1:])] == [1, 2]


def test_room_without_audio_waits_for_pictures_only() -> None:
    clips = feed(Aligner("room", ("video",), OPTIONS), room(10)["frames"])
    assert [c.slot for c in clips] == [0, 1, 2]
    assert clips[-1].last
    assert all(clip.text.transcript == "" for clip in clips)


def test_room_without_video_waits_for_words_only() -> None:
    tracks = room(10)
    clips = feed(Aligner("room", ("audio",), OPTIONS), tracks["transcripts"] + tracks["summaries"])
    assert [c.slot for c in clips] == [0, 1, 2]
    assert all(clip.frames == () for clip in clips)


def test_duplicate_slots_stand_for_the_last_kept_picture_as_long_as_it_was_seen() -> None:
    # slot      0     1..6        7    8     9
    # choice   kept  duplicate   kept kept  blurred     clip 0: picture 0 weighs seven slots
    choices: list[Choice] = ["kept", *["duplicate"] * 6, "kept", "kept", "blurred"]  # type: ignore[list-item]
    frames = [frame(n, choice, last=n == 9) for n, choice in enumerate(choices)]
    options = AlignOptions(frames=10)
    aligner = Aligner("room", ("video",), options)
    (clip,) = feed(aligner, frames)
    assert [ref.slot for ref, _ in clip.frames] == [0] * 7 + [7, 8]


def test_summary_counts_only_near_what_it_rests_on() -> None:
    # said at 2.5 s     clip 0 (0 to 5 s) and clip 1 (2.5 to 7.5 s) are near, clip 3 (7.5 s on) not
    tracks = room(15)
    tracks["summaries"] = [summary(n, "cola", 2_500, last=n == 2) for n in range(3)]
    clips = feed(Aligner("room", ("video", "audio"), OPTIONS), in_order(tracks))
    named = [clip.text.product_name for clip in clips]
    assert named == ["cola", "cola", None, None, None]


def test_closing_an_idle_room_makes_its_last_clip() -> None:
    tracks = room(10)
    aligner = Aligner("room", ("video", "audio"), OPTIONS)
    feed(aligner, tracks["frames"][:7])
    clips = aligner.close()
    assert [(c.start_ms, c.end_ms, c.last) for c in clips] == [(0, 3_500, True)]
    assert aligner.done
    assert list(aligner.close()) == []
