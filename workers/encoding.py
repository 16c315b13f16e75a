"""What indexing and live encoding need of an encoder, as a protocol that a double can meet."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.apart import Apart
from models.batch import Sample
from models.fusion import Layout

Floats = npt.NDArray[np.float32]


class Encodes(Protocol):
    """The part of an encoder that indexing and live encoding need."""

    fingerprint: str
    layout: Layout

    def encode(self, samples: Sequence[Sample]) -> Floats:
        """Return (B, D) float32, unit length, or zero for an empty sample."""

    def encode_apart(self, samples: Sequence[Sample]) -> Apart:
        """Return the same, and what it would be of pictures alone and of text alone."""
