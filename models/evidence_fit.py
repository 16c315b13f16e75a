"""Fits how much scores by modality speak for a candidate: logistic regression, by Newton's steps.

In: scores of candidates whose truth is known. The regression's log odds less those of the sample
are log-likelihood ratios, whatever share of the sample is right (King and Zeng, 2001, "Logistic
Regression in Rare Events Data", section 4.1).
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.evidence import EvidenceWeights, Witness

Array = npt.NDArray[np.float64]
_RIDGE = 0.01
"""Keeps the weights finite where scores part the right candidates from the others wholly."""
_STEPS = 100


def fit_evidence(
    scores: npt.ArrayLike, right: npt.ArrayLike, witnesses: Sequence[Witness]
) -> EvidenceWeights:
    """Return the weights under which the truth is likeliest.

    Args:
        scores: (N, K) of candidates, a column for each modality.
        right: (N,) whether each candidate is what was being sold.
        witnesses: K modalities.

    Raises:
        InputError: shapes that do not fit, or candidates that are all right or all wrong.
    """
    values, truth = np.asarray(scores, np.float64), np.asarray(right, np.float64)
    if values.shape != (len(truth), len(witnesses)) or not np.isfinite(values).all():
        message = f"got scores {values.shape}, truths {truth.shape} for {len(witnesses)} modalities"
        raise InputError(message)
    if not 0 < truth.sum() < len(truth):
        message = f"of {len(truth)} candidates {int(truth.sum())} are right: some should, not all"
        raise InputError(message)
    odds = math.log(truth.sum() / (len(truth) - truth.sum()))
    middle = values.mean(axis=0)
    inputs = np.column_stack([values - middle, np.ones(len(values))])
    found = _newton(inputs, truth, np.append(np.zeros(len(witnesses)), odds))
    offset = float(found[-1] - found[:-1] @ middle) - odds
    return EvidenceWeights(offset, dict(zip(witnesses, map(float, found[:-1]), strict=True)))


def _newton(inputs: Array, truth: Array, weights: Array) -> Array:
    ridge = np.diag([*[_RIDGE] * (inputs.shape[1] - 1), 0.0])

    def loss(at: Array) -> float:
        misses = np.logaddexp(0.0, np.where(truth > 0, -1.0, 1.0) * (inputs @ at)).sum()
        return float(misses + 0.5 * at @ ridge @ at)

    for _ in range(_STEPS):
        likely = 0.5 * (1.0 + np.tanh(0.5 * (inputs @ weights)))
        slope = inputs.T @ (likely - truth) + ridge @ weights
        if float(np.abs(slope).max()) < 1e-9 * len(truth):
            break
        bend = (inputs * (likely * (1.0 - likely))[:, None]).T @ inputs + ridge
        step = np.linalg.solve(bend + 1e-12 * np.eye(len(weights)), slope)
        while loss(weights - step) > loss(weights) and float(np.abs(step).max()) > 1e-12:
            step = step / 2
        weights = weights - step
    return weights
