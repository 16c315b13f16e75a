"""Transcripts of a manifest → what a live room's summarizer makes of them.

In: rows with `transcript`. Out: the rows with `summary`, the text that the encoder reads live, or
none where no product is named. Each clip is a room of its own, through the machine, back end,
guards and fall-back of the live summarize stage.

A manifest does not say when each word was spoken, so words are spread evenly over the clip. Its
windows are those of a live room, at most `window_ms` long, one every `hop_ms` and one at its end;
each is summed up, and the different names are joined, that of most windows first. (AMPere, arXiv
2408.02978, leaves open what becomes of long speech.)
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from models.errors import BadEventError
from models.manifest import Row
from workers.encode import clip_text
from workers.events import ClipText, StreamEvent, Summary, Transcript, Word
from workers.kept_answers import Answer, Question, Settings
from workers.machine import Outcome
from workers.rolling_text import RollingText, RollingTextOptions
from workers.room_titles import RoomTitles, Titles
from workers.row_work import Answered, batches
from workers.summarize import Summarizer
from workers.summarizers.protocol import SummaryWriter, WindowText

_WORD_MS = 400
"""Length of a word where the clip's is not known: 150 words a minute."""


@dataclass(frozen=True)
class ClipSummaryOptions:
    """How clips are summed up."""

    window_ms: int = 30_000
    """Speech that one summary looks at, as live."""
    hop_ms: int = 5_000
    """Between the ends of two windows, as live; back ends that only look at a window's end look at
    10 s of it, so nothing of a clip goes unread and most of it is read twice."""
    max_batch: int = 4
    """Most windows that a back end is given at once, and most clips in one go."""


@dataclass(frozen=True)
class Spoken:
    """What was said in one clip."""

    text: str
    length_ms: int | None = None
    """Of the clip; none: not known."""
    titles: Titles = ()
    """Product ids and titles that are on sale; empty: not known."""


class ClipSummarizer:
    """Sums clips up as the live stage sums rooms up.

    Args:
        writer: the back end.
        options: how.
    """

    def __init__(self, writer: SummaryWriter, options: ClipSummaryOptions) -> None:
        self.model = writer.model
        self.options = options
        self.reasons: Counter[str] = Counter()
        """Why summaries were not believed so far, and how often."""
        self._worker = Summarizer(writer, on_fall_back=self._note)

    def summaries(self, clips: Sequence[Spoken]) -> list[list[Summary]]:
        """Return each clip's summaries, window by window."""
        jobs = [self._windows(clip) for clip in clips]
        flat = [one for some in jobs for one in some]
        outcomes: list[Outcome] = []
        for start in range(0, len(flat), self.options.max_batch):
            outcomes += self._worker.process(flat[start : start + self.options.max_batch])
        made = iter(zip(flat, outcomes, strict=True))
        return [[event for _ in some for event in self._events(*next(made))] for some in jobs]

    def _windows(self, clip: Spoken) -> Sequence[WindowText]:
        rolling = RollingTextOptions(self.options.window_ms, self.options.hop_ms)
        machine = RollingText("clip", rolling, lambda *_: clip.titles)
        words = spread(clip.text.split(), clip.length_ms)
        end_ms = words[-1].end_ms if words else 0
        said = Transcript(
            stream_id="clip", slot=0, start_ms=0, end_ms=end_ms, watermark_ms=end_ms, last=True,
            words=words,
        )  # fmt: skip
        return machine.push(said)

    def _events(self, job: WindowText, outcome: Outcome) -> list[Summary]:
        events: Sequence[StreamEvent] = (
            self._worker.empty(job, outcome) if isinstance(outcome, BadEventError) else outcome
        )
        return [event for event in events if isinstance(event, Summary)]

    def _note(self, reason: str) -> None:
        self.reasons[reason] += 1


def spread(words: Sequence[str], length_ms: int | None) -> tuple[Word, ...]:
    """Return words that take turns evenly over a time."""
    whole_ms = length_ms or _WORD_MS * len(words)
    return tuple(
        Word(
            text=text,
            start_ms=at * whole_ms // len(words),
            end_ms=(at + 1) * whole_ms // len(words),
            probability=1.0,
        )
        for at, text in enumerate(words)
    )


def joined(summaries: Sequence[Summary]) -> str | None:
    """Return the different texts of a clip's summaries, that of most windows first; or none."""
    texts: dict[str, str] = {}
    count: Counter[str] = Counter()
    for one in summaries:
        if one.product_name and one.product_name.strip():
            named = ClipText(product_name=one.product_name, attributes=one.attributes)
            text = clip_text(named)[0] or ""
            texts.setdefault(text.casefold(), text)
            count[text.casefold()] += 1
    return "; ".join(texts[key] for key, _ in count.most_common()) or None


class SummarizesRows:
    """The work of `data summarize`, for `workers.row_work`.

    Args:
        sums_up: the live path's summarizer.
        titles: on sale in each room.
    """

    def __init__(self, sums_up: ClipSummarizer, titles: RoomTitles) -> None:
        self._sums_up, self._titles = sums_up, titles
        self.told = Counter(named=0, unnamed=0, windows=0, fell_back=0)
        """Rows with words that were written so far, by whether a product is named, their windows,
        and those of them whose summary the back end did not write."""

    @property
    def reasons(self) -> Counter[str]:
        """Why the back end was not believed in this run, and how often."""
        return self._sums_up.reasons

    @property
    def settings(self) -> Settings:
        """What all summaries depend on."""
        return {
            "work": "summarize",
            "model": self._sums_up.model,
            "window_ms": self._sums_up.options.window_ms,
            "hop_ms": self._sums_up.options.hop_ms,
            "titles": self._titles.of,
        }

    def question(self, row: Row) -> Question | None:
        """Return the words of a row that has any, their time, and what is on sale."""
        if row.transcript is None:
            return None
        known = row.start_ms is not None and row.end_ms is not None
        length_ms = (row.end_ms or 0) - (row.start_ms or 0) if known else 0
        room = self._titles.room_of(row)
        what: Answer = {
            "text": row.transcript,
            "length_ms": length_ms if length_ms > 0 else None,
            "room": room,
        }
        told = [row.transcript, what["length_ms"], self._titles.fingerprint(room)]
        return Question(hashlib.sha256(json.dumps(told).encode()).hexdigest(), room, what)

    def work(self, questions: Iterable[Question]) -> Iterator[Sequence[Answered]]:
        """Sum the clips up."""
        for some in batches(questions, self._sums_up.options.max_batch):
            clips = [
                Spoken(
                    one.what["text"], one.what["length_ms"], self._titles.titles(one.what["room"])
                )
                for one in some
            ]
            made = zip(some, self._sums_up.summaries(clips), strict=True)
            yield [Answered(one.key, _answer(summaries)) for one, summaries in made]

    def changed(self, row: Row, answer: Answer | None) -> Row:
        """Return the row with its summary, or without one where no product is named."""
        found = answer or {"summary": None, "windows": 0, "fell_back": 0}
        self.told["named" if found["summary"] else "unnamed"] += 1
        self.told["windows"] += found["windows"]
        self.told["fell_back"] += found["fell_back"]
        return replace(row, summary=found["summary"])


def _answer(summaries: Sequence[Summary]) -> Answer:
    return {
        "summary": joined(summaries),
        "windows": len(summaries),
        "fell_back": sum(one.fell_back for one in summaries),
    }
