"""Samples, and the named tensors that they become; shapes are checked when a batch is built.

Letters, here and in every file of this package: B samples, N pictures of all samples together,
K pictures of one sample, C H W channels, height and width, L tokens, D numbers of a vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.domain import DOMAINS, Domain
from models.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

__all__ = ["Batch", "BranchVectors", "Domain", "Pixels", "Sample", "joined"]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """One product page, short video or live clip; pictures, text, or both may be missing."""

    domain: Domain
    frames: "Sequence[Pixels | Image]" = field(default_factory=tuple)
    """RGB pictures in order of time, as (H, W, 3) uint8 arrays or PIL images."""
    text: str | None = None


@dataclass(frozen=True)
class Batch:
    """Tensors of B samples; only pictures and texts that exist take room."""

    size: int
    """B."""
    pixels: "Tensor"
    """(N, C, H, W) float32, normalised."""
    frame_of: "Tensor"
    """(N,) int64: the sample of each picture."""
    tokens: "Tensor"
    """(T, L) int64 token ids of the T samples with text."""
    attention: "Tensor"
    """(T, L) int64, 1 where a token is no padding."""
    text_of: "Tensor"
    """(T,) int64: the sample of each text."""
    domain: "Tensor"
    """(B,) int64: the number of each sample's domain."""

    def __post_init__(self) -> None:
        frames, texts = self.pixels.shape[0], self.tokens.shape[0]
        if self.pixels.ndim != 4 or self.pixels.shape[1] != 3:
            message = f"pixels should be (N, 3, H, W), but are {tuple(self.pixels.shape)}"
            raise InputError(message)
        if self.tokens.ndim != 2 or self.tokens.shape != self.attention.shape:
            message = (
                f"tokens and attention should both be (T, L), but are {tuple(self.tokens.shape)}"
                f" and {tuple(self.attention.shape)}"
            )
            raise InputError(message)
        for name, owner, count in (
            ("frame_of", self.frame_of, frames),
            ("text_of", self.text_of, texts),
        ):
            if owner.shape != (count,):
                message = f"{name} should be ({count},), but is {tuple(owner.shape)}"
                raise InputError(message)
            if count and not 0 <= int(owner.min()) <= int(owner.max()) < self.size:
                message = f"{name} names a sample outside 0…{self.size - 1}"
                raise InputError(message)
        if self.domain.shape != (self.size,):
            message = f"domain should be ({self.size},), but is {tuple(self.domain.shape)}"
            raise InputError(message)
        if self.size and not 0 <= int(self.domain.min()) <= int(self.domain.max()) < len(DOMAINS):
            message = f"domain names one outside 0…{len(DOMAINS) - 1}"
            raise InputError(message)


@dataclass(frozen=True)
class BranchVectors:
    """What the branches say of B samples, before they are fused."""

    image: npt.NDArray[np.float32]
    """(B, D_image), unit length, or zero where `has_image` is false."""
    text: npt.NDArray[np.float32]
    """(B, D_text), unit length, or zero where `has_text` is false."""
    has_image: npt.NDArray[np.bool_]
    """(B,)."""
    has_text: npt.NDArray[np.bool_]
    """(B,)."""
    domain: npt.NDArray[np.int64] | None = None
    """(B,) numbers of domains; only a head that differs by domain needs them."""

    def __post_init__(self) -> None:
        size = self.image.shape[0]
        domain = self.has_text if self.domain is None else self.domain
        shapes = (self.text.shape[:1], self.has_image.shape, self.has_text.shape, domain.shape)
        if self.image.ndim != 2 or self.text.ndim != 2 or set(shapes) != {(size,)}:
            message = f"branch vectors of {size} samples came with masks and texts of {shapes}"
            raise InputError(message)


def joined(parts: Sequence[BranchVectors]) -> BranchVectors:
    """Return the vectors of several calls, at least one, as if of one."""
    domains = [one.domain for one in parts if one.domain is not None]
    return BranchVectors(
        image=np.concatenate([one.image for one in parts]),
        text=np.concatenate([one.text for one in parts]),
        has_image=np.concatenate([one.has_image for one in parts]),
        has_text=np.concatenate([one.has_text for one in parts]),
        domain=np.concatenate(domains) if len(domains) == len(parts) else None,
    )
