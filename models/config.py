"""What an encoder is, as frozen dataclasses saved as JSON beside its weights.

In: JSON objects. Out: checked settings. Whatever changes a vector is here and so in the
fingerprint; whatever does not (devices, batch sizes, folders) must not be.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args

from models.errors import InputError

Fit = Literal["centre", "squash", "letterbox"]
Pool = Literal["mean", "centre"]
Kind = Literal["branches", "dual"]
Fusion = Literal["concat", "mean", "gated"]
OWN_WEIGHTS = "checkpoint"
"""In place of a registry name: the weights lie in the checkpoint's own `model.safetensors`."""
FORMAT = 1
"""Raised when an old reader would misunderstand a new file."""


@dataclass(frozen=True)
class ImageConfig:
    """How pictures become vectors."""

    weights: str = "efficientnet-lite0"
    """Name in the weights registry, or a folder; `checkpoint`: beside these settings."""
    architecture: str = "tf_efficientnet_lite0"
    """Name of the network in `timm`; unused by a dual encoder."""
    height_px: int = 224
    """What the network sees."""
    width_px: int = 224
    """What the network sees."""
    fit: Fit = "centre"
    """`centre` cuts the middle, `squash` ignores the aspect ratio, `letterbox` adds borders."""
    crop: float = 0.875
    """Share of the short side that `centre` keeps; 1 keeps the largest square."""
    filter: Literal["bilinear", "bicubic"] = "bicubic"
    """How pictures are resized."""
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Subtracted from channels that run from 0 to 1."""
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Divides channels after the mean was subtracted."""
    pool: Pool = "centre"
    """How the feature map becomes one vector: its mean, or one that weighs the middle more."""

    def __post_init__(self) -> None:
        _check("image.height_px", self.height_px, 16, 1024)
        _check("image.width_px", self.width_px, 16, 1024)
        _check("image.crop", self.crop, 0.1, 1.0)
        for value in self.std:
            _check("image.std", value, 1e-3, 10.0)


@dataclass(frozen=True)
class TextConfig:
    """How titles and words become vectors."""

    weights: str = "all-minilm-l6-v2"
    """Name in the weights registry, or a folder."""
    max_tokens: int = 64
    """Longer texts are cut, special tokens included."""
    padding: Literal["longest", "max"] = "longest"
    """`max` pads every text to `max_tokens`, as SigLIP was trained."""
    attention: bool = True
    """Whether the network is told which tokens are padding."""

    def __post_init__(self) -> None:
        _check("text.max_tokens", self.max_tokens, 4, 4096)


@dataclass(frozen=True)
class FusionConfig:
    """How branch vectors become one."""

    kind: Fusion = "concat"
    """`concat` keeps the branches apart, `mean` needs them in one space, `gated` brings them there
    and weighs them sample by sample; only a trained checkpoint can."""
    image_weight: float = 0.5
    """Share of the picture in a cosine between two samples that have both, from 0 to 1; unused by
    `gated`."""
    dim: int = 128
    """D of the one space of `gated`; unused by the others."""
    gate_hidden: int = 64
    """Width of the network that weighs; unused by all but `gated`."""

    def __post_init__(self) -> None:
        _check("fusion.image_weight", self.image_weight, 0.0, 1.0)
        _check("fusion.dim", self.dim, 2, 4096)
        _check("fusion.gate_hidden", self.gate_hidden, 1, 4096)

    def deciding(self) -> dict[str, str | float]:
        """Return what of these settings decides a vector, for the fingerprint."""
        if self.kind == "gated":
            return {"kind": self.kind, "dim": self.dim, "gate_hidden": self.gate_hidden}
        return {"kind": self.kind, "image_weight": self.image_weight}


@dataclass(frozen=True)
class EncoderConfig:
    """Everything that decides what vector a sample gets, weights aside."""

    name: str = "untrained"
    """For people; not part of the fingerprint."""
    kind: Kind = "branches"
    """`dual`: one model of the SigLIP or CLIP family encodes pictures and text."""
    frames: int = 8
    """Most pictures of one sample that are looked at, chosen evenly."""
    image: ImageConfig = field(default_factory=ImageConfig)
    text: TextConfig = field(default_factory=TextConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)

    def __post_init__(self) -> None:
        _check("frames", self.frames, 1, 64)
        if self.kind == "dual" and self.fusion.kind != "mean":
            message = f"a dual encoder fuses by mean, not by {self.fusion.kind!r}"
            raise InputError(message)


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        message = f"encoder setting {name} is {value}, but must be from {low} to {high}"
        raise InputError(message)


def to_json(config: EncoderConfig) -> str:
    """Return the settings as JSON that `from_json` reads, the same text for the same settings."""
    return json.dumps({"format": FORMAT, **dataclasses.asdict(config)}, indent=2) + "\n"


def from_json(text: str, origin: str = "encoder settings") -> EncoderConfig:
    """Return checked settings.

    Args:
        text: what `to_json` wrote.
        origin: where the text is from, for messages.

    Raises:
        InputError: it is not JSON, or a key is unknown, or a value out of its range.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{origin} is not JSON: {error}"
        raise InputError(message) from error
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        message = f'{origin} should be an object with "format": {FORMAT}'
        raise InputError(message)
    return _build(EncoderConfig, data, origin)


def load_config(path: Path) -> EncoderConfig:
    """Return the settings in a file.

    Raises:
        InputError: the file is absent or wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read the encoder settings {path}: {error}"
        raise InputError(message) from error
    return from_json(text, str(path))


Options = TypeVar("Options", EncoderConfig, ImageConfig, TextConfig, FusionConfig)
_PARTS: dict[str, Any] = {"image": ImageConfig, "text": TextConfig, "fusion": FusionConfig}


def _build(cls: type[Options], data: dict[str, Any], origin: str) -> Options:
    fields = {item.name: item for item in dataclasses.fields(cls)}
    unknown = sorted(set(data) - set(fields))
    if unknown:
        message = f"{origin} has {unknown[0]!r}, which is none of {', '.join(sorted(fields))}"
        raise InputError(message)
    made: dict[str, Any] = {}
    for key, value in data.items():
        made[key] = _value(key, fields[key], value, origin)
    return cls(**made)


def _value(key: str, spec: Any, value: Any, origin: str) -> Any:
    if key in _PARTS and spec.default is dataclasses.MISSING:
        if not isinstance(value, dict):
            message = f"{origin}: {key} should be an object, not {value!r}"
            raise InputError(message)
        return _build(_PARTS[key], value, f"{origin}: {key}")
    choices = get_args(spec.type)
    if isinstance(spec.default, tuple):
        if not isinstance(value, list) or len(value) != 3:
            message = f"{origin}: {key} should be three numbers, not {value!r}"
            raise InputError(message)
        return tuple(float(item) for item in cast("list[float]", value))
    if isinstance(spec.default, str) and choices and value not in choices:
        message = f"{origin}: {key} is {value!r}, which is none of {', '.join(choices)}"
        raise InputError(message)
    wanted = (int, float) if isinstance(spec.default, float) else type(spec.default)
    if not isinstance(value, wanted) or (isinstance(value, bool) and spec.type is not bool):
        message = f"{origin}: {key} is {value!r}, which is not of type {spec.type.__name__}"
        raise InputError(message)
    return value
