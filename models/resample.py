"""How sure a share is: bootstrap intervals over groups of windows that belong together.

Efron & Tibshirani, 1993, "An Introduction to the Bootstrap", chapters 8 and 13.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Share:
    """A share with its interval of 95 %."""

    value: float
    low: float
    high: float
    count: int
    """Cases that it is a share of."""


def share_of(
    right: Sequence[bool], groups: Sequence[str], seed: int = 0, draws: int = 2_000
) -> Share | None:
    """Return the share of right cases; whole groups are drawn, for their cases are alike.

    None where there is no case.

    Args:
        right: one for each case.
        groups: which group each case is of.
        seed: of the draws.
        draws: how many.
    """
    if not right:
        return None
    names = sorted(set(groups))
    at = {name: index for index, name in enumerate(names)}
    sums = np.zeros((len(names), 2))
    for is_right, group in zip(right, groups, strict=True):
        sums[at[group]] += (is_right, 1)
    picks = np.random.default_rng(seed).integers(0, len(names), (draws, len(names)))
    drawn = sums[picks].sum(axis=1)  # draws 2
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    return Share(sum(right) / len(right), float(low), float(high), len(right))
