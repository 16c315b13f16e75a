"""When to keep silent: clips that show no product, and answers at a fixed precision.

In: scores of first pages and whether each is right. Out: plain figures. Nothing here chooses a
threshold for live use; `calibrate` does.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.score_blocks import Scores


@dataclass(frozen=True)
class Coverage:
    """How many clips can be answered at a precision."""

    precision: float
    """Of the answers, wanted at least."""
    coverage: float
    """Largest share of all clips that can be answered so; 0 where no threshold does it."""
    recall: float
    """Share of the clips of products that are then answered rightly."""
    threshold: float | None
    """Answer from this score on; none: never."""


def fpr_at_tpr(products: npt.ArrayLike, nothings: npt.ArrayLike, tpr: float = 0.95) -> float:
    """Return the share of clips without product above the score that `tpr` of the others reach.

    The threshold is the highest that keeps at least that share; a tie with it counts as above.

    Raises:
        InputError: one side is empty.
    """
    above, below = (np.asarray(item, dtype=np.float64) for item in (products, nothings))
    if not above.size or not below.size:
        message = f"{above.size} scores of products and {below.size} of none: nothing to compare"
        raise InputError(message)
    # Less a grain: .95 × 20 is 19, and should not become 20 by a rounding of floats.
    kept = max(1, math.ceil(tpr * above.size - 1e-9))
    threshold = np.sort(above)[::-1][kept - 1]
    return float((below >= threshold).mean())


def coverage_at(
    precision: float, scores: Scores, right: npt.NDArray[np.bool_], products: int
) -> Coverage:
    """Return how many clips can be answered at a precision, by a threshold on the score.

    Args:
        precision: wanted, from 0 to 1.
        scores: (Q,) of the first page of every clip, those of no product included.
        right: (Q,) whether that page is right.
        products: clips that are of a product.

    Raises:
        InputError: there is no clip.
    """
    if not scores.size:
        message = "there are no clips to answer"
        raise InputError(message)
    order = np.argsort(-scores, kind="stable")
    falling, hits = scores[order], np.cumsum(right[order])
    answered = np.arange(1, len(scores) + 1)
    # A threshold cannot part clips with the same score.
    ends = np.append(falling[1:] < falling[:-1], True)
    good = np.flatnonzero(ends & (hits >= precision * answered - 1e-9))
    if not len(good):
        return Coverage(precision, 0.0, 0.0, None)
    last = int(good[-1])
    recall = float(hits[last]) / products if products else 0.0
    return Coverage(precision, float(last + 1) / len(scores), recall, float(falling[last]))
