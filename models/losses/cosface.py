"""CosFace: vectors of all domains against one learned centre for each product, with a margin.

For a row of product y and centres c, with cosines cos θ_c, scale s and margin m,

    L = −log( exp(s·(cos θ_y − m)) / (exp(s·(cos θ_y − m)) + Σ_{c≠y} exp(s·cos θ_c)) )

averaged over the rows that have a product. Rows of `NO_PRODUCT` are left out. For a large catalogue
the sum runs over the centres of the batch and a drawn share of the others.

Wang et al., arXiv 1801.09414, equation 4; sampled centres: An et al., arXiv 2203.15565. Margin 0.4,
scale 64 and centres shared by the domains as in COPE (papers.md §2.3).
"""

import torch
from torch import Tensor


def cosface(
    vectors: Tensor,
    product: Tensor,
    centres: Tensor,
    margin: float = 0.4,
    scale: float = 64.0,
) -> Tensor:
    """Return the loss, a scalar; zero where no row has a product.

    Args:
        vectors: (B, D) of unit length.
        product: (B,) int64 row of `centres`, or `NO_PRODUCT`.
        centres: (C, D) of unit length.
        margin: m, a cosine.
        scale: s, above 0.
    """
    known = product >= 0
    if not bool(known.any()):
        return vectors.sum() * 0.0
    own = product[known]
    cosines = vectors[known] @ centres.T
    held = cosines - margin * torch.nn.functional.one_hot(own, len(centres)).to(cosines.dtype)
    return torch.nn.functional.cross_entropy(scale * held, own)


def sampled(product: Tensor, centres: int, share: float, draw: torch.Generator) -> Tensor:
    """Return which centres a step looks at, in order: the batch's, and a share of all.

    Args:
        product: (B,) int64, may hold `NO_PRODUCT`.
        centres: how many there are.
        share: from 0 (only the batch's) to 1 (all).
        draw: of the others.
    """
    chosen = torch.zeros(centres, dtype=torch.bool)
    chosen[product[product >= 0]] = True
    wanted = round(share * centres) - int(chosen.sum())
    if wanted > 0:
        others = torch.nonzero(~chosen)[:, 0]
        chosen[others[torch.randperm(len(others), generator=draw)[:wanted]]] = True
    return torch.nonzero(chosen)[:, 0]
