"""Scores of queries against a gallery, a block of queries at a time.

In: fused vectors and the layout that they follow. Out: the scores that `Layout.compare` gives, as
(Q', G) float64. Never holds (Q, G) at once. Scores are rounded to nine decimals, so that copies of
a page tie whatever order their sums were taken in.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.fusion import Floats, Layout

Scores = npt.NDArray[np.float64]
CELLS = 4_000_000
"""Scores of a block at most; 32 MB."""
_PRESENT = 1e-6
"""A part shorter than this is a missing part, as in `fusion`."""
_DECIMALS = 9


class BlockScorer:
    """Scores queries against one gallery."""

    def __init__(
        self, layout: Layout, gallery: Floats, prefix: int | None = None, cells: int = CELLS
    ) -> None:
        """Prepare the gallery.

        Args:
            layout: of all vectors.
            gallery: (G, D).
            prefix: first numbers of every vector that are looked at; none: all. Kusupati et al.,
                2022, "Matryoshka Representation Learning".
            cells: scores of a block at most.

        Raises:
            InputError: vectors of this layout have no such prefix.
        """
        self._parts = _parts(layout, prefix)
        self._gallery = [_unit(gallery[:, where]) for where, _ in self._parts]
        self.size = len(gallery)
        """G."""
        self._step = max(1, cells // max(1, self.size))

    def __call__(self, queries: Floats) -> Scores:
        """Return (Q, G) scores of all these queries."""
        asked = [_unit(queries[:, where]) for where, _ in self._parts]
        total = np.zeros((len(queries), self.size))
        weights = np.zeros((len(queries), self.size))
        parts = zip(asked, self._gallery, self._parts, strict=True)
        for (ours, has), (theirs, have), (_, weight) in parts:
            cosines = np.clip(ours @ theirs.T, -1.0, 1.0)
            both = weight * (has[:, None] & have[None])
            total += both * cosines
            weights += both
        mixed = np.divide(total, weights, out=np.zeros_like(total), where=weights > 0)
        return np.round(np.clip(mixed, -1.0, 1.0), _DECIMALS)

    def blocks(self, queries: Floats) -> Iterator[tuple[slice, Scores]]:
        """Yield which queries, and their (Q', G) scores."""
        for start in range(0, len(queries), self._step):
            where = slice(start, min(start + self._step, len(queries)))
            yield where, self(queries[where])


def _parts(layout: Layout, prefix: int | None) -> list[tuple[slice, float]]:
    """Return where the parts of a vector lie, and how much each counts."""
    if prefix is None:
        if layout.kind == "mean":
            return [(slice(0, layout.dim), 1.0)]
        cut = layout.image_dim
        weight = layout.image_weight
        return [(slice(0, cut), weight), (slice(cut, layout.dim), 1.0 - weight)]
    if layout.kind != "mean":
        message = (
            f"--prefix {prefix}: this encoder puts picture and text side by side, so the first "
            "numbers of its vectors are no smaller vector; want one that fuses them in one space"
        )
        raise InputError(message)
    if not 1 <= prefix <= layout.dim:
        message = f"--prefix {prefix}: want 1 to {layout.dim}, the length of the vectors"
        raise InputError(message)
    return [(slice(0, prefix), 1.0)]


def _unit(rows: Floats) -> tuple[Scores, npt.NDArray[np.bool_]]:
    """Return rows of length one in float64, and which of them are there at all."""
    wide = rows.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1)
    return wide / np.maximum(lengths, 1e-12)[:, None], lengths >= _PRESENT
