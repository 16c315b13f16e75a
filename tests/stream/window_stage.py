"""The smallest stage with a memory, for tests of whatever runs stages."""

from collections.abc import Sequence

from pydantic import JsonValue

from models.errors import BadEventError
from stream.stage import Stage
from stream.topics import SUMMARIES, TRANSCRIPTS
from workers.events import GridEvent, StreamEvent, Summary, Transcript, Word
from workers.machine import Outcome

WINDOW_MS, HOP_MS = 3_000, 2_000


class Windows:
    """Joins the words of overlapping windows: the smallest machine with a memory."""

    def __init__(self, stream_id: str, snapshot: dict[str, JsonValue] | None) -> None:
        self._stream_id = stream_id
        self._words: dict[int, Transcript] = {}
        self._next = int(str((snapshot or {}).get("next", 0)))
        self.done = bool((snapshot or {}).get("done", False))

    def push(self, event: GridEvent) -> Sequence[Summary]:
        assert isinstance(event, Transcript)
        if event.text == "poison":
            message = "poison"
            raise BadEventError(message)
        if not self.done:
            self._words[event.slot] = event
        jobs = []
        while not self.done and (
            event.watermark_ms >= self._next * HOP_MS + WINDOW_MS or event.last
        ):
            start_ms = self._next * HOP_MS
            end_ms = min(start_ms + WINDOW_MS, max(start_ms, event.end_ms))
            last = event.last and start_ms + WINDOW_MS >= event.end_ms
            text = " ".join(
                self._words[slot].text
                for slot in sorted(self._words)
                if start_ms <= self._words[slot].start_ms < end_ms
            )
            jobs.append(
                Summary(
                    stream_id=self._stream_id, slot=self._next, start_ms=start_ms, end_ms=end_ms,
                    watermark_ms=end_ms, raw_text=text, last=last,
                )
            )  # fmt: skip
            self._next += 1
            self.done = last
        return jobs

    def close(self) -> Sequence[Summary]:
        return []

    @property
    def needed_from_ms(self) -> int:
        return self._next * HOP_MS

    def snapshot(self) -> dict[str, JsonValue]:
        return {"next": self._next, "done": self.done}


class Hand:
    """Hands summaries on; one text cannot be worked on."""

    def process(self, jobs: Sequence[Summary]) -> list[Outcome]:
        return [BadEventError("unworkable") if "bad" in job.raw_text else [job] for job in jobs]

    def empty(self, job: Summary, error: BadEventError) -> list[StreamEvent]:
        return [job.model_copy(update={"raw_text": f"({error})"})]


def window_stage() -> Stage:
    """Transcripts to summaries, without a model."""
    return Stage("windows", (TRANSCRIPTS,), SUMMARIES, Windows, Hand())


def transcript(stream_id: str, slot: int, text: str, *, last: bool = False) -> Transcript:
    word = Word(text=text, start_ms=slot * 1_000, end_ms=slot * 1_000 + 500, probability=1.0)
    return Transcript(
        stream_id=stream_id, slot=slot, start_ms=slot * 1_000, end_ms=slot * 1_000 + 1_000,
        watermark_ms=slot * 1_000 + 1_000, words=(word,), last=last,
    )  # fmt: skip
