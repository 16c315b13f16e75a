"""Speech models that know what is said: one loses its head at the edge, one everywhere."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.workers.made_sound import chunks
from workers.asr import Heard
from workers.events import AudioChunk, Word
from workers.utterances import Utterance

EDGE_MS = 900
"""Words that end closer to the end of growing sound than this are misheard."""

BRIDGED_MS = 500
"""Shorter pauses count as voice, as a voice detector has them."""


def said(*lengths_ms: int, pause_every: int = 5, pause_ms: int = 700) -> tuple[Word, ...]:
    """Return words one after the other, with a pause after every so many."""
    words: list[Word] = []
    at_ms = 200
    for number, length_ms in enumerate(lengths_ms):
        words.append(
            Word(text=f"w{number}", start_ms=at_ms, end_ms=at_ms + length_ms, probability=0.9)
        )
        at_ms += length_ms + (pause_ms if number % pause_every == pause_every - 1 else 40)
    return tuple(words)


def sound_of(words: Sequence[Word], tail_ms: int = 300) -> list[AudioChunk]:
    """Return the room in which the words are said."""
    length_ms = max((word.end_ms for word in words), default=0) + tail_ms
    samples = np.random.default_rng(0).normal(0, 5, length_ms * 16)
    for number, word in enumerate(words):
        noise = np.random.default_rng(number).normal(0, 3_000, (word.end_ms - word.start_ms) * 16)
        samples[word.start_ms * 16 : word.end_ms * 16] += noise
    return chunks(samples.astype(np.int16))


@dataclass
class Script:
    """Hears what was said, but for the words at the edge of sound that still grows."""

    words: tuple[Word, ...]
    name: str = "script"
    calls: list[list[Utterance]] = field(default_factory=list)

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.calls.append(list(utterances))
        return [self._heard(one) for one in utterances]

    def _heard(self, one: Utterance) -> Heard:
        inside = [
            word
            for word in self.words
            if one.start_ms <= (word.start_ms + word.end_ms) // 2 < one.end_ms
        ]
        clipped = [
            word.model_copy(
                update={
                    "start_ms": max(word.start_ms, one.start_ms),
                    "end_ms": min(word.end_ms, one.end_ms),
                }
            )
            for word in inside
        ]
        spans: list[tuple[int, int]] = []
        for word in clipped:
            joins = spans and word.start_ms - spans[-1][1] < BRIDGED_MS
            spans.append((spans.pop()[0] if joins else word.start_ms, word.end_ms))
        return Heard(tuple(self._misheard(one, clipped)), tuple(spans), one.language)

    def _misheard(self, one: Utterance, words: Sequence[Word]) -> list[Word]:
        if not one.is_growing:
            return list(words)
        return [
            word.model_copy(update={"text": f"{word.text}?{one.end_ms}"})
            if word.end_ms > one.end_ms - EDGE_MS
            else word
            for word in words
        ]


@dataclass
class Unsteady(Script):
    """Drops, changes and invents words anywhere, and otherwise each time it listens."""

    seed: int = 0

    def _misheard(self, one: Utterance, words: Sequence[Word]) -> list[Word]:
        told = f"{self.seed}/{one.start_ms}/{one.end_ms}/{one.is_growing}"
        dice = random.Random(told)  # noqa: S311
        heard: list[Word] = []
        for word in words:
            throw = dice.random()
            if throw < 0.1:
                continue
            shift_ms = dice.randrange(-150, 150)
            start_ms = min(max(one.start_ms, word.start_ms + shift_ms), one.end_ms)
            start_ms = max([start_ms, *(before.start_ms for before in heard[-1:])])
            end_ms = min(max(start_ms, word.end_ms + shift_ms), one.end_ms)
            text = f"x{dice.randrange(9)}" if throw < 0.2 else word.text
            new = Word(text=text, start_ms=start_ms, end_ms=end_ms, probability=0.5)
            heard += [new, new] if throw > 0.95 else [new]
        return heard
