"""The products that an encoder confuses: each product's nearest others by their pages' vectors.

In: vectors with the products that they are of, or an encoder and a manifest. Out: neighbours, which
`models.neighbours` writes and `models.sampler` puts into steps together. A list belongs to the
encoder that it was mined with: as training goes on, others become hard (Xiong et al., ANCE, arXiv
2007.00808, renew theirs while they train).
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from models.batch import Sample
from models.dataset import plain
from models.errors import InputError
from models.fusion import Floats
from models.manifest import Manifest
from models.neighbours import Neighbours
from models.pictures import open_picture

_CHUNK = 256
"""Pages that are compared with all others at a time."""
_TOGETHER = 8
"""Pages that are encoded at a time."""
Encode = Callable[[Sequence[Sample]], Floats]
Tell = Callable[[int, int], None]


def nearest_products(
    vectors: Floats, products: Sequence[str], most: int, below: float = 1.0
) -> Neighbours:
    """Return each product's nearest other products, nearest first.

    Two products are as near as their nearest vectors. Of equally near ones the first by id come.

    Args:
        vectors: (G, D) of unit length.
        products: (G,) ids; a product may have several vectors.
        most: how many for each product.
        below: cosine above which a product is taken for the same one, listed twice, and left out.

    Raises:
        InputError: there are not as many vectors as products.
    """
    if len(vectors) != len(products):
        message = f"{len(vectors)} vectors came with {len(products)} products"
        raise InputError(message)
    names = sorted(set(products))
    place = {name: at for at, name in enumerate(names)}
    owners = np.array([place[name] for name in products], dtype=np.int64)
    # Sorted by product, all that is of one lies together.
    order = np.argsort(owners, kind="stable")
    vectors, owners = vectors[order], owners[order]
    starts = np.searchsorted(owners, np.arange(len(names) + 1))
    found: dict[str, tuple[str, ...]] = {}
    first = 0
    while first < len(names):
        # Whole products, as many as a chunk holds; one at least.
        until = int(np.searchsorted(starts, starts[first] + _CHUNK, side="right")) - 1
        last = min(max(until, first + 1), len(names))
        cosines = _between(vectors, starts, first, last)
        for row, name in enumerate(names[first:last]):
            found[name] = _nearest(cosines[row], first + row, names, most, below)
        first = last
    return found


def _between(vectors: Floats, starts: npt.NDArray[np.int64], first: int, last: int) -> Floats:
    """Return (last - first, P): the largest cosine between some products and all."""
    scores = vectors[starts[first] : starts[last]] @ vectors.T
    by_product = np.maximum.reduceat(scores, starts[:-1], axis=1)
    largest: Floats = np.maximum.reduceat(by_product, starts[first:last] - starts[first], axis=0)
    return largest


def _nearest(
    cosines: Floats, own: int, names: Sequence[str], most: int, below: float
) -> tuple[str, ...]:
    # Rounding may lift the cosine of two equal vectors a little above one.
    held = np.where(cosines > below + 1e-6, -np.inf, cosines)
    held[own] = -np.inf
    near = np.argsort(-held, kind="stable")[:most]
    return tuple(names[at] for at in near if held[at] > -np.inf)


def trained_products(manifest: Manifest) -> list[str]:
    """Return the products that a manifest may train on: those with anything of split train.

    Raises:
        InputError: there are fewer than two.
    """
    rows = [row for row in manifest.rows if row.split == "train"]
    found = sorted({row.product_id for row in rows if row.product_id is not None})
    if len(found) < 2:
        message = (
            f"neighbours need two products of split train at least, but there are {len(found)}"
        )
        raise InputError(message)
    return found


def mine(
    encode: Encode, manifest: Manifest, most: int, tell: Tell, below: float = 1.0
) -> Neighbours:
    """Return the neighbours of the products that a manifest trains on, by an encoder.

    Args:
        encode: pages to unit vectors.
        manifest: whose pages are encoded, with title and pictures.
        most: neighbours of each product.
        tell: hears how many pages of how many are encoded.
        below: as in `nearest_products`.

    Raises:
        InputError: fewer than two products are trained on.
    """
    trained = set(trained_products(manifest))
    pages = [row for row in manifest.pages if row.product_id in trained]
    found: list[Floats] = []
    for start in range(0, len(pages), _TOGETHER):
        some = pages[start : start + _TOGETHER]
        found.append(encode([plain(manifest, row, open_picture, row.title) for row in some]))
        tell(min(start + _TOGETHER, len(pages)), len(pages))
    names = [str(row.product_id) for row in pages]
    return nearest_products(np.concatenate(found), names, most, below)
