"""Which pictures are read, and what becomes of what a reader says."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.errors import BadEventError
from tests.tiny_vision import image_bytes, picture
from workers.events import Frame, ScreenText
from workers.read_screen import Line, ReadOptions, ScreenReader, ScreenSlot, ScreenSlots
from workers.told_reader import ToldReader

Choice = Literal["kept", "duplicate", "blurred", "none"]
JPEG = image_bytes(picture("red"))


def frame(slot: int, choice: Choice = "kept", *, last: bool = False, **more: object) -> Frame:
    start_ms = slot * 500
    told = {
        "stream_id": "room", "slot": slot, "start_ms": start_ms, "end_ms": start_ms + 500,
        "watermark_ms": start_ms + 500, "at_ms": start_ms, "choice": choice, "last": last,
        "payload": JPEG if choice == "kept" else b"",
    }  # fmt: skip
    return Frame.model_validate(told | more)


def slots_of(frames: Sequence[Frame], every_ms: int = 2_000) -> list[ScreenSlot]:
    machine = ScreenSlots("room", every_ms)
    return [slot for one in frames for slot in machine.push(one)]


def test_every_slot_is_answered_and_few_are_read() -> None:
    # slot      0     1     2     3     4     5     6     7
    # choice    kept  kept  dup   blur  kept  none  kept  kept
    # read      *     soon              *           soon  soon     2 s lie between slots 0 and 4
    choices: list[Choice] = [
        "kept", "kept", "duplicate", "blurred", "kept", "none", "kept", "kept",
    ]  # fmt: skip
    slots = slots_of([frame(n, choice, last=n == 7) for n, choice in enumerate(choices)])
    assert [(one.slot, one.end_ms) for one in slots] == [(n, n * 500 + 500) for n in range(8)]
    assert [one.slot for one in slots if one.frame is not None] == [0, 4]
    assert [one.slot for one in slots if one.last] == [7]


def test_without_a_pace_every_kept_picture_is_read() -> None:
    slots = slots_of([frame(0), frame(1), frame(2, "duplicate")], every_ms=0)
    assert [one.frame is not None for one in slots] == [True, True, False]


def test_a_frame_that_comes_again_makes_no_slot() -> None:
    machine = ScreenSlots("room", 0)
    assert len(machine.push(frame(3))) == 1
    assert machine.push(frame(3)) == ()
    assert machine.push(frame(2)) == ()


def test_a_room_that_goes_quiet_is_closed_by_a_slot_of_no_length() -> None:
    machine = ScreenSlots("room", 2_000)
    machine.push(frame(0))
    (slot,) = machine.close()
    assert (slot.slot, slot.start_ms, slot.end_ms, slot.last) == (1, 500, 500, True)
    assert machine.done
    assert machine.close() == ()
    assert machine.push(frame(2)) == ()


@given(
    choices=st.lists(st.sampled_from(["kept", "duplicate", "blurred", "none"]), max_size=30),
    crash=st.integers(0, 30),
    every_ms=st.integers(0, 3_000),
)
def test_a_rebuilt_machine_reads_the_same_pictures(
    choices: list[Choice], crash: int, every_ms: int
) -> None:
    frames = [frame(n, choice, last=n == len(choices) - 1) for n, choice in enumerate(choices)]
    whole = slots_of(frames, every_ms)
    first = ScreenSlots("room", every_ms)
    before = [slot for one in frames[:crash] for slot in first.push(one)]
    again = ScreenSlots("room", every_ms, dict(first.snapshot()))
    left = [one for one in frames if one.end_ms > first.needed_from_ms]
    assert before + [slot for one in left for slot in again.push(one)] == whole


def answered(job: ScreenSlot, *lines: Line, options: ReadOptions | None = None) -> ScreenText:
    (outcome,) = ScreenReader(ToldReader(lambda _: lines), options).process([job])
    assert not isinstance(outcome, BadEventError)
    (event,) = outcome
    assert isinstance(event, ScreenText)
    return event


def test_lines_are_told_with_their_scores() -> None:
    (job,) = slots_of([frame(4, last=True)])
    event = answered(job, Line("NIVEA CREME", 0.9), Line("4.99", 0.8))
    assert (event.lines, event.scores) == (("NIVEA CREME", "4.99"), (0.9, 0.8))
    assert (event.slot, event.end_ms, event.watermark_ms, event.last) == (4, 2_500, 2_500, True)
    assert (event.was_read, event.model) == (True, "told/1")


def test_doubtful_empty_and_too_many_lines_are_left_out_and_long_ones_cut() -> None:
    (job,) = slots_of([frame(0)])
    options = ReadOptions(least_score=0.5, longest_line=5, most_lines=2)
    lines = [
        Line("?", 0.4),
        Line(" \n", 0.9),
        Line("a\nb\x00 c d", 0.5),
        Line("two", 1),
        Line("3", 1),
    ]
    assert answered(job, *lines, options=options).lines == ("a b c", "two")


def test_a_slot_that_is_not_read_says_so_and_costs_nothing() -> None:
    reader = ToldReader(lambda _: [Line("x", 1.0)])
    jobs = slots_of([frame(0, "duplicate"), frame(1, "none")])
    events = [one for outcome in ScreenReader(reader).process(jobs) for one in events_of(outcome)]
    assert [(event.lines, event.was_read) for event in events] == [((), False)] * 2
    assert reader.pictures == []


def test_a_picture_without_text_was_read_all_the_same() -> None:
    (job,) = slots_of([frame(0)])
    event = answered(job)
    assert (event.lines, event.was_read) == ((), True)


def test_the_id_does_not_depend_on_what_was_read() -> None:
    (job,) = slots_of([frame(0)])
    assert answered(job, Line("a", 1.0)).event_id == answered(job).event_id


def test_a_picture_that_lies_elsewhere_is_fetched_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(JPEG)
    digest = hashlib.sha256(JPEG).hexdigest()
    fetched = frame(0, payload=b"", ref=str(path), sha256=digest)
    another = frame(1, payload=b"", ref=str(path), sha256="0" * 64)
    jobs = slots_of([fetched, another], every_ms=0)
    worker = ScreenReader(ToldReader(lambda shown: [Line(f"{shown.size}", 1.0)]))
    events = [event for outcome in worker.process(jobs) for event in events_of(outcome)]
    assert [event.was_read for event in events] == [True, False]
    assert events[0].lines == (str(picture("red").size),)
    assert worker.damaged == 1


@pytest.mark.parametrize("payload", [b"", b"\xff\xd8\xff broken", b"no picture"])
def test_a_picture_that_cannot_be_had_costs_only_itself(payload: bytes) -> None:
    worker = ScreenReader(ToldReader(lambda _: [Line("x", 1.0)]))
    jobs = slots_of([frame(0, payload=payload), frame(1)], every_ms=0)
    events = [event for outcome in worker.process(jobs) for event in events_of(outcome)]
    assert [event.was_read for event in events] == [False, True]
    assert worker.damaged == 1


def test_a_picture_that_a_reader_refuses_is_answered_empty() -> None:
    def refuse(_: Image.Image) -> list[Line]:
        message = "never"
        raise BadEventError(message)

    worker = ScreenReader(ToldReader(refuse))
    (job,) = slots_of([frame(7)])
    (outcome,) = worker.process([job])
    assert isinstance(outcome, BadEventError)
    (event,) = events_of(worker.empty(job, outcome))
    assert (event.slot, event.was_read, event.lines) == (7, False, ())


def events_of(outcome: object) -> list[ScreenText]:
    assert isinstance(outcome, list)
    return [event for event in outcome if isinstance(event, ScreenText)]
