"""Clips of pictures alone, driven in memory: they do not wait for words of clips before them."""

from collections.abc import Sequence

from pydantic import JsonValue

from tests.workers.test_rooms_drive import frame
from tests.workers.windows import transcript
from workers.clip import Clip
from workers.events import Frame, GridEvent, StreamEvent, Vector
from workers.machine import Outcome
from workers.rooms.drive import Part, drive_timed
from workers.rooms.timed import Timed, as_they_come


class Clips:
    """Makes a clip of pictures of every frame, and a whole one of every transcript."""

    done = True
    needed_from_ms = 0

    def push(self, event: GridEvent) -> Sequence[Clip]:
        early = isinstance(event, Frame)
        return [
            Clip("room", event.slot, event.start_ms, event.end_ms, event.end_ms, early=early,
                 revision=0 if early else 1)
        ]  # fmt: skip

    def close(self) -> Sequence[Clip]:
        return []

    def snapshot(self) -> dict[str, JsonValue]:
        return {}


class Vectors:
    def process(self, jobs: Sequence[Clip]) -> list[Outcome]:
        return [
            [
                Vector(
                    stream_id="room", slot=job.slot, start_ms=job.start_ms, end_ms=job.end_ms,
                    watermark_ms=job.watermark_ms, revision=job.revision, early=job.early,
                )
            ]
            for job in jobs
        ]  # fmt: skip

    def empty(self, job: Clip, error: Exception) -> list[StreamEvent]:
        raise AssertionError(error) from None


def test_pictures_are_told_while_words_of_an_earlier_moment_are_still_heard() -> None:
    # frames, s      1     2     3     4     there at once
    # words                1 (heard after 2.5 s more)
    frames = [Timed(frame(slot), 1_000 * slot, 1_000 * slot) for slot in (1, 2, 3, 4)]
    words = [Timed(transcript(1), 2_000, 4_500)]
    part = Part("embed", lambda *_: Clips(), Vectors())
    said = drive_timed(part, "room", as_they_come(frames, words), clock=lambda: 0.0)
    told = [(one.event.slot, one.event.early, one.worked_ms) for one in said
            if isinstance(one.event, Vector)]  # fmt: skip
    assert told == [
        (1, True, 1_000), (2, True, 2_000), (3, True, 3_000), (4, True, 4_000), (1, False, 4_500),
    ]  # fmt: skip
