"""Fusion: the cosine of fused vectors is the mix of the cosines of their parts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.batch import BranchVectors
from models.errors import MismatchError
from models.fusion import Layout, mean_of_frames, unit


def _parts(seed: int, size: int, image: bool = True, text: bool = True) -> BranchVectors:
    draw = np.random.default_rng(seed)
    rows = [unit(draw.normal(size=(size, dim)).astype(np.float32)) for dim in (5, 3)]
    present = np.full(size, image), np.full(size, text)
    return BranchVectors(rows[0] * image, rows[1] * text, *present)


@given(weight=st.floats(0.0, 1.0), seed=st.integers(0, 1_000))
def test_cosine_of_fused_vectors_is_the_weighted_cosine_of_parts(weight: float, seed: int) -> None:
    layout = Layout("concat", 5, 3, image_weight=weight)
    parts = _parts(seed, 2)
    first, second = layout.fuse(parts)
    by_hand = weight * float(parts.image[0] @ parts.image[1])
    by_hand += (1 - weight) * float(parts.text[0] @ parts.text[1])
    assert float(first @ second) == pytest.approx(by_hand, abs=1e-5)
    assert layout.compare(first, second[None])[0].score == pytest.approx(by_hand, abs=1e-5)


def test_a_query_without_text_is_scored_by_the_picture_alone() -> None:
    layout = Layout("concat", 5, 3, image_weight=0.3)
    pages = _parts(1, 4)
    query = _parts(1, 4, text=False)
    fused = layout.fuse(query)[2]
    found = layout.compare(fused, layout.fuse(pages))
    assert found[2].score == pytest.approx(1.0, abs=1e-6)
    assert set(found[2].by) == {"frames"}
    expected = [float(pages.image[2] @ row) for row in pages.image]
    assert [item.score for item in found] == pytest.approx(expected, abs=1e-5)


def test_a_page_without_picture_is_scored_by_its_text_alone() -> None:
    layout = Layout("concat", 5, 3)
    query = layout.fuse(_parts(4, 1))[0]
    page = layout.fuse(_parts(4, 1, image=False))
    assert layout.compare(query, page)[0].by == {"text": pytest.approx(1.0, abs=1e-6)}
    assert layout.compare(query, page)[0].score == pytest.approx(1.0, abs=1e-6)


def test_nothing_in_common_scores_zero() -> None:
    layout = Layout("concat", 5, 3)
    query = layout.fuse(_parts(4, 1, text=False))[0]
    page = layout.fuse(_parts(4, 1, image=False))
    assert layout.compare(query, page)[0].score == 0.0
    assert not layout.fuse(_parts(1, 1, image=False, text=False)).any()


def test_one_space_scores_the_whole_and_tells_no_parts() -> None:
    layout = Layout("mean", 3, 3)
    draw = np.random.default_rng(0)
    image, text = (unit(draw.normal(size=(2, 3)).astype(np.float32)) for _ in range(2))
    there = np.full(2, fill_value=True)
    first, second = layout.fuse(BranchVectors(image, text, there, there))
    found = layout.compare(first, second[None])[0]
    assert found.score == pytest.approx(float(first @ second), abs=1e-6)
    assert found.by == {}
    assert layout.dim == 3


def test_frames_are_averaged_within_their_own_sample() -> None:
    vectors = unit(np.array([[1, 0], [0, 1], [0, 2]], dtype=np.float32))
    mean = mean_of_frames(vectors, np.array([0, 0, 2]), 3)
    half = math.sqrt(0.5)
    assert mean == pytest.approx(np.array([[half, half], [0, 0], [0, 1]]), abs=1e-6)


def test_layout_survives_its_json_and_refuses_another() -> None:
    layout = Layout("concat", 5, 3, image_weight=0.25)
    assert Layout.from_json(layout.to_json()) == layout
    with pytest.raises(MismatchError, match="not known here"):
        Layout.from_json('{"kind": "concat", "shape": 3}')
