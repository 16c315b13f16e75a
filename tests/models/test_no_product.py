"""Figures of silence against loops over every threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.no_product import coverage_at, fpr_at_tpr

SCORES = st.lists(st.integers(0, 6), min_size=1, max_size=25)


@given(above=SCORES, below=SCORES, tpr=st.sampled_from((0.5, 0.95, 1.0)))
def test_fpr_is_that_of_the_highest_threshold_that_keeps_enough(
    above: list[int], below: list[int], tpr: float
) -> None:
    kept = [t for t in range(7) if sum(one >= t for one in above) >= tpr * len(above) - 1e-9]
    slow = sum(one >= max(kept) for one in below) / len(below)
    assert fpr_at_tpr(above, below, tpr) == pytest.approx(slow)


def test_nineteen_of_twenty_are_95_percent() -> None:
    assert fpr_at_tpr([0, *[5] * 19], [1, 1]) == 0.0
    assert fpr_at_tpr([0, 0, *[5] * 18], [1, 1, -1]) == pytest.approx(2 / 3)


@given(
    clips=st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=25),
    precision=st.sampled_from((0.5, 0.95, 0.99)),
)
def test_coverage_is_the_best_of_all_thresholds(
    clips: list[tuple[int, bool]], precision: float
) -> None:
    best: tuple[int, int, int | None] = (0, 0, None)
    for threshold in range(5, -1, -1):
        answered = [right for score, right in clips if score >= threshold]
        if len(answered) > best[0] and sum(answered) >= precision * len(answered) - 1e-9:
            best = (len(answered), sum(answered), min(s for s, _ in clips if s >= threshold))
    scores = np.array([float(score) for score, _ in clips])
    right = np.array([one for _, one in clips])
    found = coverage_at(precision, scores, right, products=len(clips))
    assert found.coverage == pytest.approx(best[0] / len(clips))
    assert found.recall == pytest.approx(best[1] / len(clips))
    assert found.threshold == best[2]


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        fpr_at_tpr([], [0.1])
    with pytest.raises(InputError, match="no clips"):
        coverage_at(0.95, np.zeros(0), np.zeros(0, dtype=bool), 0)
