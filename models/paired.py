"""Two systems on the same queries: how far apart they are, and how sure that is.

In: one value per query and seed for each system, and the group of each query. Out: the mean
difference with a 95 % interval by a paired bootstrap that draws groups and seeds anew at once
(Efron and Tibshirani, 1993, chapter 8; both systems keep the same draws, so what is hard for both
cancels out). Independent seeds may be paired in any order: the interval covers their spread.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.ranking import Ints

Values = npt.NDArray[np.float64]
_DRAWS_AT_ONCE = 100


@dataclass(frozen=True)
class Difference:
    """How much the first system is above the second."""

    mean: float
    interval: tuple[float, float]
    """95 %."""
    above: float
    """Share of the draws in which the first is above; half of those that are even."""
    seeds: int
    groups: int

    @property
    def holds(self) -> bool:
        """Whether the interval is wholly above zero."""
        return self.interval[0] > 0.0


def paired_difference(
    first: Values,
    second: Values,
    groups: Ints,
    strata: Ints | None = None,
    *,
    seed: int = 0,
    draws: int = 2_000,
) -> Difference:
    """Return the mean of `first` less `second`.

    Args:
        first: (S, Q) values of S seeds.
        second: (S, Q) of the same queries.
        groups: (Q,) numbers of rooms or products, drawn as a whole.
        strata: (Q,) for instance directions: the mean is that of the strata's means, so that a
            large one weighs no more; none: one stratum.
        seed: of the bootstrap.
        draws: of the bootstrap.

    Raises:
        InputError: shapes do not fit, or there is nothing to compare.
    """
    strata = np.zeros(len(groups), dtype=np.int64) if strata is None else strata
    shapes = {first.shape[1:], second.shape[1:], groups.shape, strata.shape}
    if first.ndim != 2 or first.shape != second.shape or len(shapes) != 1 or not first.size:
        message = (
            f"two systems of one shape (S, Q) are wanted, not {first.shape} and {second.shape} "
            f"with {groups.shape} groups and {strata.shape} strata"
        )
        raise InputError(message)
    sums, counts = _sums(first - second, groups, strata)
    every = np.ones((1, sums.shape[2]))
    mean = _statistic(sums, counts, np.ones((1, len(first))), every)[0]
    draw = np.random.default_rng(seed)
    found = []
    for start in range(0, draws, _DRAWS_AT_ONCE):
        some = min(_DRAWS_AT_ONCE, draws - start)
        seeds = _multiplicities(draw, some, len(first))
        found.append(_statistic(sums, counts, seeds, _multiplicities(draw, some, sums.shape[2])))
    means = np.concatenate(found)
    low, high = np.quantile(means, [0.025, 0.975])
    above = float((means > 0).mean() + 0.5 * (means == 0).mean())
    return Difference(float(mean), (float(low), float(high)), above, len(first), sums.shape[2])


def _sums(values: Values, groups: Ints, strata: Ints) -> tuple[Values, Values]:
    """Return (S, K, N) sums and (K, N) counts by stratum and group."""
    names, group = np.unique(groups, return_inverse=True)
    kinds, stratum = np.unique(strata, return_inverse=True)
    sums = np.zeros((len(values), len(kinds), len(names)))
    counts = np.zeros((len(kinds), len(names)))
    np.add.at(counts, (stratum, group), 1.0)
    for at, row in enumerate(values):
        np.add.at(sums[at], (stratum, group), row)
    return sums, counts


def _multiplicities(draw: np.random.Generator, draws: int, size: int) -> Values:
    """Return (draws, size) how many times each of `size` was drawn."""
    chosen = draw.integers(size, size=(draws, size))
    found = [np.bincount(row, minlength=size) for row in chosen]
    return np.stack(found).astype(np.float64)


def _statistic(sums: Values, counts: Values, seeds: Values, groups: Values) -> Values:
    """Return (draws,) the mean over strata of their means; a stratum that was not drawn is out."""
    size = groups @ counts.T
    total = np.einsum("ds,skn,dn->dk", seeds / seeds.sum(axis=1, keepdims=True), sums, groups,
                      optimize=True)  # fmt: skip
    means = np.divide(total, size, out=np.zeros_like(total), where=size > 0)
    found: Values = means.sum(axis=1) / np.maximum((size > 0).sum(axis=1), 1)
    return found
