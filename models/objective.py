"""What the trainer minimises: InfoNCE between clips and pages, as a whole and part by part.

    L = w_whole·N(f, f) + w_picture·N(i, i) + w_text·N(t, t) + w_mixed·(N(i, f) + N(t, f))

N is `losses.infonce` from the clips' vectors (first) to the pages' (second), over the rows that
have the part in question; f fused, i picture, t text. A clip of one product with the name of
another is of the first as a whole and by picture, of the second by text. The mixed terms are for
clips that lack a part: they are compared with whole pages. (COPE's weights, papers.md §1.3.)
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from models.dataset import Drawn
from models.losses.infonce import NO_PRODUCT, info_nce
from models.trained import Spoken


@dataclass(frozen=True)
class LossOptions:
    """Weights of the terms, and InfoNCE's own two numbers."""

    whole: float = 1.0
    """Of fused against fused."""
    picture: float = 1.0
    """Of picture against picture."""
    text: float = 0.5
    """Of text against text."""
    mixed: float = 0.2
    """Of a clip's picture, and of its text, against whole pages."""
    temperature: float = 0.05
    """τ: cosines are divided by it."""
    smoothing: float = 0.1
    """Label smoothing, from 0 to below 1."""


@dataclass(frozen=True)
class Labels:
    """What B samples are of, as numbers that mean the same within a step; (B,) int64 each."""

    whole: Tensor
    picture: Tensor
    text: Tensor
    is_page: Tensor
    """(B,) bool."""


def labels_of(drawn: list[Drawn]) -> Labels:
    """Number the products of a step."""
    named = {name for one in drawn for name in (one.whole, one.by_picture, one.by_text)}
    numbers = {name: at for at, name in enumerate(sorted(named - {None}, key=str))}

    def column(names: list[str | None]) -> Tensor:
        return torch.tensor([numbers.get(name, NO_PRODUCT) for name in names])

    return Labels(
        whole=column([one.whole for one in drawn]),
        picture=column([one.by_picture for one in drawn]),
        text=column([one.by_text for one in drawn]),
        is_page=torch.tensor([one.sample.domain == "page" for one in drawn]),
    )


def objective(said: Spoken, labels: Labels, options: LossOptions) -> dict[str, Tensor]:
    """Return each term, unweighted, and `loss`, their weighted sum."""
    image, text = said.present[:, 0], said.present[:, 1]
    either = image | text
    live, page = ~labels.is_page, labels.is_page
    wholes = (said.fused, labels.whole, either & page)

    def term(clips: tuple[Tensor, Tensor, Tensor], pages: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        (first, one, here), (second, other, there) = clips, pages
        return info_nce(
            first[here], second[there], one[here], other[there],
            options.temperature, options.smoothing,
        )  # fmt: skip

    by_picture, by_text = (said.image, labels.picture), (said.text, labels.text)
    terms = {
        "whole": term((said.fused, labels.whole, either & live), wholes),
        "picture": term((*by_picture, image & live), (*by_picture, image & page)),
        "text": term((*by_text, text & live), (*by_text, text & page)),
        "mixed": term((*by_picture, image & live), wholes) + term((*by_text, text & live), wholes),
    }
    weights = {
        "whole": options.whole,
        "picture": options.picture,
        "text": options.text,
        "mixed": options.mixed,
    }
    loss = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return {**terms, "loss": loss}
