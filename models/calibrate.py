"""Where to draw the line between a product and no product, from scores whose truth is known.

In: plain arrays. Out: a threshold that belongs to one encoder (by fingerprint) and one scope. A
threshold of another encoder means nothing and is refused by whoever loads it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Scope = Literal["cart", "shop", "catalogue"]


@dataclass(frozen=True)
class Calibration:
    """The least score at which a product is believed."""

    scope: Scope
    threshold: float
    """Compared with a candidate's score, from -1 to 1."""
    version: str
    """Names the data that it was fitted on; travels in a tag's evidence."""
    fingerprint: str
    """Of the encoder that it was fitted with."""


@dataclass(frozen=True)
class Fitted:
    """A threshold, and what it did on the data that it was fitted on."""

    threshold: float
    precision: float
    """Share of accepted scores that were of the right product."""
    recall: float
    """Share of right scores that were accepted."""
    count: int
    """Scores that it was fitted on."""


def fit_threshold(
    scores: npt.ArrayLike, is_product: npt.ArrayLike, precision: float = 0.95
) -> Fitted:
    """Return the lowest threshold whose accepted scores are right at least so often.

    The threshold lies half-way to the next lower score, so that scores a rounding below the
    last accepted one are still accepted.

    Args:
        scores: (N,) scores of first candidates.
        is_product: (N,) whether that candidate was the product being sold.
        precision: share of accepted scores that must be right, above 0, at most 1.

    Raises:
        InputError: nothing to fit on, or no threshold is that precise.
    """
    values = np.asarray(scores, dtype=np.float64)
    right = np.asarray(is_product, dtype=bool)
    if values.ndim != 1 or values.shape != right.shape or not values.size:
        message = f"got scores {values.shape} and truths {right.shape}; both should be (N,), N > 0"
        raise InputError(message)
    if not np.isfinite(values).all() or not 0.0 < precision <= 1.0:
        message = f"scores must be finite and precision in (0, 1], but it is {precision}"
        raise InputError(message)
    order = np.argsort(-values, kind="stable")
    values, right = values[order], right[order]
    hits = np.cumsum(right)
    shares = hits / np.arange(1, len(values) + 1)
    # Equal scores are accepted together or not at all.
    ends = np.append(values[1:] != values[:-1], True)
    good = np.flatnonzero(ends & (shares >= precision) & (hits > 0))
    if not good.size:
        message = f"no threshold over these {len(values)} scores reaches precision {precision}"
        raise InputError(message)
    last = int(good[-1])
    below = values[last + 1] if last + 1 < len(values) else values[last] - 0.02
    return Fitted(
        threshold=float((values[last] + below) / 2),
        precision=float(shares[last]),
        recall=float(hits[last] / hits[-1]),
        count=len(values),
    )


def to_json(items: Sequence[Calibration]) -> str:
    """Return JSON that `from_json` reads."""
    return json.dumps({"thresholds": [asdict(item) for item in items]}, indent=2) + "\n"


def from_json(text: str, origin: str) -> tuple[Calibration, ...]:
    """Return what `to_json` wrote.

    Raises:
        InputError: it is malformed.
    """
    try:
        items = tuple(Calibration(**item) for item in json.loads(text)["thresholds"])
    except (ValueError, TypeError, KeyError) as error:
        message = f"{origin} is no calibration: {error}"
        raise InputError(message) from error
    for item in items:
        if not _is_cosine(item.threshold):
            message = f"{origin}: threshold {item.threshold!r} should be from -1 to 1"
            raise InputError(message)
    return items


def _is_cosine(value: object) -> bool:
    return isinstance(value, int | float) and -1.0 <= value <= 1.0
