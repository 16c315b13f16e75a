"""Sounds in which nobody speaks: music, kitchen noise, silence, hum, applause.

In: a kind and a number. Out: 6 to 14 s of 16 kHz sound, the same every time, from loud to hardly
there. All are made; kitchen noise is cut from a recording where there is one.
"""

from typing import Literal, get_args

import numpy as np

from workers.audio_grid import RATE_HZ
from workers.audio_grid import Samples as HeardSamples
from workers.rooms.beds import bed, room_tone
from workers.rooms.script import Bed
from workers.rooms.voices import Samples

Kind = Literal["music", "kitchen", "silence", "hum", "applause"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_MUSIC: tuple[Bed, ...] = ("pad", "plucks", "beat")
_SHORTEST_S, _LONGEST_S = 6.0, 14.0
_QUIETEST_DB, _LOUDEST_DB = -45.0, -12.0
"""Root mean square below full scale."""


def nonspeech(kind: Kind, number: int, recording: HeardSamples | None = None) -> HeardSamples:
    """Return a sound of 16 kHz.

    Args:
        kind: of noise.
        number: another one sounds different.
        recording: of a kitchen, 16 kHz; none: the clatter is made.
    """
    draw = np.random.default_rng([KINDS.index(kind), number])
    size = int(RATE_HZ * draw.uniform(_SHORTEST_S, _LONGEST_S))
    if kind == "silence":
        return _as_heard(_silence(size, draw))
    if kind == "music":
        made = bed(_MUSIC[number % len(_MUSIC)], size, RATE_HZ, draw)
    elif kind == "kitchen" and recording is not None:
        start = draw.integers(len(recording))
        made = np.take(recording, np.arange(start, start + size), mode="wrap").astype(np.float32)
    elif kind == "kitchen":
        made = bed("kitchen", size, RATE_HZ, draw)
    elif kind == "hum":
        made = _mains(size, draw) + 0.5 * bed("hum", size, RATE_HZ, draw)
    else:
        made = _applause(size, draw)
    power = float(np.sqrt(np.mean(made**2))) or 1.0
    level = 10 ** (draw.uniform(_QUIETEST_DB, _LOUDEST_DB) / 20) / power
    # Claps stand far out of their mean: a microphone would be set lower.
    level = min(level, 1 / float(np.max(np.abs(made), initial=1e-6)))
    return _as_heard((made * level).astype(np.float32))


def _silence(size: int, draw: np.random.Generator) -> Samples:
    """Nothing at all, the last bit of a converter, or a quiet room."""
    kind = draw.integers(3)
    if kind == 0:
        return np.zeros(size, dtype=np.float32)
    if kind == 1:
        return (draw.integers(-1, 2, size) / 32_768).astype(np.float32)
    return room_tone(size, RATE_HZ, draw)


def _mains(size: int, draw: np.random.Generator) -> Samples:
    """Mains hum of 50 or 60 Hz with its overtones."""
    turn = 2 * np.pi * draw.choice((50.0, 60.0)) * np.arange(size) / RATE_HZ
    tones = sum(
        draw.uniform(0.1, 1.0) / step * np.sin(step * turn + draw.uniform(0, 6))
        for step in range(1, 8)
    )
    return np.asarray(tones, dtype=np.float32)


def _applause(size: int, draw: np.random.Generator) -> Samples:
    """Many hands: short bursts of noise, each pair of hands with a pitch and a pace of its own."""
    out = np.zeros(size, dtype=np.float32)
    length = int(0.012 * RATE_HZ)
    fall = np.exp(-np.arange(length) / (0.0025 * RATE_HZ))
    for _ in range(int(draw.integers(6, 80))):
        tone = np.cos(2 * np.pi * draw.uniform(700, 2_600) * np.arange(length) / RATE_HZ)
        clap = (draw.standard_normal(length) * fall * (0.4 + tone**2)).astype(np.float32)
        loudness, at = draw.uniform(0.2, 1.0), draw.uniform(0, 0.5) * RATE_HZ
        while at + length < size:
            out[int(at) : int(at) + length] += loudness * clap
            at += RATE_HZ / draw.uniform(2.5, 5.0)
    return out


def _as_heard(sound: Samples) -> HeardSamples:
    samples: HeardSamples = np.round(np.clip(sound, -1, 1) * 32_767).astype(np.int16)
    return samples
