"""Blocks of scores against the comparison that matching uses."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.fusion import Layout, unit
from models.score_blocks import BlockScorer

LAYOUTS = (Layout("mean", 6, 6), Layout("concat", 4, 6, image_weight=0.7))


def _vectors(layout: Layout, count: int, seed: int) -> npt.NDArray[np.float32]:
    """Return vectors of which some lack a part, or both."""
    drawn = np.random.default_rng(seed).normal(size=(count, layout.dim)).astype(np.float32)
    drawn[::3, : layout.image_dim] = 0
    drawn[1::4, layout.image_dim :] = 0
    return unit(drawn)


@given(seed=st.integers(0, 999), cells=st.integers(1, 40), which=st.sampled_from(LAYOUTS))
def test_blocks_are_the_scores_of_the_comparison(seed: int, cells: int, which: Layout) -> None:
    queries, pages = _vectors(which, 7, seed), _vectors(which, 9, seed + 1)
    slow = [[one.score for one in which.compare(query, pages)] for query in queries]
    scorer = BlockScorer(which, pages, cells=cells)
    found = np.full((7, 9), np.nan)
    for where, block in scorer.blocks(queries):
        assert block.size <= max(cells, 9), "a block is one query at least, and else no larger"
        found[where] = block
    assert found == pytest.approx(np.array(slow), abs=1e-6)
    assert (found == scorer(queries)).all()


def test_copies_of_a_page_tie_to_the_last_bit() -> None:
    layout = LAYOUTS[0]
    pages = np.repeat(_vectors(layout, 5, 3), 7, axis=0)
    scores = BlockScorer(layout, pages)(_vectors(layout, 11, 4)).reshape(11, 5, 7)
    assert (scores == scores[:, :, :1]).all()


def test_a_prefix_is_the_cosine_of_the_first_numbers() -> None:
    layout = LAYOUTS[0]
    queries, pages = _vectors(layout, 4, 1), _vectors(layout, 5, 2)
    short_q, short_p = unit(queries[:, :2]), unit(pages[:, :2])
    found = BlockScorer(layout, pages, prefix=2)(queries)
    assert found == pytest.approx(short_q @ short_p.T, abs=1e-6)


def test_prefixes_that_are_none_are_refused() -> None:
    pages = _vectors(LAYOUTS[0], 2, 0)
    with pytest.raises(InputError, match="--prefix 7: want 1 to 6"):
        BlockScorer(LAYOUTS[0], pages, prefix=7)
    with pytest.raises(InputError, match="side by side"):
        BlockScorer(LAYOUTS[1], _vectors(LAYOUTS[1], 2, 0), prefix=4)
