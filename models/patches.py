"""Feature maps of pictures as lists of patches, those of one sample's pictures together.

In: what an image branch says of N pictures before it is pooled. Out: padded tensors and a mask.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Patches(NamedTuple):
    """Patches of some samples; a sample with few pictures has padding behind."""

    tokens: Tensor
    """(S, M, D), zero where there is padding."""
    here: Tensor
    """(S, M) bool: no padding."""


def of_map(features: Tensor) -> Tensor:
    """(N, D, h, w) -> (N, h·w, D), row by row."""
    return features.flatten(2).transpose(1, 2)


def by_sample(patches: Tensor, frame_of: Tensor, rows: Tensor) -> Patches:
    """Put the patches of each sample's pictures side by side, in their order.

    Args:
        patches: (N, P, D) of the pictures of B samples.
        frame_of: (N,) int64, the sample of each.
        rows: (B,) bool, which samples are wanted; S of them.
    """
    place = torch.where(rows, rows.cumsum(0) - 1, -1)[frame_of]
    patches, place = patches[place >= 0], place[place >= 0]
    # How many pictures of the same sample come before.
    slot = (place[:, None] == place[None]).tril(-1).sum(dim=1)
    samples, slots = int(rows.sum()), int(slot.max()) + 1 if len(slot) else 0
    _, each, dim = patches.shape
    empty = patches.new_zeros((samples, slots, each, dim))
    tokens = empty.index_put((place, slot), patches)
    here = torch.zeros((samples, slots, each), dtype=torch.bool, device=patches.device)
    here[place, slot] = True
    return Patches(tokens.reshape(samples, slots * each, dim), here.reshape(samples, slots * each))
