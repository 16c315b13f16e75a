"""Metrics against a loop that anybody can follow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.evaluate import auroc, interval, ranks, recall


def _slow_rank(scores: list[float], product: int, gallery: list[int]) -> int:
    best = max(score for score, of in zip(scores, gallery, strict=True) if of == product)
    before = 0
    for score, of in zip(scores, gallery, strict=True):
        if of != product and score >= best:
            before += 1
    return before


@given(
    gallery=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    queries=st.lists(st.integers(0, 7), min_size=1, max_size=8),
    seed=st.integers(0, 999),
)
def test_ranks_are_those_of_the_loop_with_ties_and_several_right_pages(
    gallery: list[int], queries: list[int], seed: int
) -> None:
    products = [gallery[query % len(gallery)] for query in queries]
    # Few values, so that many scores tie.
    scores = np.random.default_rng(seed).integers(0, 4, (len(products), len(gallery))) / 4
    found = ranks(scores, np.array(products), np.array(gallery))
    slow = [_slow_rank(list(row), of, gallery) for row, of in zip(scores, products, strict=True)]
    assert found.tolist() == slow
    summed = recall(found, np.array(products), len(gallery))
    assert summed.recall_at_1 == pytest.approx(sum(rank == 0 for rank in slow) / len(slow))
    assert summed.recall_at_5 == pytest.approx(sum(rank < 5 for rank in slow) / len(slow))
    assert summed.mrr == pytest.approx(sum(1 / (rank + 1) for rank in slow) / len(slow))
    low, high = summed.recall_at_1_interval
    assert 0.0 <= low <= high <= 1.0


def test_a_network_that_says_the_same_of_everything_finds_nothing() -> None:
    found = ranks(np.ones((2, 3)), np.array([0, 1]), np.array([0, 1, 2]))
    assert found.tolist() == [2, 2]


def test_a_query_without_a_page_is_refused() -> None:
    with pytest.raises(InputError, match="no page"):
        ranks(np.ones((1, 2)), np.array([5]), np.array([0, 1]))
    with pytest.raises(InputError, match=r"\(1, 2\), but there are 1 queries and 3"):
        ranks(np.ones((1, 2)), np.array([0]), np.array([0, 1, 2]))


def test_the_interval_is_of_products_and_not_of_queries() -> None:
    values = np.array([1.0] * 50 + [0.0] * 50)
    few = interval(values, np.repeat(np.arange(2), 50))
    many = interval(values, np.arange(100))
    assert few == (0.0, 1.0)
    assert 0.35 < many[0] < 0.5 < many[1] < 0.65
    assert interval(values, np.arange(100)) == many


@given(
    above=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    below=st.lists(st.integers(0, 4), min_size=1, max_size=8),
)
def test_auroc_counts_pairs(above: list[int], below: list[int]) -> None:
    pairs = [(one, other) for one in above for other in below]
    slow = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs)
    assert auroc(above, below) == pytest.approx(slow / len(pairs))


def test_auroc_of_one_side_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        auroc([0.1], [])
