"""The networks of an encoder, from a checkpoint or a trainer, and what names their weights."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch

from models import preprocess
from models.branches.text import load_text_branch, load_tokenizer, make_text_branch
from models.checkpoint import WEIGHTS, Checkpoint, identity_of
from models.config import IMAGE_FOLDER, OWN_WEIGHTS, TEXT_FOLDER
from models.errors import WeightsError
from models.registry import Registry
from models.trained import TrainedNetworks, image_branch, load_networks


@dataclass(frozen=True)
class Branches:
    """The networks of an encoder; by settings that say so they take each row's `domain` too."""

    image: torch.nn.Module
    """(N, 3, H, W) -> (N, D_image), unit length."""
    image_dim: int
    text: torch.nn.Module
    """(T, L), (T, L) -> (T, D_text), unit length."""
    text_dim: int
    tokenizer: preprocess.Tokenizer
    gate: torch.nn.Module | None = None
    """A trained head that fuses the two; none: the settings' fixed weights."""
    temporal: torch.nn.Module | None = None
    """Relates the pictures of a sample; none: their mean is taken."""

    @classmethod
    def trained(cls, networks: TrainedNetworks, tokenizer: preprocess.Tokenizer) -> "Branches":
        """Return trained networks as the parts of an encoder."""
        image, text = networks.image, networks.text
        rest = (tokenizer, networks.gate, networks.temporal)
        return cls(image, image.dim, text, text.dim, *rest)


def load_branches(
    checkpoint: Checkpoint, cache_dir: Path, registry: Registry
) -> tuple[Branches, dict[str, str]]:
    """Return the networks of a checkpoint and the identities of their weights.

    Raises:
        WeightsError: weights are absent, damaged, or of other networks.
    """
    config, trained = checkpoint.config, checkpoint.weights_sha256
    own = config.text.weights == OWN_WEIGHTS
    text_folder = checkpoint.folder / TEXT_FOLDER
    if not own:
        text_folder = registry.resolve(config.text.weights, cache_dir)
    load_text = make_text_branch if own else load_text_branch
    text, tokenizer = load_text(text_folder, config.text), load_tokenizer(text_folder, config.text)
    weights = {"text": _identity(config.text.weights, text_folder, registry)}
    if trained is not None:
        weights["checkpoint"] = trained
    if config.fusion.trained:
        if trained is None or config.image.weights != OWN_WEIGHTS:
            how = "gate" if config.fusion.kind == "gated" else config.fusion.kind
            message = f"{checkpoint.folder} fuses by {how}, but {WEIGHTS} of its own is not there"
            raise WeightsError(message)
        made = load_networks(checkpoint.folder / WEIGHTS, text, config)
        if config.image.family == "transformers":
            weights["image"] = identity_of(checkpoint.folder / IMAGE_FOLDER)
        return Branches.trained(made, tokenizer), weights
    image_folder = registry.resolve(config.image.weights, cache_dir)
    image = image_branch(image_folder, config.image)
    weights["image"] = _identity(config.image.weights, image_folder, registry)
    return Branches(image, image.dim, text, text.dim, tokenizer), weights


def _identity(name: str, folder: Path, registry: Registry) -> str:
    known = {entry.name: entry.identity for entry in registry.entries}
    return known.get(name) or identity_of(folder)


def on_cpu(network: torch.nn.Module | None) -> torch.nn.Module | None:
    """Return a small network where it is run: itself, or a copy of one that learns on a GPU."""
    if network is None or all(one.device.type == "cpu" for one in network.parameters()):
        return network
    return deepcopy(network).cpu().eval()
