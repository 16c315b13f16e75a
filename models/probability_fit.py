"""Fits a curve from scores to probabilities.

In: scores of clips whose truth is known. Two ways: Platt's sigmoid (Platt 1999, with the targets of
Lin, Lin and Weng, 2007, eq. 5) wants few clips; isotonic regression by pooling adjacent violators
(Ayer et al., 1955) takes any rising shape, and wants many.
"""

import math

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.probability import Curve, Method

Array = npt.NDArray[np.float64]
_STEPS = 100


def fit_curve(scores: npt.ArrayLike, right: npt.ArrayLike, method: Method) -> Curve:
    """Return the curve that fits best.

    Args:
        scores: (N,) of best candidates.
        right: (N,) whether that candidate was right.
        method: `platt` or `isotonic`.

    Raises:
        InputError: nothing to fit on.
    """
    values, truth = np.asarray(scores, np.float64), np.asarray(right, dtype=bool)
    if values.ndim != 1 or values.shape != truth.shape or not values.size:
        message = f"got scores {values.shape} and truths {truth.shape}; both should be (N,), N > 0"
        raise InputError(message)
    if not np.isfinite(values).all():
        message = "scores must be finite"
        raise InputError(message)
    return _isotonic(values, truth) if method == "isotonic" else _platt(values, truth)


def _isotonic(scores: Array, right: npt.NDArray[np.bool_]) -> Curve:
    places, inverse, weights = np.unique(scores, return_inverse=True, return_counts=True)
    hits = np.bincount(inverse, weights=right.astype(np.float64))
    # Each block: first and last place, hits, weight. A block with a lower mean than the one before
    # it violates the order, and the two become one.
    blocks: list[tuple[int, int, float, float]] = []
    for place in range(len(places)):
        block = (place, place, float(hits[place]), float(weights[place]))
        while blocks and blocks[-1][2] * block[3] >= block[2] * blocks[-1][3]:
            before = blocks.pop()
            block = (before[0], block[1], before[2] + block[2], before[3] + block[3])
        blocks.append(block)
    knots: list[tuple[float, float]] = []
    for first, last, of_them, weight in blocks:
        ends = (first,) if first == last else (first, last)
        knots += [(float(places[end]), of_them / weight) for end in ends]
    return Curve(
        "isotonic",
        scores=tuple(score for score, _ in knots),
        probabilities=tuple(share for _, share in knots),
    )


def _platt(scores: Array, right: npt.NDArray[np.bool_]) -> Curve:
    """Minimise the cross entropy by Newton's steps, each halved until it descends."""
    yes = float(right.sum())
    no = len(right) - yes
    # Not 0 and 1: else scores that part the two wholly would ask for an endless slope.
    targets = np.where(right, (yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0))
    base = math.log((yes + 1.0) / (no + 1.0))
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    inputs = np.stack([(scores - middle) / spread, np.ones_like(scores)], axis=1)
    weights = np.array([0.0, base])
    for _ in range(_STEPS):
        found = _sigmoid(inputs @ weights)
        slope = inputs.T @ (found - targets)
        if float(np.abs(slope).max()) < 1e-9 * len(scores):
            break
        bend = (inputs * (found * (1.0 - found))[:, None]).T @ inputs + 1e-12 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        before, length = _entropy(inputs @ weights, targets), 1.0
        while length > 1e-10 and _entropy(inputs @ (weights - length * step), targets) > before:
            length /= 2.0
        weights = weights - length * step
    if weights[0] < 0.0:
        # Higher scores would be less likely right: then scores tell nothing.
        weights = np.array([0.0, math.log(targets.mean() / (1.0 - targets.mean()))])
    steep = float(weights[0]) / spread
    return Curve("platt", slope=steep, offset=float(weights[1]) - steep * middle)


def _entropy(logits: Array, targets: Array) -> float:
    return float((np.logaddexp(0.0, logits) - targets * logits).sum())


def _sigmoid(logits: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), dtype=np.float64)
