"""Utterances of many rooms → transcripts, one per audio slot: the worker of the ASR stage.

An utterance covers any stretch of milliseconds. The slot in which it ends is written by the next
one, and words that reach into that slot stand in the last one that their own utterance completes,
with their true times: so each slot is written once, and no word is lost, doubled or held back. The
accounts of a slot that a cut divides tell what the utterance that writes it heard: the other part
ends in the pause of the cut.

While an utterance grows, each of its jobs is a pass over the sound so far. Words on which two
passes agree, and words long past, are committed and never change, and slots go out as soon as
theirs are; what is heard beyond goes out as `Partial`. A language that nobody set is found out by
each utterance for itself, so that a restart finds the same, and stays what it is from the first
committed word on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from models.errors import BadEventError
from workers.events import Accounting, Partial, StreamEvent, Transcript, Word
from workers.ladder import is_down_to
from workers.machine import Outcome
from workers.open_utterance import OpenUtterance, WrittenSlot
from workers.utterances import HeardSlot, Utterance

MOST_OPEN = 1_024
"""Utterances that are remembered while they grow; beyond, those that were heard longest ago are
forgotten, and their slots written again."""
_Open = dict[tuple[str, int, int], OpenUtterance]


@dataclass(frozen=True)
class Heard:
    """What a speech model made of one utterance; times are media time."""

    words: tuple[Word, ...] = ()
    speech: tuple[tuple[int, int], ...] = ()
    """Start and end in ms of where somebody speaks, in order, without overlap."""
    language: str | None = None
    verdicts: tuple[str, ...] = ()
    """Why words were thrown away, are not to be trusted, or stand otherwise than as heard."""
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
        self._open: _Open = {}

    def process(self, jobs: Sequence[Utterance]) -> list[Outcome]:
        """Transcribe a batch; where it fails, one at a time, so that one bad costs only itself."""
        # What is remembered changes at the end only: a batch may be tried again.
        remembered = dict(self._open)
        outcomes: dict[int, Outcome] = {}
        for numbers in _rounds(jobs):
            some = [jobs[number] for number in numbers]
            asked = [replace(job, language=_language(remembered, job)) for job in some]
            for number, answer in zip(numbers, self._hear(asked), strict=True):
                outcomes[number] = self._outcome(remembered, jobs[number], answer)
        self._open = dict(list(remembered.items())[-MOST_OPEN:])
        return [outcomes[number] for number in range(len(jobs))]

    def empty(self, job: Utterance, error: BadEventError) -> list[StreamEvent]:
        """What is left of an utterance that failed for good: its sound dropped."""
        return self._dropped(_before(self._open, job), job, "failed")

    def _hear(self, jobs: Sequence[Utterance]) -> list[Heard | BadEventError]:
        heard = {index: Heard() for index in range(len(jobs))}
        wanted = [n for n, job in enumerate(jobs) if len(job.samples) and not _is_left_out(job)]
        sounding = [jobs[index] for index in wanted]
        answers: Sequence[Heard | BadEventError]
        try:
            answers = self._model.transcribe(sounding) if sounding else []
        except BadEventError:
            answers = [self._alone(job) for job in sounding]
        return list((heard | dict(zip(wanted, answers, strict=True))).values())

    def _alone(self, job: Utterance) -> Heard | BadEventError:
        try:
            return self._model.transcribe([job])[0]
        except BadEventError as error:
            return error

    def _outcome(self, remembered: _Open, job: Utterance, answer: Heard | BadEventError) -> Outcome:
        before, key = _before(remembered, job), _key(job)
        if isinstance(answer, BadEventError) and not job.is_growing:
            return answer
        remembered.pop(key, None)
        if isinstance(answer, BadEventError) or (job.is_growing and _is_left_out(job)):
            # Without this pass nothing is lost: the whole utterance has its turn.
            remembered[key] = before
            return []
        if _is_left_out(job):
            return self._dropped(before, job, "overload")
        if not job.is_growing:
            return self._ended(before, job, answer)
        words = () if answer.is_rejected else answer.words
        now, written = before.grow(job, words, answer.speech, answer.language)
        remembered[key] = now
        events: list[StreamEvent] = self._told(job, answer, written)
        if now.shown or before.shown:
            events.append(Partial(stream_id=job.stream_id, at_ms=job.end_ms, text=now.shown))
        return events

    def _ended(self, before: OpenUtterance, job: Utterance, heard: Heard) -> list[StreamEvent]:
        if heard.is_rejected and before.committed_ms:
            # What two passes agreed on stays; the rest is thrown away.
            reason = heard.verdicts[-1] if heard.verdicts else "rejected"
            lost = (before.committed_ms, job.end_ms, reason)
            heard = replace(heard, words=(), is_rejected=False, thrown_away=(lost,))
        # Where committed words stand, nothing was thrown away.
        behind = tuple(
            (max(start_ms, before.committed_ms), end_ms, reason)
            for start_ms, end_ms, reason in heard.thrown_away
            if end_ms > before.committed_ms
        )
        heard = replace(heard, thrown_away=behind)
        return self._told(job, heard, before.end(job, heard.words))

    def _dropped(self, before: OpenUtterance, job: Utterance, reason: str) -> list[StreamEvent]:
        if job.is_growing:
            return []
        sound = (job.start_ms, job.end_ms)
        lost = (max(before.committed_ms, job.start_ms), job.end_ms, reason)
        heard = Heard((), (sound,), before.settled_language, (reason,), thrown_away=(lost,))
        return self._told(job, heard, before.end(job, ()))

    def _told(
        self, job: Utterance, heard: Heard, written: Sequence[WrittenSlot]
    ) -> list[StreamEvent]:
        return [_transcript(job, one, heard, self._model.name) for one in written]


def _rounds(jobs: Sequence[Utterance]) -> list[list[int]]:
    """Return the jobs' numbers in groups that can be heard together.

    Where nobody set the language, a pass is heard in the one that the passes before it found.
    """
    rounds: list[list[int]] = []
    seen: Counter[tuple[str, int, int]] = Counter()
    for number, job in enumerate(jobs):
        key = _key(job)
        turn = seen[key] if job.language is None else 0
        seen[key] += job.language is None
        rounds += [[]] * (turn == len(rounds))
        rounds[turn] = [*rounds[turn], number]
    return rounds


def _key(job: Utterance) -> tuple[str, int, int]:
    return job.stream_id, job.start_ms, job.revision


def _before(remembered: _Open, job: Utterance) -> OpenUtterance:
    # The first job of a machine starts afresh: answers to an earlier one may never have gone out.
    found = remembered.get(_key(job)) if job.hop else None
    return found or OpenUtterance()


def _language(remembered: _Open, job: Utterance) -> str | None:
    return job.language or _before(remembered, job).settled_language


def _is_left_out(job: Utterance) -> bool:
    # A job that has waited may have been lowered since it was made.
    return is_down_to(job.rung, "larger_hop" if job.is_growing else "vision_only")


def _transcript(job: Utterance, written: WrittenSlot, heard: Heard, model: str) -> Transcript:
    slot, words = written.slot, written.words
    received_ms = max(0, slot.end_ms - slot.start_ms - slot.gap_ms)
    spoken_ms = min(received_ms, _shared_ms(heard.speech, slot))
    dropped = _dropped_by_ms(heard, slot, spoken_ms)
    final = not job.is_growing and slot is job.slots[-1]
    verdicts = _verdicts(heard, slot, is_spoken=spoken_ms > 0, final=final)
    if slot.gap_ms:
        verdicts.append("gap")
    if received_ms and not spoken_ms and not words:
        verdicts.append("silence")
    return Transcript(
        stream_id=job.stream_id,
        slot=slot.slot,
        start_ms=slot.start_ms,
        end_ms=slot.end_ms,
        watermark_ms=written.watermark_ms,
        last=written.last,
        revision=job.revision,
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
        load_rung=job.rung,
        model=model,
    )


def _verdicts(heard: Heard, slot: HeardSlot, *, is_spoken: bool, final: bool) -> list[str]:
    """Return the verdicts that a slot tells: on stretches in it, and on the whole if it is spoken.

    The last slot of an utterance also tells those on stretches beyond it, as it has their words.
    """
    placed = {reason for _, _, reason in heard.thrown_away}
    here = {
        reason
        for start_ms, end_ms, reason in heard.thrown_away
        if (start_ms < slot.end_ms or final) and max(end_ms, start_ms + 1) > slot.start_ms
    }
    return [one for one in heard.verdicts if (one in here if one in placed else is_spoken)]


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
