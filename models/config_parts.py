"""The parts of an encoder's settings: pictures, text, fusion, and pictures over time.

Each part says which of its settings decide a vector. One that older versions lacked is told only
where it differs from what they did, so that the fingerprints of their checkpoints stay.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from models.domain import DOMAINS, Domain
from models.errors import InputError

Fit = Literal["centre", "squash", "letterbox"]
Pool = Literal["mean", "centre", "cls", "pooled"]
Family = Literal["timm", "transformers"]
TextPool = Literal["mean", "cls", "pooled"]
Fusion = Literal["concat", "mean", "gated", "concat_mlp", "transformer", "fixed"]


@dataclass(frozen=True)
class ImageConfig:
    """How pictures become vectors."""

    weights: str = "efficientnet-lite0"
    """Name in the weights registry, or a folder; `checkpoint`: beside these settings."""
    architecture: str = "tf_efficientnet_lite0"
    """Name of the network in `timm`; unused by `transformers` and by a dual encoder."""
    family: Family = "timm"
    """`transformers`: any vision model that it can load from a folder (ViT, DINOv2, the vision half
    of SigLIP or CLIP)."""
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
    """How the feature map becomes one vector: its mean, or one that weighs the middle more. Models
    of `transformers` also have the state of their class token, `cls`, and an output of their own,
    `pooled`."""

    def __post_init__(self) -> None:
        check_range("image.height_px", self.height_px, 16, 1024)
        check_range("image.width_px", self.width_px, 16, 1024)
        check_range("image.crop", self.crop, 0.1, 1.0)
        for value in self.std:
            check_range("image.std", value, 1e-3, 10.0)
        if self.family == "timm" and self.pool in ("cls", "pooled"):
            message = f"image.pool {self.pool!r} is for models of transformers, not of timm"
            raise InputError(message)

    def deciding(self) -> dict[str, Any]:
        """Return what of these settings decides a vector, for the fingerprint."""
        # The same bytes by another name, or from a folder, are the same weights.
        return _told(self, without=("weights",), unless_default=("family",))


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
    pool: TextPool = "mean"
    """How token states become one vector: the mean of those that are no padding, the state of the
    first token, `cls`, or the network's own output, `pooled`."""
    trained: bool = False
    """Whether the network learns; then it and its tokenizer travel in the checkpoint."""
    domains: tuple[Domain, ...] = DOMAINS
    """Whose text is read; that of other domains counts as missing (COPE reads pages only)."""

    def __post_init__(self) -> None:
        check_range("text.max_tokens", self.max_tokens, 4, 4096)

    def deciding(self) -> dict[str, Any]:
        """Return what of these settings decides a vector, for the fingerprint."""
        without = ("weights", "trained")
        return _told(self, without=without, unless_default=("pool", "domains"))


@dataclass(frozen=True)
class FusionConfig:
    """How branch vectors become one."""

    kind: Fusion = "concat"
    """`concat` keeps the branches apart and `mean` needs them in one space. The others bring them
    there, which only a trained checkpoint can: `gated` weighs them sample by sample, `fixed` always
    alike, `concat_mlp` mixes them by one layer, `transformer` by several."""
    image_weight: float = 0.5
    """Share of the picture, from 0 to 1: for `concat` in a cosine between two samples that have
    both, for `fixed` in a sample; unused by the others."""
    dim: int = 128
    """D of the one space; unused by `concat` and `mean`."""
    gate_hidden: int = 64
    """Width of the network that weighs; unused by all but `gated`."""
    layers: int = 2
    """Of `transformer`; unused by the others."""
    heads: int = 4
    """Attention heads of each such layer; a divisor of `dim`."""
    per_domain: bool = False
    """Whether pages, videos and clips have projections and a head each."""

    def __post_init__(self) -> None:
        check_range("fusion.image_weight", self.image_weight, 0.0, 1.0)
        check_range("fusion.dim", self.dim, 2, 4096)
        check_range("fusion.gate_hidden", self.gate_hidden, 1, 4096)
        check_range("fusion.layers", self.layers, 1, 24)
        if self.kind == "transformer":
            check_heads("fusion.heads", self.heads, self.dim)
        if self.per_domain and not self.trained:
            message = f"fusion.per_domain needs a fusion that is trained, not {self.kind!r}"
            raise InputError(message)

    @property
    def trained(self) -> bool:
        """Whether there is something to train: projections into one space."""
        return self.kind not in ("concat", "mean")

    def deciding(self) -> dict[str, str | float]:
        """Return what of these settings decides a vector, for the fingerprint."""
        used = {
            "concat": ("image_weight",),
            "mean": ("image_weight",),
            "gated": ("dim", "gate_hidden"),
            "concat_mlp": ("dim",),
            "transformer": ("dim", "layers", "heads"),
            "fixed": ("dim", "image_weight"),
        }[self.kind]
        told = {"kind": self.kind, **{name: getattr(self, name) for name in used}}
        return {**told, "per_domain": True} if self.per_domain else told


@dataclass(frozen=True)
class TemporalConfig:
    """How the pictures of one sample look at each other before their mean is taken."""

    layers: int = 0
    """Of the integration transformer; 0: there is none, the plain mean is taken."""
    heads: int = 4
    """Attention heads of each layer; a divisor of `fusion.dim`."""

    def __post_init__(self) -> None:
        check_range("temporal.layers", self.layers, 0, 24)


def _told(
    options: "ImageConfig | TextConfig", without: tuple[str, ...], unless_default: tuple[str, ...]
) -> dict[str, Any]:
    told = dataclasses.asdict(options)
    for item in dataclasses.fields(options):
        unchanged = item.name in unless_default and told[item.name] == item.default
        if item.name in without or unchanged:
            del told[item.name]
    return told


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside its range.

    Raises:
        InputError: it is outside.
    """
    if not low <= value <= high:
        message = f"encoder setting {name} is {value}, but must be from {low} to {high}"
        raise InputError(message)


def check_heads(name: str, heads: int, dim: int) -> None:
    """Refuse attention heads that do not divide the width.

    Raises:
        InputError: they do not.
    """
    if heads < 1 or dim % heads:
        message = f"encoder setting {name} is {heads}, but must divide fusion.dim, {dim}"
        raise InputError(message)
