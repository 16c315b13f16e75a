"""The image branch: an ImageNet network without its classifier, one vector a picture.

A live room shows its product near the middle of the frame, so the feature map is averaged with a
Gaussian weight around its centre rather than evenly: on Grocery's photos it found the page as
first of 81 in .399 of cases, against .389 for the even mean and .328 for the generalised mean.
"""

from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from models.config import ImageConfig, Pool
from models.errors import InputError, WeightsError

CENTRE_WIDTH = 0.6
"""Standard deviation of the centre weight, as a share of half the feature map."""


class FeatureNetwork(Protocol):
    """A network with a spatial feature map, as `timm` makes them."""

    num_features: int

    def forward_features(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, D, h, w)."""


def pool_map(features: Tensor, pool: Pool) -> Tensor:
    """(N, D, h, w) -> (N, D)."""
    if pool == "mean":
        return features.mean(dim=(2, 3))
    rows, columns = (_bell(length, features) for length in features.shape[2:])
    return torch.einsum("ndhw,h,w->nd", features, rows, columns)


def _bell(length: int, like: Tensor) -> Tensor:
    at = torch.arange(length, dtype=like.dtype, device=like.device) - (length - 1) / 2
    weights = torch.exp(-((at / (length / 2 * CENTRE_WIDTH)) ** 2) / 2)
    return weights / weights.sum()


class Seen(NamedTuple):
    """What an image branch makes of N pictures."""

    vectors: Tensor
    """(N, D) of unit length."""
    features: Tensor
    """(N, D, h, w), the map that they were pooled from."""


class ImageBranch(torch.nn.Module):
    """(N, 3, H, W) float32 -> (N, D) float32 of unit length."""

    def __init__(self, network: FeatureNetwork, pool: Pool) -> None:
        super().__init__()
        self.network = network
        self.pool: Pool = pool
        self.dim = network.num_features

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, D)."""
        return self.see(pixels).vectors

    def see(self, pixels: Tensor) -> Seen:
        """(N, 3, H, W) -> both what is pooled and what it was pooled from."""
        # Channels-last is a third faster on a CPU and changes no value's meaning.
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        features = self.network.forward_features(pixels)
        pooled = pool_map(features, self.pool)
        return Seen(torch.nn.functional.normalize(pooled, dim=1), features)

    def first_stages(self, count: int) -> list[torch.nn.Module]:
        """Return the stem and the first blocks.

        Raises:
            InputError: the network has no such parts.
        """
        network: Any = self.network
        if not all(hasattr(network, name) for name in ("conv_stem", "bn1", "blocks")):
            message = f"a {type(network).__name__} has no stem and blocks; frozen_blocks must be 0"
            raise InputError(message)
        return [network.conv_stem, network.bn1, *network.blocks[:count]]


def make_image_branch(config: ImageConfig) -> ImageBranch:
    """Return a branch of `timm` with random weights, which the caller replaces.

    Raises:
        WeightsError: `timm` knows no such network.
    """
    import timm

    try:
        network = timm.create_model(config.architecture, pretrained=False, num_classes=0)
    except RuntimeError as error:
        message = f"timm has no network {config.architecture!r}: {error}"
        raise WeightsError(message) from error
    return ImageBranch(network.to(memory_format=torch.channels_last), config.pool)


def load_image_branch(folder: Path, config: ImageConfig) -> ImageBranch:
    """Return the branch with the weights of a folder, on the CPU, ready to encode.

    Raises:
        WeightsError: the weights are absent or of another network.
    """
    from safetensors.torch import load_file

    path = folder / "model.safetensors"
    branch = make_image_branch(config)
    network: Any = branch.network
    try:
        weights = load_file(path)
        answer = network.load_state_dict(weights, strict=False)
    except (OSError, RuntimeError) as error:
        message = f"{path} cannot be read as {config.architecture}: {error}"
        raise WeightsError(message) from error
    # The classifier is left out, and counters of batches do not matter to inference.
    spare = [key for key in answer.unexpected_keys if not key.startswith("classifier.")]
    absent = [key for key in answer.missing_keys if not key.endswith("num_batches_tracked")]
    if spare or absent:
        message = f"{path} is not {config.architecture}: {len(absent)} tensors absent, {spare[:3]}"
        raise WeightsError(message)
    return branch.eval().requires_grad_(requires_grad=False)
