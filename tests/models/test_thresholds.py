"""Thresholds: a cart of everything is the catalogue, and a cart always holds what is sold."""

import numpy as np
import pytest

from models.exam import Clips, Pages
from models.thresholds import scoped

SHOPS = ("a", "a", "b", "b", None)
PAGES = Pages(
    vectors=np.zeros((5, 2), dtype=np.float32),
    products=tuple(f"p{at}" for at in range(5)),
    shops=SHOPS,
    numbers=np.arange(5),
)


def _clips(seed: int, numbers: list[int]) -> Clips:
    draw = np.random.default_rng(seed)
    there = np.full(len(numbers), fill_value=True)
    scores = {
        "both": draw.random((len(numbers), 5)),
        "picture": draw.random((len(numbers), 5)),
        "text": np.zeros((len(numbers), 5)),
        "chatter": np.zeros((len(numbers), 5)),
    }
    usable = {"both": there, "picture": there, "text": ~there, "chatter": ~there}
    return Clips(np.array(numbers), scores, usable, np.zeros(len(numbers), dtype=np.float32))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_a_cart_of_everything_is_the_catalogue(seed: int) -> None:
    clips = _clips(seed, [0, 3, -1, 4])
    cart = scoped(clips, PAGES, "cart", cart=5, seed=seed)
    whole = scoped(clips, PAGES, "catalogue", cart=5, seed=seed)
    assert np.array_equal(cart.scores, whole.scores)
    assert np.array_equal(cart.right, whole.right)
    rows = np.concatenate(
        [[clips.scores["both"][at].max(), clips.scores["picture"][at].max()] for at in range(4)]
    )
    assert np.array_equal(whole.scores, rows)


def test_a_cart_of_one_holds_what_is_sold() -> None:
    found = scoped(_clips(1, [2, 4]), PAGES, "cart", cart=1, seed=0)
    assert found.right.all()
    assert not scoped(_clips(1, [-1, -1]), PAGES, "cart", cart=1, seed=0).right.any()


def test_a_shop_is_that_of_the_product() -> None:
    clips = _clips(2, [3])
    found = scoped(clips, PAGES, "shop", cart=1, seed=0)
    assert found.scores[0] == clips.scores["both"][0, 2:4].max()
