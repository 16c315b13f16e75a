"""A batch of the wrong shape cannot be built."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.batch import Batch, BranchVectors, joined
from models.errors import InputError


def _batch(**changes: torch.Tensor) -> Batch:
    parts = {
        "pixels": torch.zeros(2, 3, 4, 4),
        "frame_of": torch.tensor([0, 2]),
        "tokens": torch.zeros(1, 5, dtype=torch.int64),
        "attention": torch.zeros(1, 5, dtype=torch.int64),
        "text_of": torch.tensor([1]),
        "domain": torch.tensor([0, 2, 1]),
    }
    return Batch(size=3, **{**parts, **changes})


def test_a_batch_with_all_shapes_right_is_built() -> None:
    assert _batch().size == 3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("pixels", torch.zeros(2, 4, 4, 3), r"pixels should be \(N, 3, H, W\)"),
        ("frame_of", torch.tensor([0]), "frame_of should be"),
        ("frame_of", torch.tensor([0, 3]), "outside 0…2"),
        ("text_of", torch.tensor([-1]), "outside 0…2"),
        ("attention", torch.zeros(1, 4), "tokens and attention"),
        ("domain", torch.tensor([0, 1]), "domain should be"),
        ("domain", torch.tensor([0, 1, 3]), "domain names one outside 0…2"),
    ],
)
def test_a_wrong_shape_is_named(name: str, value: torch.Tensor, said: str) -> None:
    with pytest.raises(InputError, match=said):
        _batch(**{name: value})


def test_branch_vectors_need_a_mask_for_every_sample() -> None:
    rows = np.zeros((2, 3), dtype=np.float32)
    with pytest.raises(InputError, match="branch vectors of 2 samples"):
        BranchVectors(rows, rows, np.zeros(2, dtype=bool), np.zeros(1, dtype=bool))


def test_joined_vectors_know_their_domains_only_if_all_of_them_do() -> None:
    draw = np.random.default_rng(1)
    rows = draw.random((2, 2, 3), dtype=np.float32)
    masks = np.array([[True, False], [True, True]])
    parts = [
        BranchVectors(rows[at], -rows[at], masks[at], ~masks[at], np.array([at, 2]))
        for at in range(2)
    ]
    found = joined(parts)
    assert np.array_equal(found.image, rows.reshape(4, 3))
    assert np.array_equal(found.text, -rows.reshape(4, 3))
    assert found.has_image.tolist() == [True, False, True, True]
    assert found.has_text.tolist() == [False, True, False, False]
    assert found.domain is not None
    assert found.domain.tolist() == [0, 2, 1, 2]
    assert joined([parts[0], replace(parts[1], domain=None)]).domain is None
