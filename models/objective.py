"""What the trainer minimises between pages, short videos and live clips, and CosFace if wanted.

For two domains x and y, N `losses.infonce` from x's vectors to y's over the rows that have the part
in question, and f fused, i picture, t text,

    L(x, y) = whole·N(f_x, f_y) + picture·N(i_x, i_y) + text·N(t_x, t_y)
            + mixed·(N(i_x, f_y) + N(t_x, f_y)) + back·(N(f_x, i_y) + N(f_x, t_y))
            + crossed·(N(i_x, t_y) + N(t_x, i_y))
    L = L(live, page) + L(video, page) + L(live, video) + Σ_x within_x·N(t_x, i_x)
      + centre·(C(f) + C(i))/2

with weights of its own for each L(x, y). A clip of one product with the name of another is of the
first as a whole and by picture, of the second by text. The mixed terms are for clips that lack a
part: they are compared with whole pages. C is `losses.cosface` over the rows of all domains, with
centres that they share. Each N and C may be a mean over prefixes of the vectors
(`losses.matryoshka`). Terms between and within domains as in AMPere, crossed ones and centres as in
COPE (papers.md §1.3, §2.3).
"""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import reduce
from typing import Any, NamedTuple

import torch
from torch import Tensor

from models.dataset import Drawn
from models.domain import DOMAINS, Domain
from models.errors import InputError
from models.losses.cosface import cosface, sampled
from models.losses.infonce import NO_PRODUCT, info_nce
from models.losses.matching import MatchingOptions
from models.losses.matryoshka import PrefixWeights, nested
from models.trained import Spoken

_COMPARED = {
    "whole": (("whole", "whole"),),
    "picture": (("picture", "picture"),),
    "text": (("text", "text"),),
    "mixed": (("picture", "whole"), ("text", "whole")),
    "back": (("whole", "picture"), ("whole", "text")),
    "crossed": (("picture", "text"), ("text", "picture")),
}
# What of the first domain meets what of the second, in each term.
_ALWAYS = ("whole", "picture", "text", "mixed")
# Terms of live clips and pages that are told whatever their weight.


@dataclass(frozen=True)
class PairWeights:
    """Weights of the terms between two domains; 0 leaves a term out."""

    whole: float = 0.0
    """Of fused against fused."""
    picture: float = 0.0
    """Of picture against picture."""
    text: float = 0.0
    """Of text against text."""
    mixed: float = 0.0
    """Of the first's picture, and of its text, against the second as a whole."""
    back: float = 0.0
    """Of the first as a whole against the second's picture, and against its text."""
    crossed: float = 0.0
    """Of the one's picture against the other's text."""


@dataclass(frozen=True)
class WithinWeights:
    """Weights of text against picture inside a domain; 0 leaves a term out."""

    page: float = 0.0
    """Of pages."""
    video: float = 0.0
    """Of short videos."""
    live: float = 0.0
    """Of live clips."""


@dataclass(frozen=True)
class LossOptions(PairWeights):
    """Weights of the terms, those of live clips against pages first, and the losses' numbers."""

    whole: float = 1.0
    picture: float = 1.0
    text: float = 0.5
    mixed: float = 0.2
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
    video: PairWeights = field(default_factory=PairWeights)
    """Of short videos against pages."""
    between: PairWeights = field(default_factory=PairWeights)
    """Of live clips against short videos."""
    within: WithinWeights = field(default_factory=WithinWeights)
    """Of each domain's texts against its own pictures."""
    prefixes: PrefixWeights = field(default_factory=PrefixWeights)
    """How much the first numbers of a vector count alone."""
    matching: float = 0.0
    """Of the pairwise matching decoder (`models.pairwise`); with `reconstruction` 0: it is not
    built."""
    reconstruction: float = 0.0
    """Of patches that are rebuilt by the decoder's attention."""
    decoder: MatchingOptions = field(default_factory=MatchingOptions)
    """The decoder's size."""

    def __post_init__(self) -> None:
        for name, value in _numbers("loss", self):
            if not value >= 0.0:
                message = f"{name} is {value}, but must be 0 or more"
                raise InputError(message)


