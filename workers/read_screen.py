"""Frames of many rooms → the text on them: captions, prices and names that nobody may say.

In: every frame slot of a room. Out: one `ScreenText` for each, also where nothing was read. Only
kept pictures are read, and not more often than asked for: a caption stands for seconds, and one
reading costs more than all else that is done with a frame. A slot that was not read repeats
nothing; whoever wants what stands on the screen keeps the lines of the last slot that was.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from PIL import Image
from pydantic import JsonValue

from models.errors import BadEventError, InputError, TransientError
from workers import frame_pictures, images
from workers.events import Frame, GridEvent, LoadRung, ScreenText, StreamEvent
from workers.frame_pictures import FRAME_LIMITS
from workers.images import ImageSource
from workers.machine import Outcome

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """One line of text on a picture."""

    text: str
    score: float
    """How sure the reader is, from 0 to 1."""


class TextReader(Protocol):
    """Reads the text on pictures. Used from one thread at a time."""

    @property
    def model(self) -> str:
        """Name and version of all that its output depends on."""

    def read(self, picture: Image.Image) -> Sequence[Line]:
        """Return the lines on an RGB picture in reading order; none where nothing is written.

        Raises:
            BadEventError: this picture can never be read.
        """


@dataclass(frozen=True)
class ScreenSlot:
    """A job of the reader: one frame slot, with its frame if that is to be read."""

    stream_id: str
    slot: int
    start_ms: int
    end_ms: int
    """Exclusive."""
    watermark_ms: int
    last: bool = False
    frame: Frame | None = None

    def lowered(self, rung: LoadRung) -> "ScreenSlot":
        """Return the slot without its picture where work is left out: summaries wait for it."""
        return self if rung == "full" else replace(self, frame=None)


class ScreenSlots:
    """The machine of one room: frames → slots, with the pictures that are worth reading.

    A kept picture is read when it was taken at least `every_ms` after the one that was read before.
    """

    def __init__(
        self, stream_id: str, every_ms: int, snapshot: dict[str, JsonValue] | None = None
    ) -> None:
        saved = snapshot or {}
        self._stream_id = stream_id
        self._every_ms = every_ms
        self._next_slot = _whole(saved.get("next_slot"), 0)
        self._ended_ms = _whole(saved.get("ended_ms"), 0)
        self._read_ms = _whole(saved.get("read_ms"), -every_ms)
        self._done = saved.get("done") is True

    def push(self, event: GridEvent) -> Sequence[ScreenSlot]:
        """Take the next frame; one taken before, or late, is nothing."""
        if not isinstance(event, Frame) or self._done or event.slot < self._next_slot:
            return ()
        is_read = event.choice == "kept" and event.at_ms - self._read_ms >= self._every_ms
        if is_read:
            self._read_ms = event.at_ms
        self._next_slot = event.slot + 1
        self._ended_ms = event.end_ms
        self._done = event.last
        return (
            ScreenSlot(
                stream_id=self._stream_id,
                slot=event.slot,
                start_ms=event.start_ms,
                end_ms=event.end_ms,
                watermark_ms=event.watermark_ms,
                last=event.last,
                frame=event if is_read else None,
            ),
        )

    def close(self) -> Sequence[ScreenSlot]:
        """End the room where its last frame ended, with a slot of no length."""
        if self._done:
            return ()
        self._done = True
        end_ms = self._ended_ms
        slot = self._next_slot
        self._next_slot += 1
        return (ScreenSlot(self._stream_id, slot, end_ms, end_ms, end_ms, last=True),)

    @property
    def needed_from_ms(self) -> int:
        """The end of the last frame taken: the snapshot holds all that is remembered."""
        return self._ended_ms

    @property
    def done(self) -> bool:
        """Whether the room's last frame was taken."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """The next slot, where the last frame ended, and when a picture was last read."""
        return {
            "next_slot": self._next_slot,
            "ended_ms": self._ended_ms,
            "read_ms": self._read_ms,
            "done": self._done,
        }


def _whole(value: JsonValue, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


@dataclass(frozen=True)
class ReadOptions:
    """What is believed of a reader."""

    least_score: float = 0.6
    """Lines of which the reader is less sure are left out, from 0 to 1."""
    longest_line: int = 200
    """Characters after which a line is cut off."""
    most_lines: int = 40
    """Lines of one picture; the rest is left out."""


class ScreenReader:
    """The worker: slots of many rooms → the text on each. Not for several threads at once.

    A picture that cannot be had or decoded costs its own slot its text and nothing else: nobody
    waits for a server that may never answer, as the room would wait with it.
    """

    def __init__(
        self,
        reader: TextReader,
        options: ReadOptions | None = None,
        source: ImageSource | None = None,
    ) -> None:
        """Keep what is used.

        Args:
            reader: does the reading.
            options: what is believed of it.
            source: where claim checks may point to; pictures have a frame's limits.
        """
        self._reader = reader
        self._options = options or ReadOptions()
        self._source = source or ImageSource(limits=FRAME_LIMITS)
        self.damaged = 0
        """Pictures that could not be had or decoded since the start."""

    def process(self, jobs: Sequence[ScreenSlot]) -> list[Outcome]:
        """Return one `ScreenText` for every slot."""
        return [self._answer(job) for job in jobs]

    def empty(self, job: ScreenSlot, error: BadEventError) -> list[StreamEvent]:
        """A slot that was not read, so that the grid stays whole."""
        logger.warning("frame %d of %s is not read: %s", job.slot, job.stream_id, error)
        return [self._event(job, None)]

    def _answer(self, job: ScreenSlot) -> Outcome:
        picture = self._picture(job)
        if picture is None:
            return [self._event(job, None)]
        try:
            return [self._event(job, self._believed(self._reader.read(picture)))]
        except BadEventError as error:
            return error

    def _picture(self, job: ScreenSlot) -> Image.Image | None:
        if job.frame is None:
            return None
        try:
            data = frame_pictures.bytes_of(job.frame, self._source)
            return images.decode(data, self._source.limits)
        except (InputError, TransientError) as error:
            self.damaged += 1
            logger.warning("frame %d of %s is not read: %s", job.slot, job.stream_id, error)
            return None

    def _believed(self, read: Sequence[Line]) -> list[Line]:
        lines = []
        for line in read:
            # What stands on a screen is a stranger's text: no control characters, no line breaks.
            seen = "".join(one if one.isprintable() else " " for one in line.text)
            text = " ".join(seen.split())[: self._options.longest_line]
            if text and line.score >= self._options.least_score:
                lines.append(Line(text, line.score))
        return lines[: self._options.most_lines]

    def _event(self, job: ScreenSlot, lines: Sequence[Line] | None) -> ScreenText:
        return ScreenText(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.watermark_ms,
            last=job.last,
            lines=tuple(line.text for line in lines or ()),
            scores=tuple(line.score for line in lines or ()),
            was_read=lines is not None,
            model=self._reader.model,
        )
