"""Lays spoken sentences out in time and mixes the room's sound; gives the room's truth.

In come segments and a voice, out come samples at the voice's rate and a `Timeline` that says which
product was sold from when to when, and which sentence was said when.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import JsonValue

from models.errors import InputError
from workers.rooms.products import Item
from workers.rooms.script import Segment
from workers.rooms.voices import Samples, Voice, read_wav, trimmed

_BEFORE_MS = 350
"""How long before its first word a product is in the picture, and after its last."""
_GAP_MS = 1000
"""A shorter stretch between two products is a change, not a stretch without product."""


@dataclass(frozen=True)
class Sentence:
    """One sentence as it was said."""

    text: str
    start_ms: int
    end_ms: int
    product_id: str | None


@dataclass(frozen=True)
class Shown:
    """One product while it is for sale."""

    product_id: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Timeline:
    """What happens when in a room."""

    duration_ms: int
    sentences: tuple[Sentence, ...]
    shown: tuple[Shown, ...]

    def at(self, ms: float) -> Shown | None:
        """Return what is for sale at a time."""
        return next((one for one in self.shown if one.start_ms <= ms < one.end_ms), None)

    def without_product(self) -> list[tuple[int, int]]:
        """Return the stretches without a product, in order."""
        edges = [0, *(edge for one in self.shown for edge in (one.start_ms, one.end_ms))]
        pairs = zip(edges[::2], [*edges[1::2], self.duration_ms], strict=True)
        return [(start, end) for start, end in pairs if end - start >= _GAP_MS]

    def truth(self, items: Sequence[Item], **about: JsonValue) -> dict[str, JsonValue]:
        """Return the room's truth as it is written to `truth.json`."""
        titles = {item.product_id: item.title for item in items}
        return {
            **about,
            "duration_ms": self.duration_ms,
            "products": [
                {
                    "product_id": one.product_id,
                    "title": titles[one.product_id],
                    "start_ms": one.start_ms,
                    "end_ms": one.end_ms,
                }
                for one in self.shown
            ],
            "no_product": [
                {"start_ms": start, "end_ms": end} for start, end in self.without_product()
            ],
            "sentences": [
                {
                    "text": one.text,
                    "start_ms": one.start_ms,
                    "end_ms": one.end_ms,
                    "product_id": one.product_id,
                }
                for one in self.sentences
            ],
        }


def speak(
    script: Sequence[Segment], voice: Voice, folder: Path, seed: int
) -> tuple[Samples, int, Timeline]:
    """Say a script and return the mixed sound, its rate in hertz and the timeline.

    Raises:
        InputError: the voice changed its rate, or there is nothing to say.
    """
    draw = random.Random(f"pauses/{seed}")  # noqa: S311 (not for secrets)
    folder.mkdir(parents=True, exist_ok=True)
    wav = folder / "sentence.wav"
    pieces: list[tuple[int, Samples]] = []
    sentences: list[Sentence] = []
    shown: list[Shown] = []
    music: list[tuple[int, int]] = []
    rate_hz, at_ms = 0, 600
    for segment in script:
        began_ms = at_ms
        for text in segment.lines:
            voice.say(text, wav)
            sound, rate = read_wav(wav)
            if rate_hz not in {0, rate}:
                message = f"the voice spoke at {rate} Hz after {rate_hz} Hz; one rate is needed"
                raise InputError(message)
            rate_hz = rate
            sound = trimmed(sound, rate)
            end_ms = at_ms + round(1000 * sound.size / rate)
            pieces.append((at_ms, sound))
            sentences.append(Sentence(text, at_ms, end_ms, segment.product_id))
            at_ms = end_ms + draw.randint(260, 560)
        said_ms = sentences[-1].end_ms
        if segment.product_id is not None:
            start_ms = max(began_ms - _BEFORE_MS, shown[-1].end_ms if shown else 0)
            shown.append(Shown(segment.product_id, start_ms, said_ms + _BEFORE_MS))
        if segment.music:
            music.append((began_ms, said_ms))
        at_ms = said_ms + round(1000 * segment.quiet_s)
    if not sentences:
        message = "the script has no sentence"
        raise InputError(message)
    timeline = Timeline(at_ms, tuple(sentences), tuple(shown))
    return mix(pieces, music, rate_hz, at_ms, seed), rate_hz, timeline


def mix(
    pieces: Sequence[tuple[int, Samples]],
    music: Sequence[tuple[int, int]],
    rate_hz: int,
    duration_ms: int,
    seed: int,
) -> Samples:
    """Return speech over room tone, with quiet music under the given stretches."""
    size = rate_hz * duration_ms // 1000
    noise = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    # A leaky sum turns white noise to the low rumble of a room.
    kernel = np.exp(-np.arange(200, dtype=np.float32) / 40)
    rumble = np.convolve(noise, kernel / np.sqrt((kernel**2).sum()), mode="same")
    sound = rumble * 0.0015 + noise * 0.0004
    for start_ms, piece in pieces:
        start = rate_hz * start_ms // 1000
        part = piece[: size - start]
        sound[start : start + part.size] += part * (0.7 / max(0.05, float(np.abs(part).max())))
    for start_ms, end_ms in music:
        start, end = rate_hz * start_ms // 1000, min(size, rate_hz * end_ms // 1000)
        sound[start:end] += pad(end - start, rate_hz)
    return np.clip(sound, -1, 1).astype(np.float32)


def pad(size: int, rate_hz: int) -> Samples:
    """Return soft chords, four seconds each, faded at both ends; about 34 dB below full scale."""
    time_s = np.arange(size, dtype=np.float32) / rate_hz
    chords = (
        (220.0, 261.6, 329.6),
        (174.6, 220.0, 261.6),
        (196.0, 246.9, 293.7),
        (164.8, 196.0, 246.9),
    )
    out = np.zeros(size, dtype=np.float32)
    for index in range(int(size / rate_hz / 4) + 1):
        inside = (time_s >= 4 * index) & (time_s < 4 * index + 4)
        local = time_s[inside] - 4 * index
        swell = np.sin(np.pi * local / 4) ** 0.5
        for tone_hz in chords[index % 4]:
            out[inside] += np.sin(2 * np.pi * tone_hz * local) * swell
    fade = np.clip(np.minimum(time_s, time_s[::-1]) / 1.5, 0, 1)
    return (out * fade * 0.007).astype(np.float32)
