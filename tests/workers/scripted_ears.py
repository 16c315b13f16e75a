"""Ears that hear what they are told: a word a second, in rooms whose sound is a word a second."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from workers.asr import Heard, SpeechModel
from workers.audio_grid import RATE_HZ, Samples
from workers.events import Word
from workers.listening.alone import ListensAlone
from workers.listening.bench import Guards
from workers.utterances import Utterance

WORD_MS = 600
SaysAt = Callable[[Utterance, int], str]
"""An utterance and a second of media → the word of that second."""


def talk(seconds: int, seed: int = 0) -> Samples:
    """Noise for six tenths of every second, and a pause."""
    draw = np.random.default_rng(seed)
    sound = draw.integers(-9_000, 9_000, (seconds, RATE_HZ)).astype(np.int16)
    sound[:, RATE_HZ * WORD_MS // 1_000 :] = 0
    return sound.reshape(-1)


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def second_of(_: Utterance, second: int) -> str:
    return f"word{second}"


@dataclass
class SpeaksEverySecond:
    """Hears one word in every second, whatever utterance it is in."""

    says: SaysAt = second_of
    clock: Clock = field(default_factory=Clock)
    takes_s: float = 0.0
    """Of a call, however many utterances it has."""
    batches: list[list[str]] = field(default_factory=list)
    """Rooms of the utterances of each call."""
    name: str = "double"

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.batches.append([one.stream_id for one in utterances])
        self.clock.now_s += self.takes_s
        return [self._heard(one) for one in utterances]

    def _heard(self, one: Utterance) -> Heard:
        words: list[Word] = []
        speech: list[tuple[int, int]] = []
        for second in range(one.start_ms // 1_000, one.end_ms // 1_000 + 1):
            start_ms, end_ms = 1_000 * second, 1_000 * second + WORD_MS
            is_inside = one.start_ms <= (start_ms + end_ms) // 2 < one.end_ms
            if is_inside and (text := self.says(one, second)):
                span = max(start_ms, one.start_ms), min(end_ms, one.end_ms)
                words.append(Word(text=text, start_ms=span[0], end_ms=span[1], probability=0.9))
                speech.append(span)
        return Heard(words=tuple(words), speech=tuple(speech), language="en")


@dataclass
class Parrot:
    """A peer that says one thing; with hotwords, these too."""

    says: str = ""
    asked: int = 0

    def text(self, samples: Samples, hotwords: str = "") -> str:
        assert samples.dtype == np.int16
        self.asked += 1
        return " ".join(filter(None, (self.says, hotwords)))


@dataclass
class ToldEars:
    """Ears for a whole bench."""

    with_guards: SpeaksEverySecond = field(default_factory=SpeaksEverySecond)
    without: SpeaksEverySecond = field(default_factory=SpeaksEverySecond)
    peer: Parrot = field(default_factory=Parrot)

    @property
    def told(self) -> dict[str, str | int]:
        return {"model": "double"}

    def ours(self, batch: int = 8, guards: Guards = "all") -> SpeechModel:
        assert batch >= 1
        return self.with_guards if guards == "all" else self.without

    def alone(self) -> ListensAlone:
        return self.peer
