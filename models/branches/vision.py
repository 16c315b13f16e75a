"""The image branch of `transformers`: ViT, DINOv2, the vision half of SigLIP or CLIP, and kin.

Its patches make a feature map like that of a convolutional network, so that the same poolings
suit both; beside them it has the state of its class token and an output of its own.
(ViT: Dosovitskiy et al., arXiv 2010.11929; DINOv2: Oquab et al., arXiv 2304.07193.)
"""

import inspect
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.branches.image import Seen, pool_map
from models.branches.pretrained import from_settings, pretrained
from models.config import ImageConfig, Pool
from models.errors import InputError, WeightsError


class VisionBranch(torch.nn.Module):
    """(N, 3, H, W) float32 -> (N, D) float32 of unit length."""

    def __init__(self, network: Any, pool: Pool) -> None:
        super().__init__()
        self.network = network
        self.pool: Pool = pool
        self.dim = int(network.config.hidden_size)
        # Position vectors of another picture size are interpolated where the model can.
        known = inspect.signature(network.forward).parameters
        self._resizes = "interpolate_pos_encoding" in known

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, D)."""
        return self.see(pixels).vectors

    def see(self, pixels: Tensor) -> Seen:
        """(N, 3, H, W) -> both the vectors and the states of the patches where they lie."""
        answer = self.answer(pixels)
        features = self._map(answer, pixels)
        if self.pool == "pooled":
            vectors = answer.pooler_output
        elif self.pool == "cls":
            vectors = answer.last_hidden_state[:, 0]
        else:
            vectors = pool_map(features, self.pool)
        return Seen(torch.nn.functional.normalize(vectors, dim=1), features)

    def first_stages(self, count: int) -> list[torch.nn.Module]:
        """Return the embedding and the first layers."""
        lists = (part for part in self.network.modules() if isinstance(part, torch.nn.ModuleList))
        layers: list[torch.nn.Module] = list(next(lists, ()))
        return [self.network.embeddings, *layers[:count]]

    def answer(self, pixels: Tensor) -> Any:
        """Return what the network itself says of (N, 3, H, W)."""
        side = self.network.config.image_size
        other = set(pixels.shape[2:]) != {side}
        extra = {"interpolate_pos_encoding": True} if other and self._resizes else {}
        return self.network(pixel_values=pixels, **extra)

    def _map(self, answer: Any, pixels: Tensor) -> Tensor:
        patch = int(self.network.config.patch_size)
        height, width = (side // patch for side in pixels.shape[2:])
        # Class and register tokens come before the patches.
        states: Tensor = answer.last_hidden_state[:, -height * width :]
        return states.transpose(1, 2).reshape(len(states), -1, height, width)


def load_vision_branch(folder: Path, config: ImageConfig) -> VisionBranch:
    """Return the branch with the weights of a folder, on the CPU, ready to encode.

    Raises:
        WeightsError: the folder is no vision model, or lacks tensors.
        InputError: the model has not what the settings want of it.
    """
    return _checked(pretrained(folder, "vision", config.pool), folder, config)


def make_vision_branch(folder: Path, config: ImageConfig) -> VisionBranch:
    """Return a branch with random weights, by the settings that a checkpoint keeps.

    Raises:
        WeightsError: they cannot be read.
        InputError: the model has not what the settings want of it.
    """
    return _checked(from_settings(folder, "vision", config.pool), folder, config)


def _checked(network: Any, folder: Path, config: ImageConfig) -> VisionBranch:
    """Look at one grey picture: families differ in what they answer."""
    settings = network.config
    if not all(hasattr(settings, name) for name in ("hidden_size", "patch_size", "image_size")):
        message = f"{folder} is a {type(network).__name__}, which does not see pictures in patches"
        raise WeightsError(message)
    branch = VisionBranch(network, config.pool)
    grey = torch.zeros((1, 3, config.height_px, config.width_px))
    patches = (config.height_px // settings.patch_size) * (config.width_px // settings.patch_size)
    try:
        with torch.inference_mode():
            answer = branch.answer(grey)
    except (ValueError, RuntimeError) as error:
        message = f"{folder} cannot see {config.width_px}×{config.height_px} pixels: {error}"
        raise InputError(message) from error
    classes = answer.last_hidden_state.shape[1] - patches
    if (config.pool == "cls" and classes < 1) or (
        config.pool == "pooled" and getattr(answer, "pooler_output", None) is None
    ):
        message = f"{folder} has no {config.pool} output; image.pool mean or centre will do"
        raise InputError(message)
    return branch
