"""Spoils stretches of a room's sound: noise, a dull or overdriven microphone, holes, a far host.

In come the mixed samples and the stretches, out come samples of the same length; everything is
drawn from the seed.
"""

from collections.abc import Callable, Iterable

import numpy as np

from workers.rooms.beds import bed, echo
from workers.rooms.script import Bed
from workers.rooms.voices import Samples

_NOISES: tuple[Bed, ...] = ("kitchen", "hiss", "hum")
_FADE_S = 0.05
_LOUD = 0.09
"""Root mean square of speech in the mix, of full scale."""


def spoil(sound: Samples, rate_hz: int, stretches: Iterable[tuple[int, int]], seed: int) -> Samples:
    """Return the sound with each stretch spoilt in one way.

    Args:
        sound: mono samples.
        rate_hz: their rate.
        stretches: start and end of each, in milliseconds.
        seed: draws the way and its strength.
    """
    spoilt = sound.copy()
    for number, (start_ms, end_ms) in enumerate(stretches):
        draw = np.random.default_rng((seed, number))
        start, end = (ms * rate_hz // 1000 for ms in (start_ms, end_ms))
        part = spoilt[start:end]
        if not part.size:
            continue
        way = _WAYS[draw.integers(len(_WAYS))]
        steps = np.arange(part.size, dtype=np.float32) / rate_hz
        fade = np.clip(np.minimum(steps, steps[::-1]) / _FADE_S, 0, 1)
        made = part + fade * (way(part, rate_hz, draw) - part)
        spoilt[start:end] = np.clip(made, -1, 1)
    return spoilt


def _noisy(part: Samples, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Noise that is nearly as loud as the host, or as loud."""
    kind = _NOISES[draw.integers(len(_NOISES))]
    level = _LOUD / 10 ** (draw.uniform(0, 5) / 20)
    made: Samples = part + np.float32(level) * bed(kind, part.size, rate_hz, draw)
    return made


def _dull(part: Samples, rate_hz: int, draw: np.random.Generator) -> Samples:
    """A microphone under a sleeve: nothing above a kilohertz or so."""
    hertz = np.fft.rfftfreq(part.size, 1 / rate_hz)
    cut_hz = draw.uniform(900, 1500)
    kept = np.fft.rfft(part) / np.sqrt(1 + (hertz / cut_hz) ** 8)
    made: Samples = np.fft.irfft(kept, part.size).astype(np.float32)
    return made


def _overdriven(part: Samples, _: int, draw: np.random.Generator) -> Samples:
    """Far too loud, so that its peaks are cut off."""
    gain = 10 ** (draw.uniform(18, 28) / 20)
    made: Samples = np.clip(part * gain, -0.6, 0.6).astype(np.float32)
    return made


def _holes(part: Samples, rate_hz: int, draw: np.random.Generator) -> Samples:
    """A bad line: every second or so some of it is missing."""
    made = part.copy()
    at_s = draw.uniform(0.2, 1.0)
    while at_s * rate_hz < part.size:
        length_s = draw.uniform(0.08, 0.3)
        made[int(at_s * rate_hz) : int((at_s + length_s) * rate_hz)] = 0
        at_s += length_s + draw.exponential(0.9)
    return made


def _far(part: Samples, rate_hz: int, draw: np.random.Generator) -> Samples:
    """The host has walked away: quiet, and more of the room than of the voice."""
    made = 0.5 * part
    for _ in range(3):
        made = echo(made.astype(np.float32), rate_hz, draw)
    hiss = 0.012 * draw.standard_normal(part.size)
    return (0.35 * made + hiss).astype(np.float32)


_Way = Callable[[Samples, int, np.random.Generator], Samples]
_WAYS: tuple[_Way, ...] = (_noisy, _noisy, _dull, _overdriven, _holes, _far)
