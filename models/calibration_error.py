"""How far probabilities are from how often they come true, on arrays.

The expected calibration error (Guo et al., 2017, eq. 3) over bins of equal width, and over bins of
equal size (adaptive; Nixon et al., 2019), which no crowd of scores in one bin can hide from.
"""

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Array = npt.NDArray[np.float64]
BINS = 15


def expected_error(probabilities: npt.ArrayLike, right: npt.ArrayLike, bins: int = BINS) -> float:
    """Return the mean distance of probability and share that is right, over equally wide bins.

    Args:
        probabilities: (N,) from 0 to 1.
        right: (N,) whether it came true.
        bins: between 0 and 1.

    Raises:
        InputError: no probability, or one out of range.
    """
    said, truth = _checked(probabilities, right)
    # A probability of 1 belongs to the last bin.
    return _distance(said, truth, np.minimum((said * bins).astype(np.int64), bins - 1))


def adaptive_error(probabilities: npt.ArrayLike, right: npt.ArrayLike, bins: int = BINS) -> float:
    """Return the same over bins of equal size; equal probabilities are never parted.

    Args:
        probabilities: (N,) from 0 to 1.
        right: (N,) whether it came true.
        bins: at most so many.

    Raises:
        InputError: no probability, or one out of range.
    """
    said, truth = _checked(probabilities, right)
    _, inverse, counts = np.unique(said, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    return _distance(said, truth, (before * bins // len(said))[inverse])


def brier(probabilities: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Return the mean squared distance of probability and truth (Brier, 1950): less is better.

    Raises:
        InputError: no probability, or one out of range.
    """
    said, truth = _checked(probabilities, right)
    return float(((said - truth) ** 2).mean())


def _checked(probabilities: npt.ArrayLike, right: npt.ArrayLike) -> tuple[Array, Array]:
    said, truth = np.asarray(probabilities, np.float64), np.asarray(right, np.float64)
    if said.ndim != 1 or said.shape != truth.shape or not said.size:
        message = f"got {said.shape} probabilities and {truth.shape} truths; want (N,), N > 0"
        raise InputError(message)
    if not bool(((said >= 0.0) & (said <= 1.0)).all()):
        message = "probabilities should be from 0 to 1"
        raise InputError(message)
    return said, truth


def _distance(said: Array, truth: Array, bins: npt.NDArray[np.int64]) -> float:
    off = np.bincount(bins, weights=said - truth)
    return float(np.abs(off).sum() / len(said))
