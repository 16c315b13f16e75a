"""The trained fusion heads by the names that settings give them."""

import torch

from models.by_domain import ByDomain
from models.config import FusionConfig
from models.errors import InputError
from models.fusion_concat import ConcatMlp
from models.fusion_fixed import FixedMix
from models.fusion_head import Gate
from models.fusion_transformer import TransformerFusion

_KINDS: dict[str, type[Gate | ConcatMlp | TransformerFusion | FixedMix]] = {
    "gated": Gate,
    "concat_mlp": ConcatMlp,
    "transformer": TransformerFusion,
    "fixed": FixedMix,
}


def make_head(config: FusionConfig) -> torch.nn.Module:
    """Return a fresh head, or one for each domain: (B, D), (B, D), (B, 2) bool -> `Fused`.

    Its weights are drawn from torch's global generator.

    Raises:
        InputError: fusion of this kind is not trained.
    """
    kind = _KINDS.get(config.kind)
    if kind is None:
        message = f"fusion {config.kind!r} is not trained; want {' or '.join(_KINDS)}"
        raise InputError(message)
    return ByDomain(lambda: kind(config)) if config.per_domain else kind(config)
