"""How well vectors find their product, from plain arrays.

Ties count against the product that was looked for, so that a network that says the same of
everything finds nothing. Every function here is checked against a slow loop.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_DRAWS = 100
"""Draws of a bootstrap that are held at once."""


@dataclass(frozen=True)
class Recall:
    """How queries found their product's page, with 95 % intervals over products."""

    queries: int
    products: int
    """Of the queries."""
    gallery: int
    recall_at_1: float
    recall_at_5: float
    mrr: float
    """Mean of 1 / rank of the first right page."""
    recall_at_1_interval: tuple[float, float]
    mrr_interval: tuple[float, float]


def ranks(scores: npt.ArrayLike, query_product: Ints, gallery_product: Ints) -> Ints:
    """Return (Q,) how many pages of other products come before the best right one.

    Args:
        scores: (Q, G).
        query_product: (Q,) numbers of products.
        gallery_product: (G,); several pages of one product are all right.

    Raises:
        InputError: shapes do not fit, or a query has no right page.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != (len(query_product), len(gallery_product)):
        message = (
            f"scores are {values.shape}, but there are {len(query_product)} queries and "
            f"{len(gallery_product)} pages"
        )
        raise InputError(message)
    right = query_product[:, None] == gallery_product[None]
    if not right.any(axis=1).all():
        message = "a query's product has no page in the gallery"
        raise InputError(message)
    best = np.where(right, values, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    found: Ints = ((values >= best) & ~right).sum(axis=1)
    return found


def recall(found: Ints, query_product: Ints, gallery: int, seed: int = 0) -> Recall:
    """Sum up ranks.

    Args:
        found: (Q,) from `ranks`, Q > 0.
        query_product: (Q,).
        gallery: pages that were searched.
        seed: of the bootstrap.
    """
    first, near = found < 1, found < 5
    reciprocal: Floats = 1.0 / (1.0 + found.astype(np.float64))
    return Recall(
        queries=len(found),
        products=len(np.unique(query_product)),
        gallery=gallery,
        recall_at_1=float(first.mean()),
        recall_at_5=float(near.mean()),
        mrr=float(reciprocal.mean()),
        recall_at_1_interval=interval(first.astype(np.float64), query_product, seed),
        mrr_interval=interval(reciprocal, query_product, seed),
    )


def interval(
    values: Floats, groups: Ints, seed: int = 0, draws: int = 1_000
) -> tuple[float, float]:
    """Return the 95 % interval of the mean by a bootstrap over groups.

    Queries of one product rise and fall together, so products are drawn, not queries.
    """
    _, group_of = np.unique(groups, return_inverse=True)
    sums = np.bincount(group_of, weights=values)
    counts = np.bincount(group_of).astype(np.float64)
    draw = np.random.default_rng(seed)
    means = []
    # A few draws at a time: with many groups all of them would not fit into memory.
    for start in range(0, draws, _DRAWS):
        some = min(_DRAWS, draws - start)
        chosen = draw.integers(len(sums), size=(some, len(sums)))
        means.append(sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return float(low), float(high)


def interval_of_several(values: Floats, groups: Ints, seed: int = 0) -> tuple[float, float] | None:
    """Return the interval; none where there is but one group, which says nothing of others."""
    return interval(values, groups, seed) if len(np.unique(groups)) > 1 else None


def auroc(products: npt.ArrayLike, nothings: npt.ArrayLike) -> float:
    """Return how often a score of a product is above one of no product; a tie is half.

    Raises:
        InputError: one side is empty.
    """
    above, below = (np.asarray(item, dtype=np.float64) for item in (products, nothings))
    if not above.size or not below.size:
        message = f"{above.size} scores of products and {below.size} of none: nothing to compare"
        raise InputError(message)
    ordered = np.sort(below)
    less = np.searchsorted(ordered, above, side="left")
    not_more = np.searchsorted(ordered, above, side="right")
    return float((less + not_more).sum() / (2 * above.size * below.size))
