"""Branch vectors and what is present, to one unit vector; and back to the score of each part.

`concat` puts [√w·image ; √(1-w)·text] side by side, so that the cosine of two samples that have
both is w·cos(image) + (1-w)·cos(text): the fixed mixing that AMPere's later heads use, without
their projections. `mean` averages vectors that live in one space. A missing part is zero, never
the encoding of an empty text (papers.md §5.4). Needs numpy only: matching splits stored vectors
without a network.
"""

import json
import math
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.batch import BranchVectors
from models.errors import MismatchError

Floats = npt.NDArray[np.float32]
Part = Literal["frames", "text"]
_PRESENT = 1e-6
"""A part shorter than this is a missing part."""


@dataclass(frozen=True)
class PartScores:
    """How near one page is to one query."""

    score: float
    """Weighted cosine over the parts that both have, from -1 to 1; 0 when they share none."""
    by: dict[Part, float]
    """Cosine of each part that both have; empty where parts cannot be told apart."""
    shared: bool = True
    """Whether they have a part in common; if not, the score says nothing."""


@dataclass(frozen=True)
class Layout:
    """Where in a fused vector its parts lie; stored with an index."""

    kind: Literal["concat", "mean"]
    image_dim: int
    text_dim: int
    image_weight: float = 0.5

    @property
    def dim(self) -> int:
        """D of the fused vector."""
        return self.image_dim + self.text_dim if self.kind == "concat" else self.image_dim

    def to_json(self) -> str:
        """Return JSON that `from_json` reads."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Layout":
        """Return the layout that `to_json` wrote.

        Raises:
            MismatchError: another version wrote it.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            message = f"the index describes its vectors as {text!r}, which is not known here"
            raise MismatchError(message) from error

    def fuse(self, parts: BranchVectors) -> Floats:
        """Return (B, D) float32 of unit length, or zero where nothing was present."""
        if self.kind == "concat":
            image = parts.image * np.float32(math.sqrt(self.image_weight))
            text = parts.text * np.float32(math.sqrt(1.0 - self.image_weight))
            return unit(np.concatenate([image, text], axis=1))
        return unit(parts.image + parts.text)

    def compare(self, query: Floats, pages: Floats) -> list[PartScores]:
        """Score pages (N, D) against a query (D,) by the parts that both have.

        A query without text is compared with the page's picture alone, so that one threshold
        means the same for every query.
        """
        if self.kind == "mean":
            whole = unit(pages) @ unit(query[None])[0]
            return [PartScores(min(1.0, max(-1.0, float(one))), {}) for one in whole]
        image = self._cosines(query, pages, slice(0, self.image_dim))
        text = self._cosines(query, pages, slice(self.image_dim, None))
        return [self._mixed(*pair) for pair in zip(image, text, strict=True)]

    def _cosines(self, query: Floats, pages: Floats, where: slice) -> list[float | None]:
        asked, stored = query[where], pages[:, where]
        lengths = np.linalg.norm(stored, axis=1)
        if np.linalg.norm(asked) < _PRESENT:
            return [None] * len(stored)
        cosines = np.clip(unit(stored) @ unit(asked[None])[0], -1.0, 1.0)
        pairs = zip(cosines.tolist(), lengths.tolist(), strict=True)
        return [cosine if length >= _PRESENT else None for cosine, length in pairs]

    def _mixed(self, image: float | None, text: float | None) -> PartScores:
        by: dict[Part, float] = {}
        total = weights = 0.0
        parts: tuple[tuple[Part, float | None, float], ...] = (
            ("frames", image, self.image_weight),
            ("text", text, 1.0 - self.image_weight),
        )
        for name, cosine, weight in parts:
            if cosine is not None:
                by[name] = cosine
                total += weight * cosine
                weights += weight
        score = total / weights if weights else 0.0
        return PartScores(min(1.0, max(-1.0, score)), by, shared=weights > 0)


def unit(rows: Floats) -> Floats:
    """Return rows of length one; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    short: Floats = rows / np.maximum(lengths, np.float32(1e-12))
    return short.astype(np.float32, copy=False)


def prefix_of(rows: Floats, length: int) -> Floats:
    """Return the first numbers of unit vectors (B, D) as unit vectors (B, length).

    They stand for the whole where training compared them at that length too (Matryoshka
    representations, Kusupati et al., arXiv 2205.13147).
    """
    return unit(rows[:, :length])


def mean_of_frames(vectors: Floats, frame_of: npt.NDArray[np.int64], size: int) -> Floats:
    """Return (B, D): the unit mean of each sample's frame vectors (N, D), zero without frames."""
    total = np.zeros((size, vectors.shape[1]), dtype=np.float32)
    np.add.at(total, frame_of, vectors)
    return unit(total)
