"""Tiny random vision models of `transformers`, as folders."""

from pathlib import Path
from typing import Any

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 32,
    "patch_size": 8,
}
FAMILIES = ("vit", "siglip", "clip", "dinov2", "registers")


def vision_model(family: str) -> Any:
    """Return a random model of a family, the same at every call."""
    import torch
    from transformers import (
        CLIPVisionConfig,
        CLIPVisionModel,
        Dinov2Config,
        Dinov2Model,
        Dinov2WithRegistersConfig,
        Dinov2WithRegistersModel,
        SiglipVisionConfig,
        SiglipVisionModel,
        ViTConfig,
        ViTModel,
    )

    torch.manual_seed(11)
    # Larger weights than those of a fresh model let the picture through.
    small: dict[str, Any] = {**SMALL, "initializer_range": 0.2}
    made: dict[str, Any] = {
        "vit": lambda: ViTModel(ViTConfig(**small)),
        "siglip": lambda: SiglipVisionModel(SiglipVisionConfig(**small)),
        "clip": lambda: CLIPVisionModel(CLIPVisionConfig(**small)),
        "dinov2": lambda: Dinov2Model(Dinov2Config(**small)),
        "registers": lambda: Dinov2WithRegistersModel(Dinov2WithRegistersConfig(**small)),
    }
    return made[family]()


def save_vision(folder: Path, family: str) -> Path:
    """Write a random vision model as a hub folder."""
    vision_model(family).save_pretrained(folder)
    return folder
