"""InfoNCE between the vectors of two domains, with several positives and rows of no product.

For an anchor i with positives P_i (keys of its product) and negatives N_i (all other keys), with
s_ij = cos(i, j) / τ and label smoothing ε,

    Z_ip = Σ_{j ∈ {p} ∪ N_i} exp(s_ij)
    L_ip = log Z_ip − (1 − ε)·s_ip − ε/(1 + |N_i|) · Σ_{j ∈ {p} ∪ N_i} s_ij
    L_i  = 1/|P_i| · Σ_{p ∈ P_i} L_ip

so each positive competes with the negatives only: keys of one product are never pushed apart. A
row whose product is `NO_PRODUCT` is nobody's positive and no anchor, but everybody's negative. The
loss of a direction is the mean over the anchors that have a positive; both directions count half.

van den Oord et al., arXiv 1807.03748; τ = 0.05 and ε = 0.1 as in COPE (papers.md §1.3).
"""

import torch
from torch import Tensor

NO_PRODUCT = -1


def info_nce(
    first: Tensor,
    second: Tensor,
    first_product: Tensor,
    second_product: Tensor,
    temperature: float = 0.05,
    smoothing: float = 0.1,
) -> Tensor:
    """Return the loss, a scalar; zero where no row of one side has a partner on the other.

    Args:
        first: (A, D) of unit length.
        second: (B, D) of unit length.
        first_product: (A,) int64 product of each row, or `NO_PRODUCT`.
        second_product: (B,) likewise.
        temperature: τ, above 0.
        smoothing: ε, from 0 to below 1.
    """
    scores = first @ second.T / temperature
    same = (first_product[:, None] == second_product[None]) & (first_product >= 0)[:, None]
    one = _direction(scores, same, smoothing)
    other = _direction(scores.T, same.T, smoothing)
    return (one + other) / 2


def _direction(scores: Tensor, same: Tensor, smoothing: float) -> Tensor:
    """(A, B) scores and who belongs together -> the mean of L_i over anchors with a positive."""
    anchors = same.any(dim=1)
    if not bool(anchors.any()):
        return scores.sum() * 0.0
    scores, same = scores[anchors], same[anchors]
    against = scores.masked_fill(same, torch.finfo(scores.dtype).min)
    # (A, 1) over the negatives, then (A, B) with each key as if it were the positive.
    log_z = torch.logaddexp(torch.logsumexp(against, dim=1, keepdim=True), scores)
    negatives = (~same).sum(dim=1, keepdim=True)
    spread = scores.masked_fill(same, 0.0).sum(dim=1, keepdim=True) + scores
    losses = log_z - (1 - smoothing) * scores - smoothing * spread / (1 + negatives)
    per_anchor = losses.masked_fill(~same, 0.0).sum(dim=1) / same.sum(dim=1)
    return per_anchor.mean()
