"""One-shot classification: each product is known by one clip or page, everything is sorted to it.

In: vectors of two domains. Out: how many queries go to their product, over several draws of the
supports. The task is COPE's (ICCV 2023, section 5, cross-domain few-shot classification).
"""

from dataclasses import dataclass

import numpy as np

from models.errors import InputError
from models.evaluate import interval_of_several
from models.found import GroupedBy, Groups
from models.fusion import Floats
from models.ranking import Ints
from models.score_blocks import BlockScorer, Scores


@dataclass(frozen=True)
class OneShot:
    """Accuracy of the nearest support."""

    queries: int
    """Those whose product has a support."""
    products: int
    """That were told apart; chance is one by this."""
    draws: int
    """Of the supports; the accuracy is the mean over them."""
    accuracy: float
    interval: tuple[float, float] | None
    """95 %, by resampling rooms, or products where there are none; none where there is but one."""
    spread: float
    """Standard deviation between draws; 0 where each product has one possible support."""
    grouped_by: GroupedBy


def draw_supports(products: Ints, draws: int, seed: int) -> Ints:
    """Return (draws, P) one row of each product, drawn evenly; products in rising order.

    Args:
        products: (G,); rows with a negative number are never drawn.
        draws: how many times.
        seed: of the draws.
    """
    names = np.unique(products[products >= 0])
    draw = np.random.default_rng(seed)
    rows = [np.flatnonzero(products == name) for name in names]
    drawn = [draw.choice(at, size=draws) for at in rows]
    return np.stack(drawn, axis=1) if drawn else np.zeros((draws, 0), dtype=np.int64)


def one_shot(
    scorer: BlockScorer,
    queries: tuple[Floats, Ints, Groups],
    gallery_product: Ints,
    draws: int = 20,
    seed: int = 0,
) -> OneShot:
    """Classify every query by its nearest support; a tie with another product's is wrong.

    Args:
        scorer: of the domain that supports are drawn from.
        queries: (Q, D) vectors, (Q,) products, groups.
        gallery_product: (G,).
        draws: of the supports.
        seed: of draws and bootstrap.

    Raises:
        InputError: no query's product has a support.
    """
    vectors, products, groups = queries
    supports = draw_supports(gallery_product, draws, seed)
    names = np.unique(gallery_product[gallery_product >= 0])
    chosen = np.flatnonzero(np.isin(products, names))
    if not len(chosen):
        message = f"none of {len(products)} queries is of the {len(names)} products with a support"
        raise InputError(message)
    column = np.searchsorted(names, products[chosen])
    right = np.zeros((draws, len(chosen)))
    for where, block in scorer.blocks(vectors[chosen]):
        for turn, at in enumerate(supports):
            right[turn, where] = _nearest_is(block[:, at], column[where])
    means = right.mean(axis=0)
    return OneShot(
        queries=len(chosen),
        products=len(names),
        draws=draws,
        accuracy=float(means.mean()),
        interval=interval_of_several(means, groups.numbers[chosen], seed),
        spread=float(right.mean(axis=1).std()),
        grouped_by=groups.by,
    )


def _nearest_is(scores: Scores, column: Ints) -> Scores:
    """Return (Q,) 1 where the column's score is above all others; `scores` (Q, P) is spoilt."""
    rows = np.arange(len(scores))
    own = scores[rows, column]
    scores[rows, column] = -np.inf
    found: Scores = (own > scores.max(axis=1)).astype(np.float64)
    return found