def _numbers(name: str, options: Any) -> Iterator[tuple[str, float]]:
    for item in fields(options):
        value, whole = getattr(options, item.name), f"{name}.{item.name}"
        yield from _numbers(whole, value) if is_dataclass(value) else ((whole, value),)


@dataclass(frozen=True)
class Labels:
    """What B samples are of, as numbers; (B,) int64 each.

    The first numbers are the trained products', in their order; the others mean something within a
    step only.
    """

    whole: Tensor
    picture: Tensor
    text: Tensor
    domain: Tensor
    """(B,) int64, its number."""
    centres: Tensor
    """(K,) int64: which trained products' centres the step looks at, in order."""

    def of(self, domain: Domain) -> Tensor:
        """Return (B,) bool: the samples of a domain."""
        return self.domain == DOMAINS.index(domain)

    def part(self, rows: slice) -> "Labels":
        """Return the labels of some samples, such as those that one of several processes has."""
        whole, picture, text = self.whole[rows], self.picture[rows], self.text[rows]
        return Labels(whole, picture, text, self.domain[rows], self.centres)


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
        domain=torch.tensor([DOMAINS.index(one.sample.domain) for one in drawn]),
        centres=sampled(own[own < len(trained)], len(trained), share, draw),
    )


class _Part(NamedTuple):
    """What B samples say by one part, of which product, and whether they have it."""

    vectors: Tensor
    product: Tensor
    here: Tensor

    def at(self, rows: Tensor) -> "_Part":
        chosen = self.here & rows
        return _Part(self.vectors[chosen], self.product[chosen], self.here[chosen])


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
    parts = {
        "whole": _Part(said.fused, labels.whole, image | text),
        "picture": _Part(said.image, labels.picture, image),
        "text": _Part(said.text, labels.text, text),
    }

    def against(first: tuple[str, Domain], second: tuple[str, Domain]) -> Tensor:
        one, other = (parts[part].at(labels.of(domain)) for part, domain in (first, second))
        return nested(
            lambda left, right: info_nce(
                left, right, one.product, other.product, options.temperature, options.smoothing
            ),
            one.vectors, other.vectors, options.prefixes,
        )  # fmt: skip

    terms: dict[str, Tensor] = {}
    weights: dict[str, float] = {}
    pairs: tuple[tuple[str, Domain, Domain, PairWeights], ...] = (
        ("", "live", "page", options),
        ("video_", "video", "page", options.video),
        ("between_", "live", "video", options.between),
    )
    for prefix, first, second, wanted in pairs:
        for name, compared in _COMPARED.items():
            weight = getattr(wanted, name)
            if weight or (not prefix and name in _ALWAYS):
                found = [against((one, first), (other, second)) for one, other in compared]
                terms[prefix + name] = reduce(operator.add, found)
                weights[prefix + name] = weight
    for domain in DOMAINS:
        if weight := getattr(options.within, domain):
            name = f"within_{domain}"
            terms[name] = against(("text", domain), ("picture", domain))
            weights[name] = weight
    if centres is not None:
        terms["centre"] = _to_centres(parts, labels, options, centres)
        weights["centre"] = options.centre
    loss = torch.stack([weights[name] * value for name, value in terms.items()]).sum()
    return {**terms, "loss": loss}


def _to_centres(
    parts: dict[str, _Part], labels: Labels, options: LossOptions, centres: Tensor
) -> Tensor:
    """Return the mean of both CosFace terms over the centres that the step looks at."""
    place = torch.full((len(centres) + 1,), NO_PRODUCT, device=labels.centres.device)
    place[labels.centres] = torch.arange(len(labels.centres), device=labels.centres.device)
    looked_at = torch.nn.functional.normalize(centres[labels.centres], dim=1)

    def term(part: _Part) -> Tensor:
        vectors, product = part.vectors[part.here], part.product[part.here]
        # Products without a centre, and none, take the last place, which stays empty.
        at = torch.where((product < 0) | (product >= len(centres)), len(centres), product)
        return nested(
            lambda left, right: cosface(left, place[at], right, options.margin, options.scale),
            vectors, looked_at, options.prefixes,
        )  # fmt: skip

    return (term(parts["whole"]) + term(parts["picture"])) / 2
