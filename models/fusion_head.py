"""What training adds to the branches: projections into one space, and a head that fuses them.

A branch's unit vector v becomes unit(W·norm(v) + b), for pictures and texts in the same D numbers.
For a sample with picture i and text t the gate gives a weight to each of the two that is present,

    (a, b) = softmax over what is present of gate(i, t, i·t, presence),    f = unit(a·i + b·t),

so that small talk beside a product in plain view, or a product's name beside a picture of a table,
costs little. What is absent is masked: it has no weight, and its place in the gate's input is zero
(papers.md §5.4). A gate between modalities is Arevalo et al., arXiv 1702.01992; the other heads
have files of their own. Page, short video and live clip share all of it, or have a projection and
head each.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from models.by_domain import ByDomain, routed
from models.config import FusionConfig


class Projected(torch.nn.Module):
    """A branch and the way from its vectors into the one space; unit length, (…) -> (N, D)."""

    def __init__(
        self, branch: torch.nn.Module, branch_dim: int, dim: int, *, per_domain: bool = False
    ) -> None:
        super().__init__()
        self.branch = branch
        self.dim = dim
        self.heads: ByDomain | None = None
        """A way for each domain; none: they share the one below."""
        if per_domain:
            self.heads = ByDomain(lambda: torch.nn.Sequential(*_projection(branch_dim, dim)))
        else:
            self.norm, self.projection = _projection(branch_dim, dim)

    def forward(self, *inputs: Tensor, domain: Tensor | None = None) -> Tensor:
        """Encode and project; `domain` (N,) is needed where anything differs by it."""
        return self.project(routed(self.branch, *inputs, domain=domain), domain)

    def project(self, vectors: Tensor, domain: Tensor | None = None) -> Tensor:
        """(N, branch_dim) of unit length -> (N, D)."""
        if self.heads is not None:
            projected = routed(self.heads, vectors, domain=domain)
        else:
            projected = self.projection(self.norm(vectors))
        return torch.nn.functional.normalize(projected, dim=1)


def _projection(branch_dim: int, dim: int) -> tuple[torch.nn.LayerNorm, torch.nn.Linear]:
    # Unit vectors of a thousand numbers vary by far less than the usual epsilon expects.
    norm = torch.nn.LayerNorm(branch_dim, eps=1e-8)
    projection = torch.nn.Linear(branch_dim, dim)
    # Keeps the angles of the pretrained vectors about as they are until training moves them.
    torch.nn.init.orthogonal_(projection.weight)
    torch.nn.init.zeros_(projection.bias)
    return norm, projection


class Fused(NamedTuple):
    """What the gate made of B samples."""

    vectors: Tensor
    """(B, D) of unit length; zero where nothing was present."""
    weights: Tensor
    """(B, 2): of picture and text, summing to one; zero for what is absent. Equal where a head
    mixes by layers and not by weights."""


class Absent(torch.nn.Module):
    """Puts a learned vector in the place of what is missing."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.vectors = torch.nn.Parameter(torch.empty(2, dim))
        torch.nn.init.normal_(self.vectors, std=0.02)

    def forward(self, image: Tensor, text: Tensor, present: Tensor) -> Tensor:
        """Return (B, 2, D) of unit vectors (B, D) and (B, D), scaled to numbers of size one."""
        parts = torch.stack([image, text], dim=1) * image.shape[1] ** 0.5
        return torch.where(present[:, :, None], parts, self.vectors)


def equal_shares(present: Tensor, like: Tensor) -> Tensor:
    """Return (B, 2) weights of what is present, equal and summing to one."""
    there = present.to(like.dtype)
    return there / there.sum(dim=1, keepdim=True).clamp(min=1.0)


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
