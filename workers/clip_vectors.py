"""The vectors that a `Vector` event carries: of the clip, and of each of its modalities alone.

Without the latter, one cannot tell in a fused vector what the pictures say and what the words say:
the clip's parts were mixed in proportions of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.errors import BadEventError
from models.fusion import Floats, Layout, Part
from workers.events import Sense, Vector
from workers.index_schema import Build, is_fingerprint

_SENSES: dict[Part, Sense] = {"frames": "vision", "text": "speech"}


@dataclass(frozen=True)
class ClipVectors:
    """A clip as vectors (D,) of unit length."""

    fused: Floats
    """Of all that the clip has."""
    alone: Mapping[Sense, Floats]
    """Of one modality each; empty in events of an older version that have both."""

    def near(self, layout: Layout, page: Floats) -> dict[str, float]:
        """Return how near a page (D,) is by each modality that both have, from -1 to 1."""
        pages = page[None]
        if not self.alone:
            parts = layout.compare(self.fused, pages)[0].by
            return {_SENSES[part]: cosine for part, cosine in parts.items()}
        scores = {sense: layout.compare(row, pages)[0] for sense, row in self.alone.items()}
        return {sense: one.score for sense, one in scores.items() if one.shared}


def read_vectors(job: Vector) -> ClipVectors:
    """Return the vectors of an event that has any.

    Raises:
        BadEventError: they are not as many, as long or of the length that the event says.
    """
    if not is_fingerprint(job.fingerprint):
        message = f"vector {job.stream_id}/{job.slot} is of no encoder: {job.fingerprint!r}"
        raise BadEventError(message)
    count = 1 + len(job.alone)
    is_whole = len(job.payload) == 4 * job.dim * count and job.dim > 0
    rows = np.frombuffer(job.payload if is_whole else b"", dtype="<f4").astype(np.float32)
    rows = rows.reshape(count if is_whole else 0, job.dim)
    lengths = np.linalg.norm(rows, axis=1)
    if not is_whole or len(set(job.alone)) < len(job.alone) or not np.all(abs(lengths - 1) < 1e-3):
        message = (
            f"vector {job.stream_id}/{job.slot} says {job.dim} numbers of length 1, and as many "
            f"for each of {job.alone}, but holds {len(job.payload)} bytes of lengths "
            f"{[round(float(one), 4) for one in lengths]}"
        )
        raise BadEventError(message)
    fused, *others = rows
    if not job.alone and len(job.present) == 1:
        return ClipVectors(fused, {"vision" if job.present == ("frames",) else "speech": fused})
    return ClipVectors(fused, dict(zip(job.alone, others, strict=True)))


def refuse_other_width(job: Vector, build: Build) -> None:
    """Do nothing if an index holds vectors of the same width.

    Raises:
        BadEventError: it does not.
    """
    if job.dim != build.layout.dim:
        message = (
            f"vector {job.stream_id}/{job.slot} has {job.dim} numbers, but its index holds "
            f"{build.layout.dim}"
        )
        raise BadEventError(message)
