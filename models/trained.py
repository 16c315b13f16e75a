"""The trained encoder's networks as one module: what the trainer optimises and the live path loads.

Saved are the image network, both projections and the gate; the text network stays frozen and is
named in the settings, not copied.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from models.batch import Batch
from models.branches.image import ImageBranch, load_image_branch
from models.branches.text import TextBranch
from models.config import OWN_WEIGHTS, EncoderConfig
from models.errors import InputError, WeightsError
from models.fusion_head import Gate, Projected, mean_of_frames
from models.losses.matching import MatchingOptions
from models.pairwise import PairwiseNetworks
from models.patches import of_map

_FROZEN = "text.branch."
_NOT_SHIPPED = (_FROZEN, "centres", "pairwise.")


class Spoken(NamedTuple):
    """What the networks say of B samples; (B, D) each, zero where absent."""

    image: Tensor
    text: Tensor
    fused: Tensor
    present: Tensor
    """(B, 2) bool: picture, text."""
    patches: Tensor | None = None
    """(N, P, D_map) of the pictures before they are pooled; where `pairwise` looks at them."""


class TextMemory:
    """What the frozen text network says, each text once and alone, as the live encoder reads it."""

    def __init__(self, branch: TextBranch) -> None:
        self._branch = branch
        self._known: dict[bytes, Tensor] = {}

    def __call__(self, batch: Batch) -> Tensor:
        """Return (T, D_text) of unit length."""
        rows = [self._one(*pair) for pair in zip(batch.tokens, batch.attention, strict=True)]
        return torch.stack(rows) if rows else torch.zeros((0, self._branch.dim))

    def _one(self, tokens: Tensor, attention: Tensor) -> Tensor:
        used = tokens[attention.bool()]
        key = used.numpy().tobytes()
        if key not in self._known:
            with torch.no_grad():
                self._known[key] = self._branch(used[None], torch.ones_like(used)[None])[0]
        return self._known[key]


class TrainedNetworks(torch.nn.Module):
    """Both projected branches and the gate."""

    def __init__(self, image: ImageBranch, text: TextBranch, config: EncoderConfig) -> None:
        super().__init__()
        if config.fusion.kind != "gated":
            message = f"only an encoder that fuses by gate is trained, not by {config.fusion.kind}"
            raise InputError(message)
        dim = self._dim = config.fusion.dim
        self.image = Projected(image, image.dim, dim)
        self.text = Projected(text.requires_grad_(requires_grad=False), text.dim, dim)
        self.gate = Gate(config.fusion)
        self.centres: torch.nn.Parameter | None = None
        """(C, D), one for each trained product; for training only."""
        self.pairwise: PairwiseNetworks | None = None
        """Compare patches; for training only."""

    def forward(self, batch: Batch, text_vectors: Tensor) -> Spoken:
        """Encode a batch; `text_vectors` (T, D_text) are what the frozen text network says."""
        frames = batch.pixels.new_zeros((0, self.image.dim))
        patches = None
        if len(batch.pixels) and self.pairwise is None:
            frames = self.image(batch.pixels)
        elif len(batch.pixels):
            branch: Any = self.image.branch
            features = branch.features(batch.pixels)
            frames, patches = self.image.project(branch.pooled(features)), of_map(features)
        image = mean_of_frames(frames, batch.frame_of, batch.size)
        text = image.new_zeros(image.shape)
        text = text.index_copy(0, batch.text_of, self.text.project(text_vectors))
        present = torch.zeros((batch.size, 2), dtype=torch.bool)
        present[batch.frame_of, 0] = True
        present[batch.text_of, 1] = True
        fused = self.gate(image, text, present)
        return Spoken(image, text, fused.vectors, present, patches)

    def learn_centres(self, products: int) -> None:
        """Add a centre for each product, drawn from torch's global generator."""
        self.centres = torch.nn.Parameter(torch.randn(products, self._dim))

    def learn_pairwise(self, options: MatchingOptions) -> None:
        """Add what compares patches, drawn from torch's global generator."""
        branch: Any = self.image.branch
        self.pairwise = PairwiseNetworks(branch.dim, options)

    def release(self, frozen_blocks: int) -> None:
        """Let everything learn but the text network and the first stages of the image network."""
        network: Any = self.image.branch.network
        self.requires_grad_(requires_grad=True)
        self.text.branch.requires_grad_(requires_grad=False)
        if frozen_blocks:
            for stage in (network.conv_stem, network.bn1, *network.blocks[:frozen_blocks]):
                stage.requires_grad_(requires_grad=False)

    def weights(self) -> dict[str, Tensor]:
        """Return what a checkpoint keeps."""
        return {
            name: tensor
            for name, tensor in self.state().items()
            if not name.startswith(_NOT_SHIPPED)
        }

    def state(self) -> dict[str, Tensor]:
        """Return what a stopped run needs: also the centres, and what compares patches."""
        return {
            name: tensor.detach().contiguous()
            for name, tensor in self.state_dict().items()
            if not name.startswith(_FROZEN)
        }

    def take(self, weights: dict[str, Tensor], origin: str) -> None:
        """Take over what `weights` or `state` returned.

        Raises:
            WeightsError: it is of other networks.
        """
        try:
            answer = self.load_state_dict(weights, strict=False)
        except RuntimeError as error:
            message = f"{origin} does not fit the networks that its settings name: {error}"
            raise WeightsError(message) from error
        absent = [name for name in answer.missing_keys if not name.startswith(_NOT_SHIPPED)]
        if absent or answer.unexpected_keys:
            message = (
                f"{origin} does not fit the networks that its settings name: {len(absent)} tensors "
                f"absent {absent[:3]}, unknown {answer.unexpected_keys[:3]}"
            )
            raise WeightsError(message)


def start_networks(image_folder: Path, text: TextBranch, config: EncoderConfig) -> TrainedNetworks:
    """Return networks to train: pretrained branches, fresh projections and gate.

    The fresh parts are drawn from torch's global generator, which the caller seeds.

    Raises:
        WeightsError: the image weights are absent or of another network.
    """
    return TrainedNetworks(load_image_branch(image_folder, config.image), text, config)


def load_networks(path: Path, text: TextBranch, config: EncoderConfig) -> TrainedNetworks:
    """Return the networks of a checkpoint, on the CPU, ready to encode.

    Raises:
        WeightsError: the file cannot be read or is of other networks.
    """
    import timm
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        network = timm.create_model(config.image.architecture, pretrained=False, num_classes=0)
        weights = load_file(path)
    except (OSError, RuntimeError, SafetensorError) as error:
        message = f"{path} cannot be read as trained weights: {error}"
        raise WeightsError(message) from error
    network = network.to(memory_format=torch.channels_last)
    networks = TrainedNetworks(ImageBranch(network, config.image.pool), text, config)
    networks.take(weights, str(path))
    return networks.eval().requires_grad_(requires_grad=False)


def shipped_config(config: EncoderConfig, name: str, side_px: int) -> EncoderConfig:
    """Return the settings as a checkpoint states them: weights of its own, and the live size."""
    image = replace(config.image, weights=OWN_WEIGHTS, height_px=side_px, width_px=side_px)
    return replace(config, name=name, image=image)
