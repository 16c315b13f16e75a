"""A dual encoder as it comes: pictures and text of one SigLIP or CLIP model in one space.

Any folder that `transformers` can load and that has `get_image_features` and `get_text_features`
will do. How it wants its pictures and words is read from the folder, so that `preprocess` makes
them and no second way from pixels to tensors exists.
(CLIP: Radford et al., arXiv 2103.00020; SigLIP: Zhai et al., arXiv 2303.15343.)
"""

import json
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from models.branches.pretrained import without_progress_bar
from models.config import EncoderConfig, Fit, FusionConfig, ImageConfig, TextConfig
from models.errors import WeightsError

_FILTERS: dict[int, Literal["bilinear", "bicubic"]] = {2: "bilinear", 3: "bicubic"}
_CLIP_TOKENS = 77


class DualImageBranch(torch.nn.Module):
    """(N, 3, H, W) float32 -> (N, D) float32 of unit length."""

    def __init__(self, model: Any, dim: int) -> None:
        super().__init__()
        self.model = model
        self.dim = dim

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, D)."""
        features = _projected(self.model.get_image_features(pixel_values=pixels))
        return torch.nn.functional.normalize(features, dim=1)


class DualTextBranch(torch.nn.Module):
    """(T, L) tokens and attention -> (T, D) float32 of unit length."""

    def __init__(self, model: Any, dim: int, *, attention: bool) -> None:
        super().__init__()
        self.model = model
        self.dim = dim
        self.attention = attention

    def forward(self, tokens: Tensor, attention: Tensor) -> Tensor:
        """(T, L), (T, L) -> (T, D)."""
        mask = attention if self.attention else None
        answer = self.model.get_text_features(input_ids=tokens, attention_mask=mask)
        return torch.nn.functional.normalize(_projected(answer), dim=1)


def _projected(answer: Any) -> Tensor:
    # Up to version 4 the answer is the tensor itself; from 5 on an object that holds it.
    found: Tensor = answer if isinstance(answer, Tensor) else answer.pooler_output
    return found


def load_dual_branches(
    folder: Path, config: EncoderConfig
) -> tuple[DualImageBranch, DualTextBranch]:
    """Return both branches of one model, on the CPU, ready to encode.

    Raises:
        WeightsError: the folder is no dual encoder, or has no safetensors.
    """
    from transformers import AutoModel

    with without_progress_bar():
        try:
            model = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        except (OSError, ValueError) as error:
            message = f"{folder} cannot be read as a SigLIP or CLIP model: {error}"
            raise WeightsError(message) from error
    if not hasattr(model, "get_image_features") or not hasattr(model, "get_text_features"):
        message = f"{folder} is a {type(model).__name__}, which does not encode pictures and text"
        raise WeightsError(message)
    model = model.float().eval().requires_grad_(requires_grad=False)
    # The width is measured, since families name it differently in their settings.
    probe = torch.zeros((1, 3, config.image.height_px, config.image.width_px))
    with torch.inference_mode():
        dim = int(_projected(model.get_image_features(pixel_values=probe)).shape[1])
    return DualImageBranch(model, dim), DualTextBranch(model, dim, attention=config.text.attention)


def dual_config(folder: Path, weights: str) -> EncoderConfig:
    """Return the settings that a SigLIP or CLIP folder was trained with.

    Args:
        folder: holds `config.json` and the settings of its image processor.
        weights: what the user called it.

    Raises:
        WeightsError: a file is absent, or says what `preprocess` cannot do.
    """
    model = _read(folder / "config.json")
    text = model.get("text_config", {})
    sigmoid = "siglip" in str(model.get("model_type", ""))
    # SigLIP was trained on texts padded to the full length and without a mask.
    tokens = int(text.get("max_position_embeddings", 64 if sigmoid else _CLIP_TOKENS))
    return EncoderConfig(
        name=f"zero-shot:{weights}",
        kind="dual",
        image=_image_config(folder, weights),
        text=TextConfig(
            weights=weights,
            max_tokens=tokens,
            padding="max" if sigmoid else "longest",
            attention=not sigmoid,
        ),
        fusion=FusionConfig(kind="mean"),
    )


def _image_config(folder: Path, weights: str) -> ImageConfig:
    settings = _processor(folder)
    size, cut = settings.get("size", 224), settings.get("crop_size")
    resample = settings.get("resample", 3)
    if resample not in _FILTERS:
        message = f"{folder} resizes with filter {resample}; known are {sorted(_FILTERS)}"
        raise WeightsError(message)
    if isinstance(size, dict) and "shortest_edge" in size:
        size = size["shortest_edge"]
    fit: Fit = "squash"
    crop = 1.0
    if isinstance(size, int):
        fit = "centre"
        cut = cut if settings.get("do_center_crop", True) and cut else size
        height, width = (cut, cut) if isinstance(cut, int) else (cut["height"], cut["width"])
        crop = min(1.0, max(height, width) / size)
    elif isinstance(size, dict) and {"height", "width"} <= set(size):
        height, width = size["height"], size["width"]
    else:
        message = f"{folder} wants pictures of size {size}, which is not known here"
        raise WeightsError(message)
    return ImageConfig(
        weights=weights,
        architecture="",
        height_px=height,
        width_px=width,
        fit=fit,
        crop=crop,
        filter=_FILTERS[resample],
        mean=_three(settings.get("image_mean", 0.5)),
        std=_three(settings.get("image_std", 0.5)),
        pool="mean",
    )


def _three(value: Any) -> tuple[float, float, float]:
    red, green, blue = value if isinstance(value, list) else (value,) * 3
    return float(red), float(green), float(blue)


def _processor(folder: Path) -> dict[str, Any]:
    alone = folder / "preprocessor_config.json"
    if alone.is_file():
        return _read(alone)
    together = _read(folder / "processor_config.json").get("image_processor")
    if not isinstance(together, dict):
        message = f"{folder} says nothing of how its pictures are prepared"
        raise WeightsError(message)
    return together


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"cannot read {path} of a SigLIP or CLIP folder: {error}"
        raise WeightsError(message) from error
    if not isinstance(data, dict):
        message = f"{path} should be a JSON object"
        raise WeightsError(message)
    return data
