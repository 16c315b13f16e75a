"""Where to cut running speech: the quietest 0.4 s, if they are quiet enough.

Pure numpy. Energy against the speech around it rather than a model: the cut must be the same in
every replay, and a wrong cut costs one word where a wrong silence would cost a sentence.
"""

import numpy as np
from numpy.typing import NDArray

from workers.audio_grid import PER_MS, Samples

_STEP_MS = 20
WINDOW_MS = 400
"""Shorter pauses lie within phrases and words: cutting there costs words (measured)."""
_RELATIVE = 0.05
"""Against the loud tenth of the stretch, 26 dB below it: a pause between phrases."""
_FLOOR = 60.0
"""Root mean square of 16-bit samples below which sound is silence anywhere."""


def quiet_spot(samples: Samples, from_ms: int, to_ms: int) -> int | None:
    """Return the middle of the quietest window in a range, none where nothing there is a pause.

    Args:
        samples: The stretch; its loudness decides what a pause is.
        from_ms: Start of the range in the stretch.
        to_ms: End of the range.
    """
    energies = _window_energies(samples, from_ms, to_ms)
    if not len(energies):
        return None
    steps = np.sqrt(_step_energies(samples))
    limit = max(_FLOOR, _RELATIVE * float(np.percentile(steps, 90)))
    lowest = int(np.argmin(energies))
    return _middle_ms(from_ms, lowest) if energies[lowest] <= limit**2 else None


def quietest_spot(samples: Samples, from_ms: int, to_ms: int) -> int:
    """Return the middle of the quietest window in a range, however loud it is."""
    energies = _window_energies(samples, from_ms, to_ms)
    return _middle_ms(from_ms, int(np.argmin(energies))) if len(energies) else to_ms


def _middle_ms(from_ms: int, window: int) -> int:
    return (-(-from_ms // _STEP_MS) + window) * _STEP_MS + WINDOW_MS // 2


def _step_energies(samples: Samples) -> NDArray[np.float64]:
    size = _STEP_MS * PER_MS
    steps = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    energies: NDArray[np.float64] = np.mean(steps * steps, axis=1)
    return energies


def _window_energies(samples: Samples, from_ms: int, to_ms: int) -> NDArray[np.float64]:
    """Mean energies of all windows that lie within a range, one per step."""
    steps = _step_energies(samples)[-(-from_ms // _STEP_MS) : to_ms // _STEP_MS]
    width = WINDOW_MS // _STEP_MS
    if len(steps) < width:
        return np.zeros(0)
    sums = np.concatenate(([0.0], np.cumsum(steps)))
    energies: NDArray[np.float64] = (sums[width:] - sums[:-width]) / width
    return energies


def cut_spot(samples: Samples, min_ms: int, max_ms: int, heard_ms: int) -> int | None:
    """Return where to cut speech, in ms from its start; none: not yet.

    Args:
        samples: What is known of it.
        min_ms: It is cut at a pause once it is this long ...
        max_ms: ... and at its quietest spot when it is this long.
        heard_ms: Up to here it was heard already: no cut lies before.
    """
    known_ms = len(samples) // PER_MS
    if known_ms < min_ms:
        return None
    until_ms = min(known_ms, max_ms)
    # A pause up to there was looked for when it was heard; one that goes on behind is in reach.
    from_ms = heard_ms - WINDOW_MS // 2
    spot_ms = quiet_spot(samples, max(min_ms, from_ms), until_ms)
    if spot_ms is None and known_ms >= max_ms:
        spot_ms = quietest_spot(samples, max(max_ms // 2, from_ms), until_ms)
    return spot_ms
