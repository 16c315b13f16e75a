"""Sums of rankings, and what their intervals resample."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import InputError
from models.evaluate import interval
from models.found import Groups, found, groups_of
from models.fusion import Layout
from models.manifest import Row
from models.ranking import rank
from models.score_blocks import BlockScorer

ROW = Row("a", "live", (), "test")


def test_figures_are_means_over_queries_that_have_a_right_page() -> None:
    vectors = np.eye(4, dtype=np.float32)
    asked = vectors[[0, 1, 1, 3]]
    products = np.array([0, 1, 2, 9])
    ranked = rank(BlockScorer(Layout("mean", 4, 4), vectors), asked, products, np.arange(4))
    summed = found(ranked, products, Groups(np.array([0, 0, 1, 2]), "rooms"), 4)
    assert (summed.queries, summed.left_out, summed.products, summed.groups) == (3, 1, 3, 2)
    # The third query sees product 1 first, and its own page ties with two others.
    assert summed.recall_at_1 == pytest.approx(2 / 3)
    assert summed.map == pytest.approx((1 + 1 + 1 / 4) / 3)
    assert summed.intervals["recall_at_1"] == (0.0, 1.0)
    with pytest.raises(InputError, match="none of 1 queries"):
        found(ranked.take(np.array([3])), products[3:], Groups(np.array([0]), "rooms"), 4)


def test_queries_are_grouped_by_room_and_where_there_is_none_by_product() -> None:
    rooms = groups_of([replace(ROW, stream_id="b"), ROW, replace(ROW, stream_id="b")])
    assert (rooms.by, rooms.numbers.tolist()) == ("rooms", [1, 0, 1])
    alone = groups_of([replace(ROW, product_id="z"), ROW, replace(ROW, product_id="z")])
    assert (alone.by, alone.numbers.tolist()) == ("products", [1, 0, 1])


def test_a_bootstrap_in_parts_draws_what_it_would_at_once() -> None:
    values, groups = np.random.default_rng(1).random(30), np.repeat(np.arange(10), 3)
    sums = np.bincount(groups, weights=values)
    chosen = np.random.default_rng(5).integers(10, size=(1_000, 10))
    low, high = np.quantile(sums[chosen].sum(axis=1) / 30, [0.025, 0.975])
    assert interval(values, groups, seed=5) == pytest.approx((low, high))
