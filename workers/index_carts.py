"""The nearest products of each query among those of its own cart, for many rooms in one call.

Every cart is another filter, and Milvus searches with one filter at a time: 32 rooms with a cart
each would be 32 searches, on Milvus Lite each over all rows. Carts are small, so their products are
fetched together by id, and compared here: exact, whatever the collection's vector index.
"""

from collections.abc import Sequence

import numpy as np

from workers.index_read import ProductReader, portions
from workers.index_schema import HIT_FIELDS, Build, Floats, Hit
from workers.milvus import Consistency


def nearest_in_carts(
    reader: ProductReader,
    build: Build,
    queries: Sequence[tuple[Floats, Sequence[str], int]],
    consistency: Consistency,
) -> list[list[Hit]]:
    """Return the k nearest products of each query, nearest first; of equally near ones by id.

    Args:
        reader: of the Milvus.
        build: the collection.
        queries: for each a vector (D,) of unit length, the ids of its cart, and k.
        consistency: of the read.
    """
    ids = sorted({product_id for _, cart, _ in queries for product_id in cart})
    stored: dict[str, Hit] = {}
    for some in portions(ids):
        rows = reader.named(build.collection, some, HIT_FIELDS, consistency)
        for row in rows:
            vector = np.asarray(row["vector"], dtype=np.float32)
            product_id = str(row["product_id"])
            stored[product_id] = Hit(product_id, 0.0, str(row["title"]), str(row["shop"]), vector)
    return [_nearest(stored, *query) for query in queries]


def _nearest(stored: dict[str, Hit], query: Floats, cart: Sequence[str], k: int) -> list[Hit]:
    hits = [stored[product_id] for product_id in sorted(set(cart)) if product_id in stored]
    # One at a time: in a larger product the last bits depend on a row's neighbours, and equal pages
    # would not be equally near.
    near = [
        Hit(hit.product_id, float(hit.vector @ query), hit.title, hit.shop, hit.vector)
        for hit in hits
    ]
    return sorted(near, key=lambda hit: -hit.cosine)[:k]
