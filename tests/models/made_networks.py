"""Tiny networks as a trainer holds them, and the encoder of their checkpoint."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import save

from models.branches.text import load_text_branch, load_tokenizer
from models.checkpoint import save_checkpoint
from models.config import EncoderConfig
from models.encoder import Encoder, load_encoder
from models.preprocess import Tokenizer
from models.trained import TrainedNetworks, shipped_config, start_networks


@dataclass(frozen=True)
class Made:
    """Networks as a trainer holds them, and the encoder of their checkpoint."""

    networks: TrainedNetworks
    tokenizer: Tokenizer
    config: EncoderConfig
    encoder: Encoder
    folder: Path


def made_networks(weights: Path, folder: Path, base: EncoderConfig, prefix: int = 0) -> Made:
    """Write a checkpoint of its own into a folder.

    Args:
        weights: holds `image`, `vit` and `text`.
        folder: gets the checkpoint.
        base: settings; names of weights and sizes are replaced.
        prefix: that the encoder keeps.
    """
    vit = base.image.family == "transformers"
    image = replace(
        base.image,
        weights=str(weights / ("vit" if vit else "image")),
        architecture="" if vit else "test_efficientnet",
        height_px=32,
        width_px=32,
    )
    text = replace(base.text, weights=str(weights / "text"), max_tokens=16)
    config = replace(base, frames=4, image=image, text=text)
    torch.manual_seed(5)
    branch = load_text_branch(weights / "text", config.text)
    networks = start_networks(Path(image.weights), branch, config)
    # As after training: nothing is zero or the same for all domains any more.
    with torch.no_grad():
        for name, parameter in networks.named_parameters():
            if name in networks.weights() and parameter.ndim < 3:
                parameter.add_(0.1 * torch.randn_like(parameter))
    blob = save(networks.weights())
    shipped = shipped_config(config, "tiny", 32)
    own = folder / f"checkpoint-{len(list(folder.iterdir()))}"
    save_checkpoint(own, shipped, "# tiny\n", weights=blob, files=networks.files())
    encoder = load_encoder(str(own), own, "cpu", prefix=prefix)
    tokenizer = load_tokenizer(weights / "text", config.text)
    return Made(networks.eval(), tokenizer, config, encoder, own)
