"""Sounds played as live rooms, chunk by chunk, several at once, as fast as they are heard.

In: the sound of rooms with their hotwords. Out: what was heard in each. Chunks take the way of the
ASR stage: cut into utterances, gathered into batches that mix the rooms, transcribed. A room that
ends gives its place to the next one.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from models.errors import BadEventError, InputError
from workers.asr import SpeechModel, Transcriber
from workers.audio_grid import PER_MS, Samples
from workers.clip_sound import chunks_of
from workers.events import AudioChunk, Transcript
from workers.utterances import Utterance, UtteranceOptions, Utterances


@dataclass(frozen=True)
class PlayedRoom:
    """A room that is nothing but this sound."""

    name: str
    """As a stream's id may be: without blanks."""
    samples: Samples
    """16 kHz, mono, 16 bit."""
    hotwords: str = ""
    """Words to expect, by commas; empty for none."""
    language: str = "en"

    @property
    def length_s(self) -> float:
        """How long it plays."""
        return len(self.samples) / PER_MS / 1_000

    @property
    def fingerprint(self) -> str:
        """Tells its sound, hotwords and language from any other."""
        digest = hashlib.sha256(f"{self.hotwords}/{self.language}/".encode())
        digest.update(self.samples.tobytes())
        return digest.hexdigest()[:20]


@dataclass(frozen=True)
class HeardRoom:
    """What was heard in a room."""

    name: str
    text: str
    verdicts: dict[str, int] = field(default_factory=dict)
    """How many audio slots have each verdict of the guards."""
    transcribed_ms: int = 0
    """How much of the sound became words."""
    silent_ms: int = 0
    """How much was taken for silence."""
    dropped_ms: int = 0
    """How much was thrown away, for whatever reason."""
    wordless_ms: int = 0
    """How much of `transcribed_ms` lies in audio slots without a word: a recogniser that stops
    before the speech does leaves some."""


@dataclass(frozen=True)
class PlayOptions:
    """How rooms play."""

    at_once: int = 8
    """Rooms that play at the same time."""
    batch: int = 8
    """Most utterances in one call of the speech model."""


def machine_of(room: PlayedRoom, cuts: UtteranceOptions) -> Utterances:
    """Return the machine that cuts a room's sound."""
    return Utterances(room.name, cuts, lambda *_: room.hotwords, lambda _: room.language)


@dataclass
class _Playing:
    room: PlayedRoom
    machine: Utterances
    chunks: Iterator[AudioChunk]
    waiting: int = 0
    """Jobs without an answer."""
    slots: list[Transcript] = field(default_factory=list)

    @property
    def is_heard(self) -> bool:
        return self.machine.done and not self.waiting

    def step(self) -> list[Utterance]:
        """Return the jobs of the next chunk; none after the last one."""
        chunk = next(self.chunks, None)
        jobs = [] if chunk is None else list(self.machine.push(chunk))
        self.waiting += len(jobs)
        return jobs

    def heard(self) -> HeardRoom:
        slots = sorted(self.slots, key=lambda one: one.slot)
        return HeardRoom(
            name=self.room.name,
            text=" ".join(one.text for one in slots if one.words),
            verdicts=dict(Counter(name for one in slots for name in one.verdicts)),
            transcribed_ms=sum(one.accounting.transcribed_ms for one in slots),
            silent_ms=sum(one.accounting.silent_ms for one in slots),
            dropped_ms=sum(one.accounting.dropped_ms for one in slots),
            wordless_ms=sum(one.accounting.transcribed_ms for one in slots if not one.words),
        )


class RoomPlayer:
    """Plays rooms to one speech model."""

    def __init__(
        self, model: SpeechModel, cuts: UtteranceOptions, options: PlayOptions | None = None
    ) -> None:
        self._worker, self._cuts = Transcriber(model), cuts
        self._options = options or PlayOptions()

    def play(self, rooms: Iterable[PlayedRoom]) -> Iterator[HeardRoom]:
        """Yield what is heard in each room, as rooms end.

        Raises:
            InputError: the speech model refuses a sound.
        """
        left = iter(rooms)
        playing: list[_Playing] = []
        gathered: list[tuple[_Playing, Utterance]] = []
        while True:
            playing += self._next_rooms(left, self._options.at_once - len(playing))
            if not playing:
                return
            for one in playing:
                gathered += [(one, job) for job in one.step()]
            all_ended = all(one.machine.done for one in playing)
            while len(gathered) >= self._options.batch or (gathered and all_ended):
                self._hear(gathered[: self._options.batch])
                del gathered[: self._options.batch]
            yield from (one.heard() for one in playing if one.is_heard)
            playing = [one for one in playing if not one.is_heard]

    def _next_rooms(self, left: Iterator[PlayedRoom], count: int) -> list[_Playing]:
        return [
            _Playing(room, machine_of(room, self._cuts), iter(chunks_of(room.samples, room.name)))
            for room in islice(left, count)
        ]

    def _hear(self, batch: list[tuple[_Playing, Utterance]]) -> None:
        outcomes = self._worker.process([job for _, job in batch])
        for (one, _), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BadEventError):
                message = f"{one.room.name} cannot be heard: {outcome}"
                raise InputError(message) from outcome
            one.waiting -= 1
            one.slots += [event for event in outcome if isinstance(event, Transcript)]
