"""Transcripts of many rooms → summaries: what each window of speech is selling, or nothing.

The machine rolls a window over the committed words of one room; the worker asks a back end for a
product name per window and does the rest by code: schema, support spans, faithfulness, and the
fall-back where a back end's output is broken. Must not know which back end it drives.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from models.errors import BadEventError
from workers.events import GridEvent, LoadRung, StreamEvent, Summary, Transcript, Word
from workers.ladder import RungOf, is_down_to, lowest, never_hurried
from workers.machine import Outcome
from workers.summarizers.extractive import Extractive
from workers.summarizers.hearing import share_heard, support
from workers.summarizers.protocol import Broken, Draft, SummaryWriter, WindowText

logger = logging.getLogger(__name__)

Titles = Callable[[str, int], tuple[tuple[str, str], ...]]
"""Of a room's cart at a media time in ms: product ids and titles; empty when there is no cart."""


@dataclass(frozen=True)
class RollingTextOptions:
    """Which stretches of speech are summed up."""

    window_ms: int = 30_000
    """Speech that one summary looks at."""
    hop_ms: int = 5_000
    """Between the ends of two windows."""


def _middle_ms(word: Word) -> int:
    return (word.start_ms + word.end_ms) // 2


class RollingText:
    """The machine of one room: transcripts → windows of words.

    Window k ends at (k + 1) hops. A word belongs to the windows that its middle lies in. A window
    is made once the transcripts' watermark has reached its end, so that no word can come late.
    """

    def __init__(
        self,
        stream_id: str,
        options: RollingTextOptions,
        titles: Titles,
        snapshot: dict[str, JsonValue] | None = None,
        rung: RungOf = never_hurried,
    ) -> None:
        self._rung = rung
        self._stream_id = stream_id
        self._options = options
        self._titles = titles
        self._held: list[Transcript] = []
        self._taken_slot = -1
        self._heard_until_ms = 0
        self._next_slot = 0
        self._done = False
        if snapshot is not None:
            next_slot = snapshot["next_slot"]
            self._next_slot = next_slot if isinstance(next_slot, int) else 0
            self._done = bool(snapshot["done"])

    def push(self, event: GridEvent) -> Sequence[WindowText]:
        """Take the transcript of the next slot; one taken before, or late, is nothing."""
        if not isinstance(event, Transcript) or self._done or event.slot <= self._taken_slot:
            return ()
        self._taken_slot = event.slot
        self._held.append(event)
        self._heard_until_ms = max(self._heard_until_ms, event.watermark_ms)
        if event.last:
            self._heard_until_ms = max(self._heard_until_ms, event.end_ms)
            return self.close()
        made = []
        while self._grid_end_ms <= self._heard_until_ms:
            made.append(self._cut(self._grid_end_ms, last=False))
        return made

    def close(self) -> Sequence[WindowText]:
        """End the room at the present watermark: the windows up to there, the final one shorter."""
        if self._done:
            return ()
        made = []
        while self._grid_end_ms < self._heard_until_ms:
            made.append(self._cut(self._grid_end_ms, last=False))
        made.append(self._cut(max(self._heard_until_ms, self._window_start_ms), last=True))
        self._done = True
        self._held.clear()
        return made

    @property
    def needed_from_ms(self) -> int:
        """The start of the earliest window that is not yet made, or what holds a word of it."""
        # A transcript may carry a word that reaches past its own slot.
        ends = [held.end_ms - 1 for held in self._held if self._reaches(held)]
        return min([self._window_start_ms, *ends])

    @property
    def done(self) -> bool:
        """Whether the room's last window was made."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """The next window and whether there is one."""
        return {"next_slot": self._next_slot, "done": self._done}

    @property
    def _grid_end_ms(self) -> int:
        return (self._next_slot + 1) * self._options.hop_ms

    @property
    def _window_start_ms(self) -> int:
        return max(0, self._grid_end_ms - self._options.window_ms)

    def _reaches(self, held: Transcript) -> bool:
        return any(_middle_ms(word) >= self._window_start_ms for word in held.words)

    def _rung_of(self, start_ms: int, end_ms: int) -> LoadRung:
        """Return the lowest rung of a window's transcripts and of this stage."""
        within = (one for one in self._held if one.end_ms > start_ms and one.start_ms < end_ms)
        return lowest(self._rung(self._stream_id), *(one.load_rung for one in within))

    def _cut(self, end_ms: int, *, last: bool) -> WindowText:
        start_ms = self._window_start_ms
        # A room's last words are kept even where their middle lies past its last sample.
        words = sorted(
            (
                word
                for held in self._held
                for word in held.words
                if start_ms <= _middle_ms(word) and (last or _middle_ms(word) < end_ms)
            ),
            key=lambda word: (word.start_ms, word.end_ms),
        )
        languages = [
            held.language for held in self._held if held.language and held.end_ms > start_ms
        ]
        window = WindowText(
            stream_id=self._stream_id,
            slot=self._next_slot,
            start_ms=start_ms,
            end_ms=end_ms,
            last=last,
            words=tuple(words),
            titles=self._titles(self._stream_id, max(start_ms, end_ms - 1)),
            language=languages[-1] if languages else None,
            load_rung=self._rung_of(start_ms, end_ms),
        )
        self._next_slot += 1
        self._held = [
            held
            for held in self._held
            if held.end_ms > self._window_start_ms or self._reaches(held)
        ]
        return window


