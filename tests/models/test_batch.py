"""A batch of the wrong shape cannot be built."""

import numpy as np
import pytest
import torch

from models.batch import Batch, BranchVectors
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
