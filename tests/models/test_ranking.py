"""Rankings against a loop that places one page after the other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.fusion import Layout
from models.ranking import Ranked, rank
from models.score_blocks import BlockScorer

LAYOUT = Layout("mean", 3, 3)


def _slow(scores: list[float], product: int, gallery: list[int]) -> tuple[int, float, float]:
    """Return pages before the first right one, AP and nDCG@10; a wrong page wins every tie."""
    order = sorted(range(len(scores)), key=lambda at: (-scores[at], gallery[at] == product, at))
    right = [place for place, at in enumerate(order, start=1) if gallery[at] == product]
    if not right:
        return -1, 0.0, 0.0
    precision = [turn / place for turn, place in enumerate(right, start=1)]
    gain = sum(1 / math.log2(1 + place) for place in right if place <= 10)
    best = sum(1 / math.log2(1 + place) for place in range(1, min(10, len(right)) + 1))
    return right[0] - 1, sum(precision) / len(right), gain / best


def _ranked(queries: int, gallery: list[int], seed: int, cells: int) -> tuple[Ranked, list[int]]:
    draw = np.random.default_rng(seed)
    # Few directions, so that many scores tie.
    vectors = draw.integers(0, 2, (queries + len(gallery), 3)).astype(np.float32)
    products = draw.integers(-1, 4, queries)
    scorer = BlockScorer(LAYOUT, vectors[queries:], cells=cells)
    asked = vectors[:queries]
    found = rank(scorer, asked, products, np.array(gallery))
    slow = [
        _slow(list(row), int(product), gallery) if product >= 0 else (-1, 0.0, 0.0)
        for row, product in zip(scorer(asked), products, strict=True)
    ]
    assert found.before.tolist() == [before for before, _, _ in slow]
    assert found.average_precision == pytest.approx([one for _, one, _ in slow])
    assert found.ndcg_at_10 == pytest.approx([one for _, _, one in slow])
    return found, products.tolist()


@given(
    gallery=st.lists(st.integers(-1, 3), min_size=1, max_size=25),
    seed=st.integers(0, 999),
    cells=st.sampled_from((1, 30, 10_000)),
)
def test_rankings_are_those_of_the_loop_in_blocks_of_any_size(
    gallery: list[int], seed: int, cells: int
) -> None:
    found, products = _ranked(8, gallery, seed, cells)
    for at, product in enumerate(products):
        if found.right_at[at] >= 0:
            assert gallery[found.right_at[at]] == product
        if found.wrong_at[at] >= 0:
            # Clips of no product are wrong even for a query of none.
            assert product < 0 or gallery[found.wrong_at[at]] != product
    first = (found.right_score > found.wrong_score).tolist()
    assert first == (found.before == 0).tolist()


def test_what_says_the_same_of_everything_finds_nothing() -> None:
    same = np.ones((5, 3), dtype=np.float32)
    gallery = np.array([0, 0, 1, 2, 3])
    found = rank(BlockScorer(LAYOUT, same), same[:2], np.array([0, 1]), gallery)
    assert found.before.tolist() == [3, 4]
    assert found.average_precision == pytest.approx([(1 / 4 + 2 / 5) / 2, 1 / 5])
    assert found.reciprocal == pytest.approx([1 / 4, 1 / 5])
    assert found.hit(4).tolist() == [1.0, 0.0]


def test_a_query_without_a_right_page_hits_nothing() -> None:
    one = np.eye(3, dtype=np.float32)
    found = rank(BlockScorer(LAYOUT, one), one[:1], np.array([9]), np.arange(3))
    assert (found.before[0], found.right_at[0]) == (-1, -1)
    assert (found.hit(5)[0], found.reciprocal[0]) == (0.0, 0.0)
    assert found.best_score[0] == 1.0


def test_shapes_that_do_not_fit_are_refused() -> None:
    one = np.eye(3, dtype=np.float32)
    with pytest.raises(InputError, match="3 pages with 2"):
        rank(BlockScorer(LAYOUT, one), one, np.arange(3), np.arange(2))
