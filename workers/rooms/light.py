"""The light of a room: how light and warm its picture is at any moment, good or bad.

In come a draw and stretches of bad light, out come tables of values for Pillow's `point`.
"""

import bisect
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BadLight:
    """A stretch in which the light is bad."""

    start_s: float
    end_s: float
    gain: float
    """How many times lighter the picture is; far below 1: too dark, far above: burnt out."""
    warm: float = 0.0
    """From -0.5, blue, to 0.5, orange."""
    noise: float = 0.0
    """Standard deviation of the camera's added noise, of 255."""


def draw_bad_light(draw: random.Random, start_s: float, end_s: float) -> BadLight:
    """Return bad light of one kind or another: too dark, burnt out, or of a wrong colour."""
    kind = draw.random()
    if kind < 0.5:
        return BadLight(start_s, end_s, draw.uniform(0.22, 0.42), draw.uniform(-0.1, 0.2), 9.0)
    if kind < 0.75:
        return BadLight(start_s, end_s, draw.uniform(1.9, 2.7), draw.uniform(-0.1, 0.1))
    warm = draw.choice((-1, 1)) * draw.uniform(0.3, 0.5)
    return BadLight(start_s, end_s, draw.uniform(0.6, 0.9), warm, 3.0)


class Light:
    """How light and how warm the picture is; it changes a few times in a room.

    Args:
        draw: seeded.
        end_s: of the room.
        bad: stretches of bad light; over them its gain and warmth come on top.
    """

    def __init__(self, draw: random.Random, end_s: float, bad: Sequence[BadLight] = ()) -> None:
        self._changes = [(0.0, draw.uniform(0.92, 1.06), draw.uniform(-0.04, 0.04))]
        at_s = draw.uniform(15, 70)
        while at_s < end_s:
            self._changes.append((at_s, draw.uniform(0.78, 1.14), draw.uniform(-0.09, 0.09)))
            at_s += draw.uniform(15, 70)
        self._turn = draw.uniform(0, 6)
        self._bad = tuple(bad)

    def bad(self, at_s: float) -> BadLight | None:
        """Return the bad light of a moment, or none."""
        return next((one for one in self._bad if one.start_s <= at_s < one.end_s), None)

    def table(self, at_s: float) -> list[int]:
        """Return the table that gives each channel's values their light."""
        at = bisect.bisect_right([start for start, *_ in self._changes], at_s) - 1
        start, gain, warm = self._changes[max(0, at)]
        if at > 0:
            # A lamp goes on within half a second; the camera follows.
            part = min(1.0, (at_s - start) / 0.5)
            _, gain_before, warm_before = self._changes[at - 1]
            gain = gain_before + (gain - gain_before) * part
            warm = warm_before + (warm - warm_before) * part
        gain *= 1 + 0.02 * math.sin(0.31 * at_s + self._turn) + 0.012 * math.sin(2.3 * at_s)
        bad = self.bad(at_s)
        if bad is not None:
            gain, warm = gain * bad.gain, warm + bad.warm
        steps = np.arange(256)
        channels = [gain * (1 + warm), gain, gain * (1 - warm)]
        values = np.concatenate([np.clip(steps * channel, 0, 255) for channel in channels])
        table: list[int] = values.round().astype(int).tolist()
        return table
