"""RICE's patch feature reconstruction: a page's patches as mixtures of the clip's.

For a pair of one product with the decoder's attention maps A (heads, N, M), the page's patches X
(N, D) and the clip's Y (M, D),

    W = softmax over M of conv(A);    L = 1/(N·D) · ‖W·Y − X‖²

averaged over the page patches of all pairs; conv is two 1×1 convolutions, heads → heads/2 → 1. X
and Y are constants here: the gradient goes through W alone, so that a patch of the page learns to
look at the same place of the product in the clip.

Yang et al., arXiv 2308.04912; the softmax as in their second code (papers.md §4.3).
"""

import torch
from torch import Tensor

from models.patches import Patches


class PatchReconstruction(torch.nn.Module):
    """Rebuilds the patches of pages from those of clips."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        inner = max(1, heads // 2)
        self.first = torch.nn.Conv2d(heads, inner, 1)
        self.last = torch.nn.Conv2d(inner, 1, 1)

    def forward(self, maps: Tensor, pages: Patches, clips: Patches) -> Tensor:
        """Return the loss, a scalar; zero where there is no pair.

        Args:
            maps: (R, heads, N, M).
            pages: N patches of R pages.
            clips: M patches of the R clips beside them.
        """
        if not len(maps):
            return maps.sum() * 0.0
        votes = self.votes(maps)
        votes = votes.masked_fill(~clips.here[:, None], torch.finfo(votes.dtype).min)
        rebuilt = torch.softmax(votes, dim=2) @ clips.tokens.detach()
        wrong = (rebuilt - pages.tokens.detach()).square().mean(dim=2)
        return wrong[pages.here].mean()

    def votes(self, maps: Tensor) -> Tensor:
        """(R, heads, N, M) -> (R, N, M): W before the softmax."""
        found: Tensor = self.last(torch.relu(self.first(maps)))
        return found[:, 0]