@dataclass(frozen=True)
class SummarizerOptions:
    """What is believed of a back end."""

    least_share_heard: float = 0.5
    """A product name that is no title of the cart is refused unless this share of its words was
    said, from 0 to 1."""
    least_likeness: float = 0.5
    """How like a spoken word must be to count as said, from 0 to 1."""


def _is_for_back_end(job: WindowText) -> bool:
    return bool(job.words) and not is_down_to(job.load_rung, "extractive")


class Summarizer:
    """The worker: windows of many rooms → one summary each.

    Args:
        writer: the back end.
        on_fall_back: called with the reason each time its output was broken or unfaithful.
        options: what is believed of it.
    """

    def __init__(
        self,
        writer: SummaryWriter,
        on_fall_back: Callable[[str], None] | None = None,
        options: SummarizerOptions | None = None,
    ) -> None:
        self._writer = writer
        self._on_fall_back = on_fall_back
        self._options = options or SummarizerOptions()
        self._extractive = Extractive()
        self.fallen_back = 0
        """Windows so far whose summary the back end did not write."""

    def process(self, jobs: Sequence[WindowText]) -> list[Outcome]:
        """Sum up every window; those without words, or time, are answered without the back end."""
        asked = [job for job in jobs if _is_for_back_end(job)]
        written = iter(self._writer.write(asked) if asked else [])
        return [
            [self._answer(job, next(written)) if _is_for_back_end(job) else self._unasked(job)]
            for job in jobs
        ]

    def empty(self, job: WindowText, error: BadEventError) -> list[StreamEvent]:
        """A summary that says nothing, so that the grid stays whole."""
        logger.warning("window %d of room %s is left empty: %s", job.slot, job.stream_id, error)
        return [self._silent(job)]

    def _answer(self, job: WindowText, written: Draft | Broken) -> Summary:
        refused = written if isinstance(written, Broken) else self._unfaithful(job, written)
        if isinstance(written, Draft) and refused is None:
            return self._summary(job, written, self._writer, fell_back=False)
        self.fallen_back += 1
        if self._on_fall_back is not None and refused is not None:
            self._on_fall_back(refused.reason)
        draft = self._extractive.choose(job)
        return self._summary(job, draft, self._extractive, fell_back=True)

    def _unasked(self, job: WindowText) -> Summary:
        if not job.words or is_down_to(job.load_rung, "vision_only"):
            return self._silent(job)
        return self._summary(job, self._extractive.choose(job), self._extractive, fell_back=False)

    def _unfaithful(self, job: WindowText, draft: Draft) -> Broken | None:
        """Return why a name is not believed: it is neither on sale nor was it said."""
        if draft.product_id is not None:
            if draft.product_id in {product_id for product_id, _ in job.titles}:
                return None
            return Broken(draft.raw_text, "product is not in the cart")
        if draft.product_name is None:
            return None
        share = share_heard(draft.product_name, job.words, self._options.least_likeness)
        if share >= self._options.least_share_heard:
            return None
        return Broken(draft.raw_text, "product name was not said")

    def _summary(
        self, job: WindowText, draft: Draft, writer: SummaryWriter, *, fell_back: bool
    ) -> Summary:
        said = tuple(
            attribute
            for attribute in draft.attributes
            if share_heard(attribute, job.words, self._options.least_likeness)
            >= self._options.least_share_heard
        )
        name = draft.product_name
        return Summary(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.end_ms,
            last=job.last,
            product_name=name,
            product_id=draft.product_id,
            attributes=said if name is not None else (),
            support=support(name, job.words) if name is not None else (),
            raw_text=draft.raw_text,
            rung=writer.rung,
            fell_back=fell_back,
            score=draft.score,
            load_rung=job.load_rung,
            # The back end that was asked, also where another answered: the id must not depend on
            # what a model happened to write.
            model=self._writer.model,
        )

    def _silent(self, job: WindowText) -> Summary:
        return Summary(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.end_ms,
            last=job.last,
            load_rung=job.load_rung,
            model=self._writer.model,
        )
