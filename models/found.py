"""Rankings summed up: recall, mAP, MRR and nDCG with 95 % intervals.

In: rankings and the group of each query. Out: plain figures. Queries of one room share light, host
and table, and those of one product its looks, so groups are resampled, not queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.errors import InputError
from models.evaluate import interval_of_several
from models.manifest import Row
from models.ranking import Ints, Ranked
from models.score_blocks import Scores

GroupedBy = Literal["rooms", "products"]


@dataclass(frozen=True)
class Found:
    """What queries found in a gallery."""

    queries: int
    """Those that have a right page."""
    left_out: int
    """Those that have none, and are in no figure."""
    products: int
    """Of the queries."""
    groups: int
    """Of the queries; what the intervals resample."""
    grouped_by: GroupedBy
    gallery: int
    """Pages or clips that were searched."""
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    map: float
    mrr: float
    ndcg_at_10: float
    intervals: dict[str, tuple[float, float] | None]
    """95 % interval of each figure; none where there is but one group to resample."""


@dataclass(frozen=True)
class Groups:
    """Which queries rise and fall together."""

    numbers: Ints
    """(Q,)."""
    by: GroupedBy


def groups_of(rows: Sequence[Row]) -> Groups:
    """Return the room of each row; where no row has one, its product.

    A row without a room among rows with rooms is grouped by its product.
    """
    rooms = any(row.stream_id is not None for row in rows)
    keys = [(row.stream_id is not None, row.stream_id or row.product_id or "") for row in rows]
    # In order of their names, so that the same queries are always drawn alike.
    number = {key: at for at, key in enumerate(sorted(set(keys)))}
    numbers = np.array([number[key] for key in keys], dtype=np.int64)
    return Groups(numbers, "rooms" if rooms else "products")


def measures(ranked: Ranked) -> dict[str, Scores]:
    """Return (Q,) values of each measure; their means are the figures."""
    return {
        "recall_at_1": ranked.hit(1),
        "recall_at_5": ranked.hit(5),
        "recall_at_10": ranked.hit(10),
        "map": ranked.average_precision,
        "mrr": ranked.reciprocal,
        "ndcg_at_10": ranked.ndcg_at_10,
    }


def found(ranked: Ranked, products: Ints, groups: Groups, gallery: int, seed: int = 0) -> Found:
    """Sum up a ranking over the queries that have a right page.

    Args:
        ranked: of Q queries.
        products: (Q,).
        groups: of the queries.
        gallery: pages that were searched.
        seed: of the bootstrap.

    Raises:
        InputError: no query has a right page.
    """
    chosen = ranked.before >= 0
    if not chosen.any():
        message = f"none of {len(ranked)} queries has a right page among {gallery}"
        raise InputError(message)
    values = measures(ranked.take(chosen))
    of = groups.numbers[chosen]
    return Found(
        queries=int(chosen.sum()),
        left_out=int((~chosen).sum()),
        products=len(np.unique(products[chosen])),
        groups=len(np.unique(of)),
        grouped_by=groups.by,
        gallery=gallery,
        **{name: float(value.mean()) for name, value in values.items()},
        intervals={name: interval_of_several(value, of, seed) for name, value in values.items()},
    )
