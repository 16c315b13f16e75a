"""Matryoshka: any loss over prefixes of the vectors, so that their first numbers alone are vectors.

For prefix lengths m with weights c_m, and a loss ℓ between two sets of vectors of unit length,

    L = Σ_m c_m · ℓ(unit(a_1…m), unit(b_1…m)) / Σ_m c_m

where the whole vectors are one of the prefixes, with weight one. An index may then keep the first
half or quarter of each vector, made unit length again, and lose little.

Kusupati et al., arXiv 2205.13147, equation 1, divided by the sum of its weights so that L stays as
large as ℓ.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class PrefixWeights:
    """How much shorter vectors count, beside whole ones with weight 1; both 0: not at all."""

    half: float = 0.0
    """Of the first half of the numbers, 64 of 128."""
    quarter: float = 0.0
    """Of the first quarter, 32 of 128."""

    def of(self, dim: int) -> tuple[tuple[int, float], ...]:
        """Return the lengths that count, longest first, each with its weight."""
        lengths = ((dim, 1.0), (dim // 2, self.half), (dim // 4, self.quarter))
        return tuple((length, weight) for length, weight in lengths if weight and length)


def nested(loss: Loss, first: Tensor, second: Tensor, prefixes: PrefixWeights) -> Tensor:
    """Return the loss over all prefixes, a scalar; `loss` itself where only whole vectors count.

    Args:
        loss: of (A, m) and (B, m), both of unit length, for any m.
        first: (A, D) of unit length.
        second: (B, D) likewise.
        prefixes: which m count, and how much.
    """
    dim = first.shape[1]
    found = loss(first, second)
    # Whole vectors are not made unit length again: without prefixes no bit changes.
    shorter = prefixes.of(dim)[1:]
    if not shorter:
        return found
    for length, weight in shorter:
        found = found + weight * loss(_prefix(first, length), _prefix(second, length))
    return found / (1.0 + sum(weight for _, weight in shorter))


def _prefix(vectors: Tensor, length: int) -> Tensor:
    return torch.nn.functional.normalize(vectors[:, :length], dim=1)
