"""What training adds to the branches: projections into one space, and a gate that weighs them.

A branch's unit vector v becomes unit(W·norm(v) + b), for pictures and texts in the same D numbers.
For a sample with picture i and text t the gate gives a weight to each of the two that is present,

    (a, b) = softmax over what is present of gate(i, t, i·t, presence),    f = unit(a·i + b·t),

so that small talk beside a product in plain view, or a product's name beside a picture of a table,
costs little. What is absent is masked: it has no weight, and its place in the gate's input is zero
(papers.md §5.4). Page and live clip share all of it. AMPere's heads mix with fixed weights
(papers.md §1.3); a gate between modalities is Arevalo et al., arXiv 1702.01992.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from models.config import FusionConfig


class Projected(torch.nn.Module):
    """A branch and the way from its vectors into the one space; unit length, (…) -> (N, D)."""

    def __init__(self, branch: torch.nn.Module, branch_dim: int, dim: int) -> None:
        super().__init__()
        self.branch = branch
        # Unit vectors of a thousand numbers vary by far less than the usual epsilon expects.
        self.norm = torch.nn.LayerNorm(branch_dim, eps=1e-8)
        self.projection = torch.nn.Linear(branch_dim, dim)
        self.dim = dim
        # Keeps the angles of the pretrained vectors about as they are until training moves them.
        torch.nn.init.orthogonal_(self.projection.weight)
        torch.nn.init.zeros_(self.projection.bias)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Encode and project."""
        return self.project(self.branch(*inputs))

    def project(self, vectors: Tensor) -> Tensor:
        """(N, branch_dim) of unit length -> (N, D)."""
        return torch.nn.functional.normalize(self.projection(self.norm(vectors)), dim=1)


class Fused(NamedTuple):
    """What the gate made of B samples."""

    vectors: Tensor
    """(B, D) of unit length; zero where nothing was present."""
    weights: Tensor
    """(B, 2): of picture and text, summing to one; zero for what is absent."""


class Gate(torch.nn.Module):
    """Weighs the picture and the text of each sample, and adds them up."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.inner = torch.nn.Linear(3 * config.dim + 2, config.gate_hidden)
        self.outer = torch.nn.Linear(config.gate_hidden, 2)
        # Training begins with equal weights.
        torch.nn.init.zeros_(self.outer.weight)
        torch.nn.init.zeros_(self.outer.bias)

    def forward(self, image: Tensor, text: Tensor, present: Tensor) -> Fused:
        """Fuse (B, D) and (B, D), zero where absent, with `present` (B, 2) bool."""
        there = present.to(image.dtype)
        # Unit vectors have tiny coordinates; the scale gives the gate inputs of size one.
        scale = image.shape[1] ** 0.5
        seen = torch.cat([image * scale, text * scale, image * text * scale**2, there], dim=1)
        votes = self.outer(torch.nn.functional.gelu(self.inner(seen)))
        votes = votes.masked_fill(~present, torch.finfo(votes.dtype).min)
        # The product takes away the share that a softmax over nothing would give.
        weights = torch.softmax(votes, dim=1) * there
        vectors = weights[:, :1] * image + weights[:, 1:] * text
        return Fused(torch.nn.functional.normalize(vectors, dim=1), weights)


def mean_of_frames(vectors: Tensor, frame_of: Tensor, size: int) -> Tensor:
    """Return (B, D): the unit mean of each sample's frame vectors (N, D), zero without frames.

    The same sum as `models.fusion.mean_of_frames`, for tensors that carry gradients.
    """
    total = vectors.new_zeros((size, vectors.shape[1])).index_add(0, frame_of, vectors)
    return torch.nn.functional.normalize(total, dim=1)
