"""The head in which a class token looks at the picture's and the text's token.

    f = unit((i' + t')/2 + W·c),    c = the class token after the layers

with i' and t' the scaled parts, or the learned vectors of missing ones (papers.md §5.4). AMPere's
code has a transformer of four layers with a class token beside its other heads (papers.md §1.3);
the sum is added here so that training begins with the mean rather than with noise.
"""

import torch
from torch import Tensor

from models.config import FusionConfig
from models.fusion_head import Absent, Fused, equal_shares
from models.temporal import attention_layers


class TransformerFusion(torch.nn.Module):
    """Mixes picture and text by attention."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.absent = Absent(config.dim)
        self.kinds = torch.nn.Parameter(torch.empty(3, config.dim))
        """What a token is: class, picture, text; the first is the class token itself."""
        torch.nn.init.normal_(self.kinds, std=0.02)
        self.network = attention_layers(config.dim, config.layers, config.heads)
        self.norm = torch.nn.LayerNorm(config.dim)
        self.outer = torch.nn.Linear(config.dim, config.dim)
        torch.nn.init.zeros_(self.outer.weight)
        torch.nn.init.zeros_(self.outer.bias)

    def forward(self, image: Tensor, text: Tensor, present: Tensor) -> Fused:
        """Fuse (B, D) and (B, D), zero where absent, with `present` (B, 2) bool."""
        parts = self.absent(image, text, present)
        tokens = torch.cat([parts.new_zeros((len(parts), 1, parts.shape[2])), parts], dim=1)
        answer = self.network(tokens + self.kinds)[:, 0]
        mixed = parts.mean(dim=1) + self.outer(self.norm(answer))
        vectors = torch.nn.functional.normalize(mixed, dim=1)
        return Fused(vectors * present.any(dim=1, keepdim=True), equal_shares(present, image))
