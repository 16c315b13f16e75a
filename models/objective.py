"""What the trainer minimises: InfoNCE between clips and pages, and CosFace if wanted.

    L = w_whole·N(f, f) + w_picture·N(i, i) + w_text·N(t, t) + w_mixed·(N(i, f) + N(t, f))
      + w_centre·(C(f) + C(i))/2

N is `losses.infonce` from the clips' vectors (first) to the pages' (second), over the rows that
have the part in question; f fused, i picture, t text. A clip of one product with the name of
another is of the first as a whole and by picture, of the second by text. The mixed terms are for
clips that lack a part: they are compared with whole pages. (COPE's weights, papers.md §1.3.) C is
`losses.cosface` over clips and pages alike, with centres that both share (papers.md §2.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.dataset import Drawn
from models.losses.cosface import cosface, sampled
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
    centre: float = 0.0
    """Of fused and picture against their product's centre; 0: there are no centres."""
    temperature: float = 0.05
    """τ: cosines are divided by it."""
    smoothing: float = 0.1
    """Label smoothing, from 0 to below 1."""
    margin: float = 0.4
    """CosFace's, a cosine."""
    scale: float = 64.0
    """What CosFace multiplies cosines by."""
    centre_share: float = 1.0
    """Share of the centres that a step looks at, beside those of its own products."""


@dataclass(frozen=True)
class Labels:
    """What B samples are of, as numbers; (B,) int64 each.

    The first numbers are the trained products', in their order; the others mean something within a
    step only.
    """

    whole: Tensor
    picture: Tensor
    text: Tensor
    is_page: Tensor
    """(B,) bool."""
    centres: Tensor
    """(K,) int64: which trained products' centres the step looks at, in order."""


def labels_of(drawn: Sequence[Drawn], trained: Sequence[str], share: float, seed: int) -> Labels:
    """Number the products of a step.

    Args:
        drawn: its samples.
        trained: every product that is trained on.
        share: of the centres that the step looks at.
        seed: of which these are.
    """
    numbers = {name: at for at, name in enumerate(trained)}
    named = {name for one in drawn for name in (one.whole, one.by_picture, one.by_text)}
    for name in sorted(named - {None} - numbers.keys(), key=str):
        numbers[str(name)] = len(numbers)

    def column(names: list[str | None]) -> Tensor:
        found = [NO_PRODUCT if name is None else numbers[name] for name in names]
        return torch.tensor(found, dtype=torch.int64)

    whole = column([one.whole for one in drawn])
    picture = column([one.by_picture for one in drawn])
    own = torch.cat([whole, picture])
    draw = torch.Generator().manual_seed(seed)
    return Labels(
        whole=whole,
        picture=picture,
        text=column([one.by_text for one in drawn]),
        is_page=torch.tensor([one.sample.domain == "page" for one in drawn]),
        centres=sampled(own[own < len(trained)], len(trained), share, draw),
    )


def objective(
    said: Spoken, labels: Labels, options: LossOptions, centres: Tensor | None = None
) -> dict[str, Tensor]:
    """Return each term, unweighted, and `loss`, their weighted sum.

    Args:
        said: of B samples.
        labels: of the same.
        options: weights.
        centres: (C, D), of any length, one for each trained product; none: no such term.
    """
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
        "centre": options.centre,
    }
    if centres is not None:
        terms["centre"] = _to_centres(said, labels, options, centres)
    loss = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return {**terms, "loss": loss}


def _to_centres(said: Spoken, labels: Labels, options: LossOptions, centres: Tensor) -> Tensor:
    """Return the mean of both CosFace terms over the centres that the step looks at."""
    place = torch.full((len(centres) + 1,), NO_PRODUCT)
    place[labels.centres] = torch.arange(len(labels.centres))
    looked_at = torch.nn.functional.normalize(centres[labels.centres], dim=1)

    def term(vectors: Tensor, product: Tensor, here: Tensor) -> Tensor:
        # Products without a centre, and none, take the last place, which stays empty.
        at = torch.where((product < 0) | (product >= len(centres)), len(centres), product)
        return cosface(vectors[here], place[at[here]], looked_at, options.margin, options.scale)

    image = said.present[:, 0]
    whole = term(said.fused, labels.whole, image | said.present[:, 1])
    return (whole + term(said.image, labels.picture, image)) / 2
