"""Made vectors to measure an index with: look-alike groups of products, and views of them.

In: a seed. Out: unit vectors in portions, each of which can be made again alone, so that a million
are never all in memory. A product is its group's centre with something of its own, a query one
product with something of a camera: u = (c + s·n) / |c + s·n| with n normal and |n| near 1. Groups
are as crowded at every size, which is harder for an index than vectors spread evenly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
_CENTRES, _PRODUCTS, _QUERIES = 0, 1, 2
_TOGETHER = 256
"""Queries that are compared at once; with a portion of 20,000, 20 MB of scores."""


@dataclass(frozen=True)
class MadeCatalogue:
    """Which vectors are made."""

    count: int
    """Products."""
    dim: int = 128
    """D; that of the shipped encoder."""
    seed: int = 0
    group: int = 50
    """Products that look alike, on average."""
    own: float = 0.6
    """Length of what a product has of its own, beside its group's centre of length 1."""
    view: float = 0.5
    """Length of what a camera adds to a product of length 1."""
    shops: int = 100
    """Among which products are dealt out in turn."""
    portion: int = 20_000
    """Products that are made at once."""

    def portions(self) -> Iterator[tuple[int, Floats]]:
        """Yield the place of the first product, and vectors (N, D) of unit length, in order."""
        for first in range(0, self.count, self.portion):
            yield first, self.products(first)

    def products(self, first: int) -> Floats:
        """Return the portion of products that begins at a place, (N, D).

        Args:
            first: a multiple of `portion`.
        """
        count = min(self.portion, self.count - first)
        draw = np.random.default_rng((self.seed, _PRODUCTS, first))
        centres = self._centres()
        mine = centres[draw.integers(len(centres), size=count)]
        return _unit(mine + self.own * self._noise(draw, count))

    def queries(self, count: int) -> Floats:
        """Return views of products anywhere in the catalogue, (N, D)."""
        draw = np.random.default_rng((self.seed, _QUERIES))
        places = draw.integers(self.count, size=count)
        noise = self.view * self._noise(draw, count)
        seen = np.zeros((count, self.dim), dtype=np.float32)
        for first in np.unique(places // self.portion) * self.portion:
            wanted = places // self.portion * self.portion == first
            seen[wanted] = self.products(int(first))[places[wanted] - first]
        return _unit(seen + noise)

    def shop(self, places: Places) -> Places:
        """Return the shop of each product."""
        return places % self.shops

    def _centres(self) -> Floats:
        draw = np.random.default_rng((self.seed, _CENTRES))
        return _unit(self._noise(draw, max(1, self.count // self.group)))

    def _noise(self, draw: np.random.Generator, count: int) -> Floats:
        normal = draw.standard_normal((count, self.dim), dtype=np.float32)
        return normal / np.float32(np.sqrt(self.dim))


def nearest(
    catalogue: MadeCatalogue, queries: Floats, k: int, shops: Places | None = None
) -> Places:
    """Return the places of the k products that are nearest to each query by cosine, nearest first.

    Every product is compared with every query, a portion at a time.

    Args:
        catalogue: what is looked through.
        queries: (Q, D), unit length.
        k: at least 1.
        shops: (Q,) of each query, which then finds products of its shop only.

    Returns:
        (Q, k) int64; -1 where there are fewer.
    """
    best = np.full((len(queries), k), -np.inf, dtype=np.float32)
    places: Places = np.full((len(queries), k), -1, dtype=np.int64)
    for first, vectors in catalogue.portions():
        for start in range(0, len(queries), _TOGETHER):
            rows = slice(start, start + _TOGETHER)
            scores = queries[rows] @ vectors.T
            if shops is not None:
                elsewhere = catalogue.shop(np.arange(first, first + len(vectors)))
                scores[elsewhere != shops[rows, None]] = -np.inf
            most = min(k, scores.shape[1])
            top = np.argpartition(-scores, most - 1, axis=1)[:, :most]
            all_scores = np.concatenate([best[rows], np.take_along_axis(scores, top, 1)], axis=1)
            all_places = np.concatenate([places[rows], top + first], axis=1)
            kept = np.argsort(-all_scores, axis=1, kind="stable")[:, :k]
            best[rows] = np.take_along_axis(all_scores, kept, 1)
            places[rows] = np.take_along_axis(all_places, kept, 1)
    return np.where(np.isfinite(best), places, -1)


def _unit(vectors: Floats) -> Floats:
    made: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return made
