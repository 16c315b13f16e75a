"""Samples as a whole and by each of their parts alone, from one pass through the branches.

A picture or text costs a network; fusing costs next to nothing. So what the branches said is fused
once more with the text left out, and once more with the picture left out. Needs numpy only.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.batch import BranchVectors
from models.fusion import Floats

Fuse = Callable[[BranchVectors], Floats]
"""Branch vectors of B samples to (B, D), unit length, or zero where nothing is present."""


class Apart(NamedTuple):
    """B samples, three ways; each (B, D) float32, unit length, or zero where nothing is there."""

    fused: Floats
    """Of all parts that a sample has."""
    vision: Floats
    """As if it had no text; zero without a picture."""
    speech: Floats
    """As if it had no picture; zero without a text."""


def fused_apart(parts: BranchVectors, fuse: Fuse) -> Apart:
    """Return what fusing makes of samples, and of each of their parts alone.

    Args:
        parts: of B samples.
        fuse: must make of a sample the same vector in any company.
    """
    fused = fuse(parts)
    vision, speech = (
        # What is alone anyway was fused alone.
        fused * there[:, None]
        for there in (parts.has_image, parts.has_text)
    )
    both = np.flatnonzero(parts.has_image & parts.has_text)
    if len(both):
        some = _rows(parts, both)
        vision[both] = fuse(masked(some, image=True, text=False))
        speech[both] = fuse(masked(some, image=False, text=True))
    return Apart(fused, vision, speech)


def masked(parts: BranchVectors, *, image: bool, text: bool) -> BranchVectors:
    """Return the same samples as if they had no other parts than these."""
    return replace(
        parts,
        image=parts.image if image else np.zeros_like(parts.image),
        text=parts.text if text else np.zeros_like(parts.text),
        has_image=parts.has_image & image,
        has_text=parts.has_text & text,
    )


def _rows(parts: BranchVectors, rows: npt.NDArray[np.intp]) -> BranchVectors:
    return BranchVectors(
        image=parts.image[rows],
        text=parts.text[rows],
        has_image=parts.has_image[rows],
        has_text=parts.has_text[rows],
        domain=None if parts.domain is None else parts.domain[rows],
    )
