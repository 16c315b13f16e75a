"""Sounds that lie under speech: music by pattern, noise of kitchens and machines, a room's echo.

Everything is made from a seeded generator; no recording is used. Each bed comes with a power of
about 1, so that whoever mixes sets its level.
"""

import numpy as np

from workers.rooms.script import Bed
from workers.rooms.voices import Samples

_SCALE = (0, 2, 4, 7, 9, 12, 14, 16)
"""Major pentatonic, in semitones."""
_FADE_S = 0.8


def bed(kind: Bed, size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Return `size` samples of a bed, faded at both ends, with a mean power of 1."""
    makers = {
        "pad": _pad, "plucks": _plucks, "beat": _beat,
        "kitchen": _kitchen, "hiss": _hiss, "hum": _hum,
    }  # fmt: skip
    if not kind or size == 0:
        return np.zeros(size, dtype=np.float32)
    made = makers[kind](size, rate_hz, draw)
    power = float(np.sqrt(np.mean(made**2))) or 1.0
    steps = np.arange(size, dtype=np.float32) / rate_hz
    fade = np.clip(np.minimum(steps, steps[::-1]) / _FADE_S, 0, 1)
    return (made / power * fade).astype(np.float32)


def echo(sound: Samples, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Return the sound as a small furnished room gives it back, within half a second."""
    length = int(rate_hz * draw.uniform(0.15, 0.4))
    decay = np.exp(-6.0 * np.arange(length) / length)
    answer = draw.standard_normal(length) * decay
    answer[: int(0.008 * rate_hz)] = 0
    answer *= 10 ** (draw.uniform(-17, -12) / 20) / np.sqrt((answer**2).sum())
    answer[0] = 1.0
    return _convolved(sound, answer.astype(np.float32))


def _convolved(sound: Samples, kernel: Samples) -> Samples:
    """Return a convolution, block by block, as long as the sound."""
    block = 1 << 18
    size = block + kernel.size
    spectrum = np.fft.rfft(kernel, size)
    out = np.zeros(sound.size + size, dtype=np.float32)
    for at in range(0, sound.size, block):
        piece = np.fft.irfft(np.fft.rfft(sound[at : at + block], size) * spectrum, size)
        out[at : at + size] += piece.astype(np.float32)
    return out[: sound.size]


def room_tone(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Return the low rumble and faint hiss of a quiet room, about 55 dB below full scale."""
    white = draw.standard_normal(size).astype(np.float32)
    rumble = _leaky(white, 40 * rate_hz / 16_000)
    return (rumble * 0.0015 + white * 0.0004).astype(np.float32)


def _leaky(white: Samples, samples: float) -> Samples:
    """Return noise whose high tones are damped, with a power of 1."""
    kernel = np.exp(-np.arange(int(samples * 5), dtype=np.float32) / samples)
    return _convolved(white, (kernel / np.sqrt((kernel**2).sum())).astype(np.float32))


def _note(hertz: float, length_s: float, decay_s: float, rate_hz: int) -> Samples:
    time_s = np.arange(int(length_s * rate_hz)) / rate_hz
    turn = 2 * np.pi * hertz * time_s
    tone = np.sin(turn) + 0.4 * np.sin(2 * turn) + 0.15 * np.sin(3 * turn)
    attack = np.minimum(1.0, time_s / 0.005)
    return (tone * np.exp(-time_s / decay_s) * attack).astype(np.float32)


def _lay(out: Samples, at_s: float, piece: Samples, rate_hz: int) -> None:
    start = int(at_s * rate_hz)
    if start < out.size:
        out[start : start + piece.size] += piece[: out.size - start]


def _pad(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Soft chords, four seconds each."""
    chords = ((0, 3, 7), (-4, 0, 3), (-2, 2, 5), (-5, -2, 2))
    root = 220.0 * 2 ** (draw.integers(-3, 4) / 12)
    out = np.zeros(size, dtype=np.float32)
    time_s = np.arange(4 * rate_hz) / rate_hz
    swell = np.sin(np.pi * time_s / 4) ** 0.5
    for step in range(int(size / rate_hz / 4) + 1):
        tones = (root * 2 ** (up / 12) for up in chords[step % 4])
        chord = sum(np.sin(2 * np.pi * hertz * time_s) for hertz in tones) * swell
        _lay(out, 4.0 * step, np.asarray(chord, dtype=np.float32), rate_hz)
    return out


def _plucks(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """A plucked melody over the pentatonic scale."""
    out = np.zeros(size, dtype=np.float32)
    root = 262.0 * 2 ** (draw.integers(-5, 3) / 12)
    beat_s = 60 / draw.uniform(84, 112) / 2
    at_s, place = 0.0, 3
    while at_s * rate_hz < size:
        place = int(np.clip(place + draw.integers(-2, 3), 0, len(_SCALE) - 1))
        _lay(out, at_s, _note(root * 2 ** (_SCALE[place] / 12), 1.2, 0.3, rate_hz), rate_hz)
        at_s += beat_s * float(draw.choice((1, 1, 2)))
    return out


def _beat(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Bass, drum and a shaker, four to the bar."""
    out = np.zeros(size, dtype=np.float32)
    beat_s = 60 / draw.uniform(92, 118)
    time_s = np.arange(int(0.16 * rate_hz)) / rate_hz
    drum = (
        1.6 * np.sin(2 * np.pi * (50 * time_s - 6 * np.exp(-time_s * 30))) * np.exp(-time_s / 0.06)
    )
    shaker = draw.standard_normal(int(0.05 * rate_hz)) * np.exp(
        -np.arange(int(0.05 * rate_hz)) / 300
    )
    basses = (55.0, 55.0, 65.4, 49.0)
    for step in range(int(size / rate_hz / beat_s * 2) + 1):
        at_s = step * beat_s / 2
        if step % 4 in {0, 3}:
            _lay(out, at_s, drum.astype(np.float32), rate_hz)
        _lay(out, at_s, (0.3 * shaker).astype(np.float32), rate_hz)
        if step % 2 == 0:
            tone = 2 * basses[step // 8 % 4]
            _lay(out, at_s, 0.6 * _note(tone, beat_s, 0.2, rate_hz), rate_hz)
    return out


def _kitchen(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """Clatter of dishes and cutlery over the hiss of a pan and a fridge."""
    out = 0.25 * _hiss(size, rate_hz, draw) + 0.1 * _hum(size, rate_hz, draw)
    for _ in range(draw.poisson(1.6 * size / rate_hz)):
        knock = np.zeros(int(0.3 * rate_hz), dtype=np.float32)
        time_s = np.arange(knock.size) / rate_hz
        for _ in range(draw.integers(3, 7)):
            hertz, decay_s = draw.uniform(900, 6500), draw.uniform(0.012, 0.09)
            ring = np.sin(2 * np.pi * hertz * time_s + draw.uniform(0, 6)) * np.exp(
                -time_s / decay_s
            )
            knock += (draw.uniform(0.2, 1) * ring).astype(np.float32)
        loud = 10 ** (draw.uniform(-14, 2) / 20)
        _lay(out, draw.uniform(0, size / rate_hz), (loud * knock).astype(np.float32), rate_hz)
    return out.astype(np.float32)


def _hiss(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """A frying pan or a tap: bright noise that swells and ebbs, with fine crackle."""
    white = draw.standard_normal(size).astype(np.float32)
    bright = white - 0.8 * np.concatenate(([0], white[:-1]))
    knots = np.arange(0, size + rate_hz, rate_hz)
    swell = np.interp(np.arange(size), knots, draw.uniform(0.5, 1.0, knots.size))
    crackle = (draw.random(size) < 25 / rate_hz) * draw.standard_normal(size) * 6
    return (bright * swell + crackle).astype(np.float32)


def _hum(size: int, rate_hz: int, draw: np.random.Generator) -> Samples:
    """A fan with the hum of the mains."""
    time_s = np.arange(size) / rate_hz
    mains = sum(
        np.sin(2 * np.pi * 50 * times * time_s + draw.uniform(0, 6)) / times
        for times in (1, 2, 3, 5)
    )
    fan = _leaky(draw.standard_normal(size).astype(np.float32), 12 * rate_hz / 16_000)
    return np.asarray(0.5 * mains + fan, dtype=np.float32)
