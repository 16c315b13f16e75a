"""One stage over one room in memory, and events on disk."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from models.errors import BadEventError, InputError
from workers.events import (
    AudioChunk,
    Event,
    Frame,
    GridEvent,
    Room,
    StreamEvent,
    Transcript,
    Vector,
    Word,
)
from workers.machine import Outcome
from workers.rooms.drive import Part, drive, drive_timed, in_time
from workers.rooms.event_file import read_events, write_events
from workers.rooms.timed import Timed, as_they_come, from_source


def frame(slot: int, watermark_ms: int | None = None) -> Frame:
    end_ms = 500 * (slot + 1)
    return Frame(
        stream_id="room",
        slot=slot,
        start_ms=end_ms - 500,
        end_ms=end_ms,
        watermark_ms=end_ms if watermark_ms is None else watermark_ms,
    )


class Pairs:
    """Makes a job of every two inputs; refuses slot 13; holds the last until it is closed."""

    def __init__(self) -> None:
        self._held: list[int] = []
        self.done = False
        self.needed_from_ms = 0

    def push(self, event: GridEvent) -> Sequence[tuple[int, ...]]:
        if event.slot == 13:
            message = "slot 13"
            raise BadEventError(message)
        self._held.append(event.slot)
        if len(self._held) < 2:
            return []
        job, self._held = tuple(self._held), []
        return [job]

    def close(self) -> Sequence[tuple[int, ...]]:
        self.done = True
        return [tuple(self._held)] if self._held else []

    def snapshot(self) -> dict[str, JsonValue]:
        return {}


class Sums:
    """Says a frame whose slot is the sum of a job; odd sums can never work."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[int, ...]]] = []

    def process(self, jobs: Sequence[tuple[int, ...]]) -> list[Outcome]:
        self.batches.append(list(jobs))
        return [BadEventError("odd") if sum(job) % 2 else [frame(sum(job))] for job in jobs]

    def empty(self, job: tuple[int, ...], error: BadEventError) -> list[StreamEvent]:
        assert str(error) == "odd"
        return [frame(0, watermark_ms=7)]


def slots(events: Sequence[Event]) -> list[int]:
    return [event.slot for event in events if isinstance(event, GridEvent)]


def test_jobs_are_answered_in_order_and_in_batches() -> None:
    worker = Sums()
    part = Part("sums", lambda *_: Pairs(), worker, max_batch=2)
    said = drive(part, "room", map(frame, [1, 3, 2, 4, 5, 7, 6]))
    assert worker.batches == [[(1, 3), (2, 4)], [(5, 7), (6,)]]
    assert slots(said) == [4, 6, 12, 6]


def test_a_bad_job_costs_itself_and_a_bad_input_only_that() -> None:
    part = Part("sums", lambda *_: Pairs(), Sums())
    said = drive(part, "room", map(frame, [1, 13, 2, 2, 4]))
    assert slots(said) == [0, 6]
    assert isinstance(said[0], Frame)
    assert said[0].watermark_ms == 7


