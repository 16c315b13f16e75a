"""Clips of a manifest → what a live room would hear in them.

In: rows with `media`. Out: the rows with `transcript`. Each clip is a room of its own: decoded, cut
into utterances and heard by the machine, worker and guards of the live ASR stage, but for passes
over utterances that still grow: nobody waits. A clip that cannot be read keeps no transcript.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.errors import BadEventError, InputError
from models.manifest import Row
from workers.asr import SpeechModel, Transcriber
from workers.audio_grid import PER_MS, Samples
from workers.clip_noise import Noise
from workers.clip_sound import ClipSounds, chunks_of
from workers.events import StreamEvent, Transcript
from workers.kept_answers import Answer, Question, Settings
from workers.machine import Outcome
from workers.room_titles import RoomTitles
from workers.row_work import Answered
from workers.utterances import Utterance, UtteranceOptions, Utterances


@dataclass(frozen=True)
class ClipHearingOptions:
    """How clips are heard."""

    language: str | None = None
    """Of all clips; none: found out for each utterance."""
    cuts: UtteranceOptions = field(default_factory=lambda: UtteranceOptions(hop_ms=0))
    max_batch: int = 8
    """Most utterances, and most clips, that are heard in one go."""


class ClipTranscriber:
    """Hears clips as the live stage hears rooms.

    Args:
        model: the speech model of the live path.
        options: how.
    """

    def __init__(self, model: SpeechModel, options: ClipHearingOptions) -> None:
        self._worker = Transcriber(model)
        self.model = model.name
        self.options = options

    def transcripts(self, clips: Sequence[tuple[Samples, str]]) -> list[list[Transcript]]:
        """Return each clip's transcripts, slot by slot; sound that is refused has no words.

        Args:
            clips: 16 kHz samples, and words to expect.
        """
        jobs = [self._cut(sound, hotwords) for sound, hotwords in clips]
        flat = [one for some in jobs for one in some]
        outcomes: list[Outcome] = []
        for start in range(0, len(flat), self.options.max_batch):
            outcomes += self._worker.process(flat[start : start + self.options.max_batch])
        heard = iter(zip(flat, outcomes, strict=True))
        return [[event for _ in some for event in self._events(*next(heard))] for some in jobs]

    def _cut(self, sound: Samples, hotwords: str) -> list[Utterance]:
        language = self.options.language
        machine = Utterances("clip", self.options.cuts, lambda *_: hotwords, lambda _: language)
        jobs = [job for chunk in chunks_of(sound, "clip") for job in machine.push(chunk)]
        return [*jobs, *machine.close()]

    def _events(self, job: Utterance, outcome: Outcome) -> list[Transcript]:
        events: Sequence[StreamEvent] = (
            self._worker.empty(job, outcome) if isinstance(outcome, BadEventError) else outcome
        )
        return [event for event in events if isinstance(event, Transcript)]


def text_of(transcripts: Sequence[Transcript]) -> str | None:
    """Return the words of a clip in order; none where nothing was heard."""
    return " ".join(said for one in transcripts if (said := one.text.strip())) or None


class TranscribesRows:
    """The work of `data transcribe`, for `workers.row_work`.

    Args:
        folder: that the rows' `media` are relative to.
        hears: the live path's hearing.
        titles: whose words are expected.
        hotwords_of: titles → words to expect, as the live stage makes them.
        noise: that lies under every clip; none: nothing.
    """

    def __init__(
        self,
        folder: Path,
        hears: ClipTranscriber,
        titles: RoomTitles,
        hotwords_of: Callable[[list[str]], str],
        noise: Noise | None = None,
    ) -> None:
        self._folder, self._hears, self._titles, self._noise = folder, hears, titles, noise
        self._hotwords_of = hotwords_of
        self._hotwords: dict[str, str] = {}
        self._sounds = ClipSounds()
        self.told = Counter(heard=0, silent=0, unreadable=0)
        """Rows with media that were written so far, by what became of them."""

    @property
    def settings(self) -> Settings:
        """What all transcripts depend on."""
        hears, noise = self._hears.options, self._noise
        return {
            "work": "transcribe",
            "model": self._hears.model,
            "language": hears.language,
            "min_utterance_ms": hears.cuts.min_ms,
            "max_utterance_ms": hears.cuts.max_ms,
            "hotwords": self._titles.of,
            "noise": noise.fingerprint if noise else None,
            "snr_db": noise.options.snr_db if noise else None,
            "noise_seed": noise.options.seed if noise else None,
        }

    def question(self, row: Row) -> Question | None:
        """Return the clip of a row with media: file as it is now, times, words to expect."""
        if row.media is None:
            return None
        what: Answer = {
            "media": row.media,
            "start_ms": row.start_ms,
            "end_ms": row.end_ms,
            "room": self._titles.room_of(row),
        }
        expected = self._titles.fingerprint(what["room"])
        told = [row.media, row.start_ms, row.end_ms, expected, _state(self._folder / row.media)]
        key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        return Question(key, f"{row.media}\x1f{row.start_ms or 0:012d}", what)

    def work(self, questions: Iterable[Question]) -> Iterator[Sequence[Answered]]:
        """Hear the clips; those that cannot be read are answered with the reason."""
        options = self._hears.options
        batch: list[tuple[Question, Samples]] = []
        longest = options.max_batch * options.cuts.max_ms * PER_MS
        for one in questions:
            try:
                batch.append((one, self._sound(one.what)))
            except InputError as error:
                yield [Answered(one.key, None, str(error))]
            # A long clip is a batch of its own, so that several are never held together.
            if len(batch) == options.max_batch or sum(len(some) for _, some in batch) >= longest:
                yield self._heard(batch)
                batch = []
        if batch:
            yield self._heard(batch)

    def changed(self, row: Row, answer: Answer | None) -> Row:
        """Return the row with what was heard; a summary of other words is taken away."""
        text = None if answer is None else answer["transcript"]
        self.told["unreadable" if answer is None else "heard" if text else "silent"] += 1
        return replace(row, transcript=text, summary=None)

    def _heard(self, batch: Sequence[tuple[Question, Samples]]) -> list[Answered]:
        clips = [(sound, self._expected(one.what["room"])) for one, sound in batch]
        heard = zip(batch, self._hears.transcripts(clips), strict=True)
        return [Answered(one.key, {"transcript": text_of(said)}) for (one, _), said in heard]

    def _sound(self, what: Answer) -> Samples:
        start_ms, end_ms = what["start_ms"], what["end_ms"]
        sound = self._sounds.cut(self._folder / what["media"], start_ms, end_ms)
        if self._noise is None:
            return sound
        return self._noise.under(sound, f"{what['media']}/{start_ms}/{end_ms}")

    def _expected(self, room: str) -> str:
        if room not in self._hotwords:
            titles = [title for _, title in self._titles.titles(room)]
            self._hotwords[room] = self._hotwords_of(titles)
        return self._hotwords[room]


def _state(path: Path) -> list[int]:
    """Return size and time of a file, so that one that was replaced is heard anew."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]
