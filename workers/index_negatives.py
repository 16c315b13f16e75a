"""The products that lie near each other in an index: what its encoder confuses, with no encoding.

In: an index and product ids. Out: neighbours, as `models.hard_negatives` finds them in a manifest.
"""

from collections.abc import Callable, Sequence

import numpy as np

from models.errors import InputError
from models.neighbours import Neighbours
from workers.index import ProductIndex

_TOGETHER = 64
"""Products that are looked for in one call."""


def indexed_neighbours(
    index: ProductIndex,
    fingerprint: str,
    products: Sequence[str],
    most: int,
    tell: Callable[[int, int], None],
    below: float = 1.0,
) -> Neighbours:
    """Return the nearest other products of those that are in the index, nearest first.

    Args:
        index: is searched.
        fingerprint: of the encoder whose vectors are asked for.
        products: whose neighbours are wanted; the neighbours may be others.
        most: how many for each product.
        tell: hears how many products of how many are done.
        below: cosine above which a product is taken for the same one, listed twice, and left out.

    Raises:
        MismatchError: nothing was indexed with this encoder.
        InputError: none of the products is in the index.
    """
    index.about(fingerprint)
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(products), _TOGETHER):
        some = products[start : start + _TOGETHER]
        rows = index.get(fingerprint, some, ("vector",))
        names = sorted(rows)
        if names:
            vectors = np.array([rows[name]["vector"] for name in names], dtype=np.float32)
            # The product itself is among its nearest.
            answers = index.search(fingerprint, vectors, most + 1)
            for name, hits in zip(names, answers, strict=True):
                others = [hit for hit in hits if hit.product_id != name]
                near = [hit.product_id for hit in others if hit.cosine <= below + 1e-6]
                found[name] = tuple(near[:most])
        tell(min(start + _TOGETHER, len(products)), len(products))
    if not found:
        message = f"none of {len(products)} products is in the index"
        raise InputError(message)
    return found
