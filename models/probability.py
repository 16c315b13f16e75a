"""A score as a probability: how often a best candidate with such a score is the right one.

A curve that never falls, as plain numbers that a checkpoint keeps; `probability_fit` makes it. Pure
Python, since whoever reads settings imports it.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from models.errors import InputError

Method = Literal["platt", "isotonic"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True)
class Curve:
    """Turns a score into a probability."""

    method: Method
    slope: float = 0.0
    """Of Platt's sigmoid, in logits for each unit of score; at least 0."""
    offset: float = 0.0
    """Of Platt's sigmoid: logits at a score of 0."""
    scores: tuple[float, ...] = ()
    """Isotonic: rising; straight lines lie between them."""
    probabilities: tuple[float, ...] = ()
    """Isotonic: one for each score, never falling, from 0 to 1."""

    def probability(self, score: float) -> float:
        """Return the probability at a score, from 0 to 1."""
        if self.method == "platt":
            return 0.5 * (1.0 + math.tanh(0.5 * (self.slope * score + self.offset)))
        after = bisect_right(self.scores, score)
        if after in {0, len(self.scores)}:
            return self.probabilities[min(after, len(self.scores) - 1)]
        low, high = self.scores[after - 1], self.scores[after]
        share = (score - low) / (high - low)
        return self.probabilities[after - 1] * (1.0 - share) + self.probabilities[after] * share


def curve_from_json(told: Any) -> Curve:
    """Return the curve that `dataclasses.asdict` took apart.

    Raises:
        InputError: it is no curve, or one that falls.
    """
    try:
        curve = Curve(
            method=told["method"],
            slope=float(told["slope"]),
            offset=float(told["offset"]),
            scores=tuple(float(one) for one in told["scores"]),
            probabilities=tuple(float(one) for one in told["probabilities"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"no curve of probabilities: {error!r}"
        raise InputError(message) from error
    numbers = (curve.slope, curve.offset, *curve.scores, *curve.probabilities)
    if told["method"] == "platt":
        rises = curve.slope >= 0.0
    else:
        knots = curve.scores, (0.0, *curve.probabilities, 1.0)
        rises = told["method"] == "isotonic" and all(map(_rises, knots))
        rises = rises and 0 < len(curve.scores) == len(curve.probabilities)
    if not rises or not all(map(math.isfinite, numbers)):
        message = f"no rising curve of probabilities: {curve.method} over {len(curve.scores)} knots"
        raise InputError(message)
    return curve


def _rises(values: tuple[float, ...]) -> bool:
    return all(one <= other for one, other in pairwise(values))
