"""COPE's head: picture and text side by side, and one layer that makes D numbers of 2·D.

    f = unit(W·[i ; t] + b)

(papers.md §1.3 and §2.3: a linear layer for each, concatenate, linear 2D -> D, unit length.) Here i
and t are the unit vectors that the losses of the parts alone use too, rather than projections of
their own. A missing part has a learned vector in its place (papers.md §5.4).
"""

import torch
from torch import Tensor

from models.config import FusionConfig
from models.fusion_head import Absent, Fused, equal_shares


class ConcatMlp(torch.nn.Module):
    """Mixes picture and text by one linear layer."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.absent = Absent(config.dim)
        self.mix = torch.nn.Linear(2 * config.dim, config.dim)
        # Training begins with the mean of both.
        torch.nn.init.zeros_(self.mix.bias)
        with torch.no_grad():
            self.mix.weight.copy_(torch.cat([torch.eye(config.dim) / 2] * 2, dim=1))

    def forward(self, image: Tensor, text: Tensor, present: Tensor) -> Fused:
        """Fuse (B, D) and (B, D), zero where absent, with `present` (B, 2) bool."""
        mixed = self.mix(self.absent(image, text, present).flatten(start_dim=1))
        vectors = torch.nn.functional.normalize(mixed, dim=1)
        return Fused(vectors * present.any(dim=1, keepdim=True), equal_shares(present, image))
