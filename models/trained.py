"""The trained encoder's networks as one module: what the trainer optimises and the live path loads.

Saved are the image networks, what relates a sample's pictures, the projections and the heads. A
text network that stays frozen is named in the settings, not copied; one that learns is saved too.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from models.batch import Batch
from models.branches.image import ImageBranch, Seen, load_image_branch, make_image_branch
from models.branches.pretrained import settings_of
from models.branches.text import TextBranch, tokenizer_files
from models.branches.vision import VisionBranch, load_vision_branch, make_vision_branch
from models.by_domain import ByDomain, networks_in, routed
from models.config import IMAGE_FOLDER, OWN_WEIGHTS, TEXT_FOLDER, EncoderConfig, ImageConfig
from models.errors import InputError, WeightsError
from models.fusion_head import Projected, mean_of_frames
from models.fusion_kinds import make_head
from models.losses.matching import MatchingOptions
from models.pairwise import PairwiseNetworks
from models.patches import of_map
from models.temporal import TemporalIntegration, packed

_TEXT = "text.branch."
_NOT_SHIPPED = ("centres", "pairwise.")


class Spoken(NamedTuple):
    """What the networks say of B samples; (B, D) each, zero where absent."""

    image: Tensor
    text: Tensor
    fused: Tensor
    present: Tensor
    """(B, 2) bool: picture, text."""
    patches: Tensor | None = None
    """(N, P, D_map) of the pictures before they are pooled; where `pairwise` looks at them."""


def _see(branch: ImageBranch | VisionBranch) -> Callable[[Tensor], Seen]:
    return branch.see


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
        used = attention.bool() if self._branch.trims else torch.ones_like(attention).bool()
        tokens, attention = tokens[used], attention[used]
        key = tokens.numpy().tobytes()
        if key not in self._known:
            with torch.no_grad():
                there = next(self._branch.parameters()).device
                said = self._branch(tokens[None].to(there), attention[None].to(there))
                self._known[key] = said[0]
        return self._known[key]


class TrainedNetworks(torch.nn.Module):
    """Both projected branches and the head, for all domains."""

    def __init__(
        self, image: ImageBranch | VisionBranch, text: TextBranch, config: EncoderConfig
    ) -> None:
        super().__init__()
        if not config.fusion.trained:
            message = f"an encoder that fuses by {config.fusion.kind} has nothing to be trained"
            raise InputError(message)
        dim = self._dim = config.fusion.dim
        self.config = config
        per_domain = config.fusion.per_domain
        own = self._copies if config.sharing == "separate" else lambda network: network
        text.requires_grad_(requires_grad=False)
        read = own(text) if config.text.trained else text
        self.image = Projected(own(image), image.dim, dim, per_domain=per_domain)
        self.text = Projected(read, text.dim, dim, per_domain=per_domain)
        self.gate = make_head(config.fusion)
        self.temporal: torch.nn.Module | None = None
        """Relates the pictures of a sample; none: their mean is taken."""
        if config.temporal.layers:
            made = TemporalIntegration(dim, config.frames, config.temporal)
            self.temporal = own(made)
        self.centres: torch.nn.Parameter | None = None
        """(C, D), one for each trained product; for training only."""
        self.pairwise: PairwiseNetworks | None = None
        """Compare patches; for training only."""

    @staticmethod
    def _copies(network: torch.nn.Module) -> ByDomain:
        return ByDomain(lambda: deepcopy(network))

    def forward(self, batch: Batch, text_vectors: Tensor | None = None) -> Spoken:
        """Encode a batch.

        Args:
            batch: of samples.
            text_vectors: (T, D_text), what the frozen text network says, as `reader` gives it;
                unused where the text network learns.

        Raises:
            InputError: they are needed and not given.
        """
        if self.config.text.trained:
            text_vectors = self._read(batch)
        if text_vectors is None:
            message = "the text network is frozen: give what it says of the batch's texts"
            raise InputError(message)
        image, patches = self._see(batch)
        text = image.new_zeros(image.shape)
        projected = self.text.project(text_vectors, batch.domain[batch.text_of])
        text = text.index_copy(0, batch.text_of, projected)
        present = torch.zeros((batch.size, 2), dtype=torch.bool, device=image.device)
        present[batch.frame_of, 0] = True
        present[batch.text_of, 1] = True
        fused = routed(self.gate, image, text, present, domain=batch.domain)
        return Spoken(image, text, fused.vectors, present, patches)

    def _see(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Return (B, D), what a sample's pictures say together, zero without any; and patches."""
        if not len(batch.pixels):
            return batch.pixels.new_zeros((batch.size, self.image.dim)), None
        domain, patches = batch.domain[batch.frame_of], None
        if self.pairwise is None:
            frames = self.image(batch.pixels, domain=domain)
        else:
            seen = routed(self.image.branch, batch.pixels, domain=domain, way=_see)
            frames, patches = self.image.project(seen.vectors, domain), of_map(seen.features)
        return self._together(frames, batch), patches

    def _together(self, frames: Tensor, batch: Batch) -> Tensor:
        if self.temporal is None:
            return mean_of_frames(frames, batch.frame_of, batch.size)
        rows, there, samples = packed(frames, batch.frame_of)
        made: Tensor = routed(self.temporal, rows, there, domain=batch.domain[samples])
        return made.new_zeros((batch.size, self.image.dim)).index_copy(0, samples, made)

    def _read(self, batch: Batch) -> Tensor:
        if not len(batch.tokens):
            return batch.pixels.new_zeros((0, networks_in(self.text.branch)[0].dim))
        domain = batch.domain[batch.text_of]
        read: Tensor = routed(self.text.branch, batch.tokens, batch.attention, domain=domain)
        return read

    def reader(self) -> Callable[[Batch], Tensor | None]:
        """Return what gives `forward` its `text_vectors`: a memory, or none where they learn."""
        if self.config.text.trained:
            return lambda _batch: None
        return TextMemory(networks_in(self.text.branch)[0])

    def learn_centres(self, products: int) -> None:
        """Add a centre for each product, drawn from torch's global generator."""
        self.centres = torch.nn.Parameter(torch.randn(products, self._dim))

    def learn_pairwise(self, options: MatchingOptions) -> None:
        """Add what compares patches, drawn from torch's global generator."""
        branch = networks_in(self.image.branch)[0]
        self.pairwise = PairwiseNetworks(branch.dim, options)

    def release(self, frozen_blocks: int) -> None:
        """Let everything learn but a frozen text network and the image network's first stages."""
        self.requires_grad_(requires_grad=True)
        if not self.config.text.trained:
            self.text.branch.requires_grad_(requires_grad=False)
        if frozen_blocks:
            for branch in networks_in(self.image.branch):
                for stage in branch.first_stages(frozen_blocks):
                    stage.requires_grad_(requires_grad=False)

    def files(self) -> dict[str, bytes]:
        """Return what else a checkpoint must hold to make these networks: settings, a tokenizer.

        Raises:
            WeightsError: the tokenizer's files are gone.
        """
        found: dict[str, bytes] = {}
        image, text = (networks_in(one.branch)[0] for one in (self.image, self.text))
        if isinstance(image, VisionBranch):
            found[f"{IMAGE_FOLDER}/config.json"] = settings_of(image.network)
        if self.config.text.trained:
            found[f"{TEXT_FOLDER}/config.json"] = settings_of(text.network)
            found |= {
                f"{TEXT_FOLDER}/{name}": one for name, one in tokenizer_files(text.folder).items()
            }
        return found

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
            if self.config.text.trained or not name.startswith(_TEXT)
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
        spare = _NOT_SHIPPED if self.config.text.trained else (*_NOT_SHIPPED, _TEXT)
        absent = [name for name in answer.missing_keys if not name.startswith(spare)]
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
    return TrainedNetworks(image_branch(image_folder, config.image), text, config)


