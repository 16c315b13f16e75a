"""Mixes a room's sound: speech of changing loudness in a room, with its beds.

In come spoken pieces and the beds of a timeline, out come samples at `RATE_HZ`. The sound is a
function of the pieces and the seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.rooms.beds import bed, echo, room_tone
from workers.rooms.timeline import RATE_HZ, Heard, Piece
from workers.rooms.voices import Samples

_SPEECH = 0.09
"""Root mean square of speech, of full scale."""
_MUSIC = {"pad", "plucks", "beat"}


@dataclass(frozen=True)
class SoundOptions:
    """How a room sounds."""

    seed: int = 0
    noise_db: tuple[float, float] = (10.0, 20.0)
    """By how much speech is louder than noise, from and to, in decibels."""
    music_db: tuple[float, float] = (15.0, 25.0)
    """By how much speech is louder than music, from and to, in decibels."""
    swing_db: float = 3.0
    """How much a sentence is louder or quieter than usual at most, in decibels."""


def mix(
    pieces: Sequence[Piece], beds: Sequence[Heard], duration_ms: int, options: SoundOptions
) -> Samples:
    """Return the room's sound: never beyond full scale, and not cut off at it."""
    draw = np.random.default_rng(options.seed)
    size = RATE_HZ * duration_ms // 1000
    speech = np.zeros(size, dtype=np.float32)
    for start_ms, piece in pieces:
        start = RATE_HZ * start_ms // 1000
        part = piece[: size - start]
        power = float(np.sqrt(np.mean(part**2))) if part.size else 0.0
        gain_db = draw.uniform(-options.swing_db, options.swing_db)
        speech[start : start + part.size] += part * (
            _SPEECH / max(0.005, power) * 10 ** (gain_db / 20)
        )
    sound = echo(speech, RATE_HZ, draw) + room_tone(size, RATE_HZ, draw)
    for one in beds:
        low, high = options.music_db if one.bed in _MUSIC else options.noise_db
        start, end = (RATE_HZ * ms // 1000 for ms in (one.start_ms, one.end_ms))
        level = _SPEECH / 10 ** (draw.uniform(low, high) / 20)
        sound[start:end] += level * bed(one.bed, sound[start:end].size, RATE_HZ, draw)
    # Peaks bend instead of being cut: a cut is heard as a click.
    bent: Samples = np.tanh(sound, dtype=np.float32)
    return bent
