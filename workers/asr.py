"""Utterances of many rooms → transcripts, one per audio slot: the worker of the ASR stage.

An utterance covers any stretch of milliseconds. The slot in which it ends is written by the next
one, and words that reach into that slot stand in the last one that their own utterance completes,
with their true times: so each slot is written once, and no word is lost, doubled or held back. The
accounts of a slot that a cut divides tell what the utterance that writes it heard: the other part
ends in the pause of the cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.errors import BadEventError
from workers.events import Accounting, StreamEvent, Transcript, Word
from workers.machine import Outcome
from workers.utterances import HeardSlot, Utterance


@dataclass(frozen=True)
class Heard:
    """What a speech model made of one utterance; times are media time."""

    words: tuple[Word, ...] = ()
    speech: tuple[tuple[int, int], ...] = ()
    """Start and end in ms of where somebody speaks, in order, without overlap."""
    language: str | None = None
    verdicts: tuple[str, ...] = ()
    """Why words were thrown away or are not to be trusted."""
    is_rejected: bool = False
    """Whether speech was heard and its words were thrown away."""
    thrown_away: tuple[tuple[int, int, str], ...] = ()
    """Start and end in ms and reason of stretches whose words alone were thrown away."""


class SpeechModel(Protocol):
    """A back end that turns sound into words."""

    @property
    def name(self) -> str:
        """Model and compute type: whatever its words depend on."""

    def describe(self) -> str:
        """One line for people: model, device and compute type chosen."""

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        """Answer every utterance in order, with words in order and within its times.

        Raises:
            BadEventError: One of them cannot be transcribed.
            TransientError: The device is short of memory for a moment.
        """


class Transcriber:
    """The worker: utterances of many rooms → one transcript per slot."""

    def __init__(self, model: SpeechModel) -> None:
        self._model = model

    def process(self, jobs: Sequence[Utterance]) -> list[Outcome]:
        """Transcribe a batch; where it fails, one at a time, so that one bad costs only itself."""
        sounding = [job for job in jobs if len(job.samples)]
        heard: dict[int, Heard | BadEventError] = {}
        try:
            answers = self._model.transcribe(sounding) if sounding else []
            heard = {id(job): answer for job, answer in zip(sounding, answers, strict=True)}
        except BadEventError:
            heard = {id(job): self._alone(job) for job in sounding}
        return [self._outcome(job, heard.get(id(job), Heard())) for job in jobs]

    def empty(self, job: Utterance, error: BadEventError) -> list[StreamEvent]:
        """The transcripts of an utterance that failed for good: no words, its sound dropped."""
        failed = Heard(speech=((job.start_ms, job.end_ms),), verdicts=("failed",), is_rejected=True)
        return transcripts(job, failed, self._model.name)

    def _outcome(self, job: Utterance, answer: Heard | BadEventError) -> Outcome:
        if isinstance(answer, BadEventError):
            return answer
        return transcripts(job, answer, self._model.name)

    def _alone(self, job: Utterance) -> Heard | BadEventError:
        try:
            return self._model.transcribe([job])[0]
        except BadEventError as error:
            return error


def transcripts(job: Utterance, heard: Heard, model: str) -> list[StreamEvent]:
    """Return the transcripts of an utterance's slots.

    A word stands in the slot of its midpoint, or in the last slot if it lies beyond; a slot's
    watermark holds back where a word of a later slot begins before its end.
    """
    final = len(job.slots) - 1
    starts = [-1, *(slot.start_ms for slot in job.slots[1:])]
    words: list[list[Word]] = [[] for _ in job.slots]
    for word in heard.words:
        middle_ms = (word.start_ms + word.end_ms) // 2
        words[int(np.searchsorted(starts, middle_ms, side="right")) - 1].append(word)
    events: list[StreamEvent] = []
    watermark_ms = job.end_ms
    for index in range(final, -1, -1):
        slot = job.slots[index]
        if index < final:
            watermark_ms = min(watermark_ms, slot.end_ms)
        found = tuple(words[index])
        events.append(_transcript(job, index, heard, found, watermark_ms, model))
        watermark_ms = min([watermark_ms, *(word.start_ms for word in words[index])])
    return events[::-1]


def _transcript(
    job: Utterance,
    index: int,
    heard: Heard,
    words: tuple[Word, ...],
    watermark_ms: int,
    model: str,
) -> Transcript:
    slot = job.slots[index]
    received_ms = max(0, slot.end_ms - slot.start_ms - slot.gap_ms)
    spoken_ms = min(received_ms, _shared_ms(heard.speech, slot))
    dropped = _dropped_by_ms(heard, slot, spoken_ms)
    verdicts = list(heard.verdicts if spoken_ms else ())
    if slot.gap_ms:
        verdicts.append("gap")
    if received_ms and not spoken_ms and not words:
        verdicts.append("silence")
    return Transcript(
        stream_id=job.stream_id,
        slot=slot.slot,
        start_ms=slot.start_ms,
        end_ms=slot.end_ms,
        watermark_ms=watermark_ms,
        last=job.last and index == len(job.slots) - 1,
        words=words,
        language=heard.language,
        verdicts=tuple(verdicts),
        accounting=Accounting(
            received_ms=received_ms,
            transcribed_ms=spoken_ms - sum(dropped.values()),
            silent_ms=received_ms - spoken_ms,
            dropped_ms=sum(dropped.values()),
            dropped_by_ms=dropped,
        ),
        model=model,
    )


def _dropped_by_ms(heard: Heard, slot: HeardSlot, spoken_ms: int) -> dict[str, int]:
    """Return how much of a slot's speech was thrown away, by reason; no more than was spoken."""
    if heard.is_rejected:
        return (
            {heard.verdicts[-1] if heard.verdicts else "rejected": spoken_ms} if spoken_ms else {}
        )
    dropped: dict[str, int] = {}
    left_ms = spoken_ms
    for start_ms, end_ms, reason in heard.thrown_away:
        lost_ms = min(left_ms, _shared_ms(((start_ms, end_ms),), slot))
        if lost_ms:
            dropped[reason] = dropped.get(reason, 0) + lost_ms
            left_ms -= lost_ms
    return dropped


def _shared_ms(spans: Sequence[tuple[int, int]], slot: HeardSlot) -> int:
    """Return how much of a slot lies in the spans."""
    return sum(max(0, min(b, slot.end_ms) - max(a, slot.start_ms)) for a, b in spans)