def image_branch(folder: Path, config: ImageConfig) -> ImageBranch | VisionBranch:
    """Return the image branch with the weights of a folder, on the CPU, ready to encode.

    Raises:
        WeightsError: the weights are absent or of another network.
    """
    if config.family == "transformers":
        return load_vision_branch(folder, config)
    return load_image_branch(folder, config)


def load_networks(path: Path, text: TextBranch, config: EncoderConfig) -> TrainedNetworks:
    """Return the networks of a checkpoint, on the CPU, ready to encode.

    Raises:
        WeightsError: the file cannot be read or is of other networks.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(path)
    except (OSError, RuntimeError, SafetensorError) as error:
        message = f"{path} cannot be read as trained weights: {error}"
        raise WeightsError(message) from error
    made: ImageBranch | VisionBranch
    if config.image.family == "transformers":
        made = make_vision_branch(path.parent / IMAGE_FOLDER, config.image)
    else:
        made = make_image_branch(config.image)
    networks = TrainedNetworks(made, text, config)
    networks.take(weights, str(path))
    return networks.eval().requires_grad_(requires_grad=False)


def shipped_config(config: EncoderConfig, name: str, side_px: int) -> EncoderConfig:
    """Return the settings as a checkpoint states them: weights of its own, and the live size."""
    image = replace(config.image, weights=OWN_WEIGHTS, height_px=side_px, width_px=side_px)
    text = replace(config.text, weights=OWN_WEIGHTS) if config.text.trained else config.text
    return replace(config, name=name, image=image, text=text)
