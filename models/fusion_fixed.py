"""The head that weighs picture and text always alike.

    f = unit(w·i + (1-w)·t), over what is present

AMPere's later heads mix so, with w = 0.7 (papers.md §1.3). It learns nothing itself; what it mixes
was projected into one space, where training brings both together.
"""

import torch
from torch import Tensor

from models.config import FusionConfig
from models.fusion_head import Fused


class FixedMix(torch.nn.Module):
    """Adds picture and text by fixed weights."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.image_weight = config.image_weight

    def forward(self, image: Tensor, text: Tensor, present: Tensor) -> Fused:
        """Fuse (B, D) and (B, D), zero where absent, with `present` (B, 2) bool."""
        there = present.to(image.dtype)
        weights = there * there.new_tensor([self.image_weight, 1.0 - self.image_weight])
        # A weight of 0 or 1 leaves a sample of the other part alone without any.
        weights = torch.where(weights.any(dim=1, keepdim=True), weights, there)
        weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-12)
        vectors = weights[:, :1] * image + weights[:, 1:] * text
        return Fused(torch.nn.functional.normalize(vectors, dim=1), weights)
