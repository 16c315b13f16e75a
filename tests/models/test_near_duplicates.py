"""Groups of pages that are hard to tell apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.fusion import Layout
from models.near_duplicates import AlikeOptions, alike_groups
from models.score_blocks import BlockScorer

EYE = np.eye(6, dtype=np.float32)
LAYOUT = Layout("mean", 6, 6)


def _groups(titles: list[str | None], options: AlikeOptions, vectors: object = EYE) -> list[int]:
    stored = np.asarray(vectors, dtype=np.float32)[: len(titles)]
    scorer = BlockScorer(LAYOUT, stored, cells=5)
    found = alike_groups(titles, np.arange(len(titles)), scorer, stored, options)
    return [int(one) for one in found]


def test_titles_that_differ_by_a_word_are_alike_and_others_are_not() -> None:
    titles = ["Arla Medium Fat Milk", "red bell pepper", "ARLA  ecological medium fat milk", None]
    assert _groups(titles, AlikeOptions()) == [0, 1, 0, 2]
    assert len(set(_groups(titles, AlikeOptions(title=None)))) == 4
    assert len(set(_groups(titles, AlikeOptions(title=1.0)))) == 4
    copies: list[str | None] = ["Oat Milk", "jam", "oat  milk"]
    assert _groups(copies, AlikeOptions(title=1.0)) == [0, 1, 0]


def test_pages_with_the_same_vector_are_alike_if_vectors_count() -> None:
    vectors = EYE[[0, 1, 0, 2]]
    titles: list[str | None] = ["a tea", "b jam", "c pie", "d rye"]
    assert len(set(_groups(titles, AlikeOptions(), vectors))) == 4
    assert _groups(titles, AlikeOptions(vector=0.9), vectors) == [0, 1, 0, 2]


def test_pages_of_one_product_are_of_one_group() -> None:
    scorer = BlockScorer(LAYOUT, EYE[:3])
    products = np.array([7, 3, 7])
    found = alike_groups(["x", "y", "z"], products, scorer, EYE[:3], AlikeOptions())
    assert found.tolist() == [0, 1, 0]


@given(
    points=st.lists(st.integers(0, 12), min_size=1, max_size=10),
    cells=st.sampled_from((1, 7, 1_000)),
)
def test_chains_of_alike_pages_are_one_group(points: list[int], cells: int) -> None:
    # Angles 10 degrees apart; 10 degrees are alike and 20 are not.
    angles = np.deg2rad(np.array(points) * 10)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    scorer = BlockScorer(Layout("mean", 2, 2), vectors, cells=cells)
    options = AlikeOptions(title=None, vector=float(np.cos(np.deg2rad(15))))
    found = alike_groups([None] * len(points), np.arange(len(points)), scorer, vectors, options)
    for one, first in enumerate(points):
        for other, second in enumerate(points):
            low, high = sorted((first, second))
            chained = all(point in points for point in range(low, high + 1))
            assert (found[one] == found[other]) == chained
