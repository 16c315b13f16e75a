"""Products that are hard to tell apart: pages with much the same title or the same vector.

In: pages. Out: a group number for each page. Titles are compared by their letters, not by the
encoder that is examined: cosine of the counts of their three-letter pieces. Pages of one product
are always of one group, and so are chains of alike pages.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.fusion import Floats
from models.ranking import Ints
from models.score_blocks import BlockScorer

_BUCKETS = 2_048
"""Pieces of titles are hashed into so many counts, 8 kB a title; two pieces that meet make titles
seem more alike."""
_ROWS = 512


@dataclass(frozen=True)
class AlikeOptions:
    """From when on two pages are alike."""

    title: float | None = 0.7
    """Cosine of the titles' three-letter pieces, 0 to 1; none: titles are not compared."""
    vector: float | None = None
    """Score of one page against the other, 0 to 1; none: vectors are not compared, so that two
    encoders have the same groups."""


def alike_groups(
    titles: Sequence[str | None], products: Ints, scorer: BlockScorer, vectors: Floats,
    options: AlikeOptions,
) -> Ints:  # fmt: skip
    """Return (G,) the group of each page, numbered from 0.

    Args:
        titles: of the pages; a page without title is alike by its vector only.
        products: (G,).
        scorer: of these pages.
        vectors: (G, D) of these pages.
        options: from when on they are alike.
    """
    parent = list(range(len(titles)))
    first: dict[int, int] = {}
    for at, product in enumerate(products.tolist()):
        _join(parent, first.setdefault(product, at), at)
    if options.title is not None:
        _join_all(parent, _alike_titles(titles, options.title))
    if options.vector is not None:
        for where, block in scorer.blocks(vectors):
            _join_all(parent, _above(where.start, block, options.vector))
    roots = [_root(parent, at) for at in range(len(parent))]
    found: Ints = np.unique(roots, return_inverse=True)[1].astype(np.int64)
    return found


def _alike_titles(titles: Sequence[str | None], threshold: float) -> Iterator[tuple[int, int]]:
    # Copies are joined by name: there may be very many of them.
    first: dict[str, int] = {}
    for at, title in enumerate(titles):
        if title:
            yield first.setdefault(" ".join(title.casefold().split()), at), at
    known = list(first.values())
    if not known:
        return
    pieces = np.stack([_pieces(title) for title in first])
    for start in range(0, len(known), _ROWS):
        block = pieces[start : start + _ROWS] @ pieces.T
        for one, other in _above(start, block, threshold):
            yield known[one], known[other]


def _pieces(title: str) -> npt.NDArray[np.float32]:
    """Return the counts of a title, which is in small letters with single spaces."""
    words = f"  {title} "
    counts = np.zeros(_BUCKETS, dtype=np.float32)
    for at in range(len(words) - 2):
        counts[zlib.crc32(words[at : at + 3].encode()) % _BUCKETS] += 1.0
    unit: npt.NDArray[np.float32] = counts / np.linalg.norm(counts)
    return unit


def _above(
    start: int, block: npt.NDArray[np.floating], threshold: float
) -> Iterator[tuple[int, int]]:
    """Yield pairs of a block's rows and later columns that reach the threshold."""
    rows, columns = np.nonzero(block >= threshold - 1e-6)
    later = columns > rows + start
    yield from zip((rows[later] + start).tolist(), columns[later].tolist(), strict=True)


def _root(parent: list[int], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


def _join(parent: list[int], one: int, other: int) -> None:
    # The first page leads, so that groups are numbered in the order of their pages.
    first, second = sorted((_root(parent, one), _root(parent, other)))
    parent[second] = first


def _join_all(parent: list[int], pairs: Iterator[tuple[int, int]]) -> None:
    for one, other in pairs:
        _join(parent, one, other)
