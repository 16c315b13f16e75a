"""RICE's pairwise matching decoder: how well a page's picture fits a clip, patch by patch.

For a page with patches X (N, D) and a clip with the patches Y (M, D) of all its frames, both
brought to one width, SA self-attention, CA cross-attention with maps A (heads, N, M), FFN two
layers, each after a layer norm,

    H = X + SA(X);   Z = H + CA(H, Y);   s(X, Y) = w · mean over N of (Z + FFN(Z))

For each pair of a clip and a page p of its product, with the h pages of other products that are
nearest to the clip by the cosine of the picture vectors,

    L = −log( exp s(p) / (exp s(p) + Σ_{n nearest} exp s(n)) )

averaged over the pairs. Pages of the clip's own product are never among the h. The decoder helps to
train the image network and is left out of the checkpoint.

Yang et al., arXiv 2308.04912; one layer of each kind and h = 3 as in their code (papers.md §4.3).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from models.errors import InputError
from models.patches import Patches


@dataclass(frozen=True)
class MatchingOptions:
    """How large the decoder is, and what it is asked."""

    width: int = 128
    """Numbers of a patch inside."""
    heads: int = 4
    """Attention heads; they divide the width."""
    hardest: int = 3
    """h: pages of other products that each pair is told apart from."""


class Candidates(NamedTuple):
    """R pairs of a clip and a page of its product, each with pages that are not."""

    clip: Tensor
    """(R,) int64."""
    page: Tensor
    """(R, 1 + h) int64; the first is the clip's own."""
    known: Tensor
    """(R, 1 + h) bool: false where there are fewer than h others."""


def candidates(cosines: Tensor, clips: Tensor, pages: Tensor, hardest: int) -> Candidates:
    """Return every pair of one product with the nearest pages of other products.

    Args:
        cosines: (A, B) of clips and pages.
        clips: (A,) int64 product, or `NO_PRODUCT`.
        pages: (B,) int64 product.
        hardest: h.
    """
    same = clips[:, None] == pages[None]
    clip, own = torch.nonzero(same & (clips >= 0)[:, None], as_tuple=True)
    others = cosines.detach().masked_fill(same, -torch.inf)
    nearest = others.topk(min(hardest, cosines.shape[1]), dim=1)
    known = nearest.values[clip] > -torch.inf
    return Candidates(
        clip=clip,
        page=torch.cat([own[:, None], nearest.indices[clip]], dim=1),
        known=torch.cat([torch.ones_like(known[:, :1]), known], dim=1),
    )


class Matched(NamedTuple):
    """What the decoder says of R pairs and their candidates."""

    scores: Tensor
    """(R, 1 + h)."""
    maps: Tensor
    """(R, heads, N, M): where in the clip each patch of its own page looked."""


class MatchingDecoder(torch.nn.Module):
    """Scores pages against clips by their patches."""

    def __init__(self, dim: int, options: MatchingOptions) -> None:
        super().__init__()
        width, heads = options.width, options.heads
        if heads < 1 or width < 1 or width % heads or options.hardest < 1:
            message = (
                f"a decoder of width {width} with {heads} heads and {options.hardest} hardest"
                " pages: want a width that the heads divide, and 1 or more of each"
            )
            raise InputError(message)
        self.enter = torch.nn.Sequential(torch.nn.LayerNorm(dim), torch.nn.Linear(dim, width))
        self.alone = torch.nn.MultiheadAttention(width, heads, batch_first=True)
        self.across = torch.nn.MultiheadAttention(width, heads, batch_first=True)
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(width) for _ in range(4))
        self.forth = torch.nn.Sequential(
            torch.nn.Linear(width, 4 * width), torch.nn.GELU(), torch.nn.Linear(4 * width, width)
        )
        self.score = torch.nn.Linear(width, 1)

    def forward(self, pages: Patches, clips: Patches, asked: Candidates) -> Matched:
        """Compare each pair and its candidates."""
        seen = self._alone(pages)
        shown = self.norms[1](self.enter(clips.tokens))
        rows, each = asked.page.shape
        page, clip = asked.page.flatten(), asked.clip.repeat_interleave(each)
        states, maps = self._across(seen[page], Patches(shown[clip], clips.here[clip]))
        there = pages.here[page, :, None].to(states.dtype)
        pooled = (states * there).sum(dim=1) / there.sum(dim=1)
        scores = self.score(pooled).reshape(rows, each)
        return Matched(scores, maps.reshape(rows, each, *maps.shape[1:])[:, 0])

    def _alone(self, pages: Patches) -> Tensor:
        states: Tensor = self.enter(pages.tokens)
        calm = self.norms[0](states)
        told, _ = self.alone(calm, calm, calm, key_padding_mask=~pages.here, need_weights=False)
        alone: Tensor = states + told
        return alone

    def _across(self, states: Tensor, clips: Patches) -> tuple[Tensor, Tensor]:
        told, maps = self.across(
            self.norms[2](states), clips.tokens, clips.tokens,
            key_padding_mask=~clips.here, average_attn_weights=False,
        )  # fmt: skip
        states = states + told
        return states + self.forth(self.norms[3](states)), maps


def matching(scores: Tensor, known: Tensor) -> Tensor:
    """Return the loss, a scalar; zero where there is no pair.

    Args:
        scores: (R, 1 + h); the first is the pair's own.
        known: (R, 1 + h) bool: what counts.
    """
    if not len(scores):
        return scores.sum() * 0.0
    held = scores.masked_fill(~known, torch.finfo(scores.dtype).min)
    own = torch.zeros(len(scores), dtype=torch.int64, device=scores.device)
    return torch.nn.functional.cross_entropy(held, own)