class Ticking:
    """A clock on which every call of the worker takes 100 ms."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self) -> float:
        self._calls += 1
        return (self._calls // 2) * 0.1


def test_what_is_said_waits_for_its_media_and_for_the_work_before_it() -> None:
    #  frames, end ms     500   1000   1500   2000 2000      a job of every two
    #  jobs                      (0,2)         (1,3) (5,)    the last when the room is closed
    #  worker                    |1000-1100|   |2000-2100|2100-2200|
    part = Part("sums", lambda *_: Pairs(), Sums(), max_batch=1)
    media = [Timed(frame(slot), at, at) for slot, at in ((0, 500), (2, 1_000), (1, 1_500))]
    media += [Timed(frame(3), 2_000, 2_000), Timed(frame(4), 2_000, 2_000)]
    said = drive_timed(part, "room", media, clock=Ticking())
    assert [(one.at_ms, one.worked_ms) for one in said] == [
        (1_000, 1_100),
        (2_000, 2_100),
        (2_000, 2_200),
    ]
    without = drive_timed(part, "room", media)
    assert [(one.at_ms, one.worked_ms) for one in without] == [
        (at, at) for at in (1_000, 2_000, 2_000)
    ]
    assert [one.event for one in said] == [one.event for one in without]


def test_with_a_clock_jobs_are_gathered_with_those_of_their_moment_only() -> None:
    worker = Sums()
    part = Part("sums", lambda *_: Pairs(), worker, max_batch=2)
    frames = [Timed(frame(slot), at, at) for slot, at in ((0, 1), (2, 7), (4, 7), (6, 7), (8, 9))]
    drive_timed(part, "room", frames, clock=Ticking())
    assert worker.batches == [[(0, 2), (4, 6)], [(8,)]]


def test_a_stage_that_waits_for_two_topics_speaks_when_the_later_one_is_there() -> None:
    early = from_source([frame(0), frame(1)])
    late = [Timed(frame(2, watermark_ms=500), 4_000, 4_700)]
    merged = list(as_they_come(early, late))
    assert [one.event.slot for one in merged] == [0, 1, 2]
    part = Part("sums", lambda *_: Pairs(), Sums())
    said = drive_timed(part, "room", merged)
    assert [(one.at_ms, one.worked_ms) for one in said] == [(1_000, 1_000), (4_000, 4_700)]


def test_slow_words_do_not_make_a_clip_seem_to_need_later_frames() -> None:
    #  frames, s     1        2        3        4
    #  words              (1.5 s, with work 3.5 s)
    frames = [Timed(frame(slot), 1_000 * slot, 1_000 * slot) for slot in (1, 2, 3, 4)]
    words = [Timed(frame(9), 1_500, 3_500)]
    merged = list(as_they_come(frames, words))
    assert [one.event.slot for one in merged] == [1, 9, 2, 3, 4]
    said = drive_timed(Part("sums", lambda *_: Pairs(), Sums()), "room", merged)
    assert (said[0].at_ms, said[0].worked_ms) == (1_500, 3_500)


@given(st.lists(st.lists(st.integers(0, 9)), min_size=1, max_size=3))
def test_merging_keeps_every_topic_in_order_and_time_going_up(times: list[list[int]]) -> None:
    topics = [
        [frame(100 * topic + slot, at) for slot, at in enumerate(sorted(found))]
        for topic, found in enumerate(times)
    ]
    merged = list(in_time(*topics))
    assert sorted(event.watermark_ms for event in merged) == [e.watermark_ms for e in merged]
    for topic, events in enumerate(topics):
        assert [event for event in merged if event.slot // 100 == topic] == events


def test_events_come_back_from_disk_as_they_were(tmp_path: Path) -> None:
    word = Word(text="Öl", start_ms=3, end_ms=9, probability=0.1 + 0.2)
    chunk = AudioChunk(
        stream_id="room", slot=0, start_ms=0, end_ms=1_000, watermark_ms=1_000,
        payload=bytes(range(256)),
    )  # fmt: skip
    vector = Vector(
        stream_id="room", slot=0, start_ms=0, end_ms=1_000, watermark_ms=1_000, last=True, dim=2,
        terms={7: 0.1, 2**31: 1 / 3}, payload=b"\0" * 8, present=("frames", "summary"),
    )  # fmt: skip
    heard = Transcript(
        stream_id="room", slot=0, start_ms=0, end_ms=1_000, watermark_ms=1_000, words=(word,)
    )
    told: list[Event] = [Room(stream_id="room", version=3, cart=("a",)), chunk, heard, vector]
    events = [Timed(one, 10 * at, 11 * at) for at, one in enumerate(told)]
    path = tmp_path / "new" / "room.jsonl"
    write_events(path, events)
    found = read_events(path)
    assert found == events
    assert isinstance(found[1].event, AudioChunk)
    assert found[1].event.payload == chunk.payload
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_that_was_spoilt_is_named(tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    write_events(path, [Timed(frame(0), 500, 500)])
    with path.open("a") as file:
        file.write('{"kind": "frame"')
    with pytest.raises(InputError, match=r"room\.jsonl, line 2 is no event .* delete the file"):
        read_events(path)
