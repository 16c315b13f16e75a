"""One-shot classification against a loop over draws and queries."""

import numpy as np
import pytest

from models.errors import InputError
from models.found import Groups
from models.fusion import Layout, unit
from models.one_shot import draw_supports, one_shot
from models.score_blocks import BlockScorer

LAYOUT = Layout("mean", 4, 4)


def test_accuracy_is_that_of_the_loop() -> None:
    draw = np.random.default_rng(2)
    gallery = unit(draw.integers(-1, 2, (14, 4)).astype(np.float32))
    gallery_product = np.array([-1, 0, 0, 2, 2, 2, 2, 5, 5, 7, 7, 7, -1, 0])
    queries = unit(draw.integers(-1, 2, (20, 4)).astype(np.float32))
    products = draw.choice([0, 2, 5, 7, 8, -1], size=20)
    supports = draw_supports(gallery_product, 6, seed=3)
    whole = BlockScorer(LAYOUT, gallery)(queries)
    right = []
    for at, product in enumerate(products):
        if product not in {0, 2, 5, 7}:
            continue
        for drawn in supports:
            scores = {int(gallery_product[row]): whole[at, row] for row in drawn}
            best = max(scores.values())
            alone = list(scores.values()).count(best) == 1
            right.append(alone and scores[int(product)] == best)
    scorer = BlockScorer(LAYOUT, gallery, cells=30)
    groups = Groups(np.arange(20), "products")
    found = one_shot(scorer, (queries, products, groups), gallery_product, draws=6, seed=3)
    assert found.accuracy == pytest.approx(np.mean(right))
    assert (found.queries * 6, found.products, found.draws) == (len(right), 4, 6)
    assert found.interval is not None
    assert found.interval[0] <= found.accuracy <= found.interval[1]
    together = Groups(np.zeros(20, dtype=np.int64), "rooms")
    lonely = one_shot(scorer, (queries, products, together), gallery_product, draws=6, seed=3)
    assert (lonely.accuracy, lonely.interval) == (found.accuracy, None)


def test_every_row_of_a_product_is_drawn_in_its_turn_and_no_other() -> None:
    products = np.array([3, 1, 3, -1, 3])
    supports = draw_supports(products, 60, seed=0)
    assert supports.shape == (60, 2)
    assert set(supports[:, 0]) == {1}
    assert set(supports[:, 1]) == {0, 2, 4}


def test_queries_of_other_products_are_refused() -> None:
    one = np.eye(4, dtype=np.float32)
    groups = Groups(np.zeros(1, dtype=np.int64), "products")
    with pytest.raises(InputError, match="none of 1 queries"):
        one_shot(BlockScorer(LAYOUT, one), (one[:1], np.array([9]), groups), np.arange(4))
