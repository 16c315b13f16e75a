"""What an encoder is, as frozen dataclasses saved as JSON beside its weights.

In: JSON objects. Out: checked settings. Whatever changes a vector is here and so in the
fingerprint; whatever does not (devices, batch sizes, folders) must not be.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from models.config_parts import (
    Fit,
    Fusion,
    FusionConfig,
    ImageConfig,
    Pool,
    TemporalConfig,
    TextConfig,
    check_heads,
    check_range,
)
from models.errors import InputError

__all__ = [
    "FORMAT",
    "IMAGE_FOLDER",
    "OWN_WEIGHTS",
    "TEXT_FOLDER",
    "EncoderConfig",
    "Fit",
    "Fusion",
    "FusionConfig",
    "ImageConfig",
    "Pool",
    "TemporalConfig",
    "TextConfig",
    "from_json",
    "load_config",
    "to_json",
]
Kind = Literal["branches", "dual"]
Sharing = Literal["shared", "separate"]
OWN_WEIGHTS = "checkpoint"
"""In place of a registry name: the weights lie in the checkpoint's own `model.safetensors`."""
IMAGE_FOLDER, TEXT_FOLDER = "image", "text"
"""Of a checkpoint: settings of networks of `transformers`, and a trained network's tokenizer."""
FORMAT = 1
"""Raised when an old reader would misunderstand a new file."""


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
    temporal: TemporalConfig = field(default_factory=TemporalConfig)
    sharing: Sharing = "shared"
    """`separate`: pages, videos and clips have encoders of their own."""
    prefixes: tuple[int, ...] = ()
    """Lengths at which the vectors were also trained to be compared; not part of the fingerprint
    (Matryoshka, Kusupati et al., arXiv 2205.13147)."""
    prefix: int = 0
    """How many of the first numbers a vector keeps, one of `prefixes`; 0: all of them."""

    def __post_init__(self) -> None:
        check_range("frames", self.frames, 1, 64)
        if self.kind == "dual" and self.fusion.kind != "mean":
            message = f"a dual encoder fuses by mean, not by {self.fusion.kind!r}"
            raise InputError(message)
        if self.temporal.layers:
            check_heads("temporal.heads", self.temporal.heads, self.fusion.dim)
        for length in self.prefixes:
            check_range("prefixes", length, 2, self.fusion.dim)
        if self.prefix and self.prefix not in self.prefixes:
            known = ", ".join(str(one) for one in self.prefixes) or "none"
            message = f"prefix is {self.prefix}, but the lengths that were trained are: {known}"
            raise InputError(message)
        if not self.fusion.trained:
            self._refuse_what_is_trained()

    def _refuse_what_is_trained(self) -> None:
        asked = {
            "temporal.layers": self.temporal.layers,
            "sharing": self.sharing == "separate",
            "prefixes": self.prefixes,
            "text.trained": self.text.trained,
        }
        for name, value in asked.items():
            if value:
                message = f"{name} needs a fusion that is trained, not {self.fusion.kind!r}"
                raise InputError(message)

    @property
    def by_domain(self) -> bool:
        """Whether a network must be told the domain of what it encodes."""
        return self.fusion.per_domain or self.sharing == "separate"

    def deciding(self) -> dict[str, Any]:
        """Return what decides a vector beside pictures and text, for the fingerprint.

        A setting that older versions lacked is told only where it differs from what they did, so
        that their fingerprints stay.
        """
        told: dict[str, Any] = {"kind": self.kind, "fusion": self.fusion.deciding()}
        if self.temporal.layers:
            told["temporal"] = dataclasses.asdict(self.temporal)
        if self.sharing != "shared":
            told["sharing"] = self.sharing
        if self.prefix not in (0, self.fusion.dim):
            told["prefix"] = self.prefix
        return told


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


Options = TypeVar("Options", EncoderConfig, ImageConfig, TextConfig, FusionConfig, TemporalConfig)
_PARTS: dict[str, Any] = {
    "image": ImageConfig,
    "text": TextConfig,
    "fusion": FusionConfig,
    "temporal": TemporalConfig,
}


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
        return _items(key, choices, value, origin)
    if isinstance(spec.default, str) and choices and value not in choices:
        message = f"{origin}: {key} is {value!r}, which is none of {', '.join(choices)}"
        raise InputError(message)
    wanted = (int, float) if isinstance(spec.default, float) else type(spec.default)
    if not isinstance(value, wanted) or (isinstance(value, bool) and spec.type is not bool):
        message = f"{origin}: {key} is {value!r}, which is not of type {spec.type.__name__}"
        raise InputError(message)
    return value


def _items(key: str, types: tuple[Any, ...], value: Any, origin: str) -> tuple[Any, ...]:
    """Return a list as the tuple that the field's type wants: three numbers, or any count."""
    found = value if isinstance(value, list) else None
    if types[-1] is not Ellipsis:
        if found is None or len(found) != len(types):
            message = f"{origin}: {key} should be three numbers, not {value!r}"
            raise InputError(message)
        return tuple(float(item) for item in found)
    choices = get_args(types[0])
    fits = all(item in choices if choices else type(item) is types[0] for item in found or ())
    if found is None or not fits:
        wanted = ", ".join(choices) if choices else f"{types[0].__name__} values"
        message = f"{origin}: {key} should be a list of {wanted}, not {value!r}"
        raise InputError(message)
    return tuple(found)
