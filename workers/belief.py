"""What a room's clips come to together: which one product is being sold, or that none is. Pure.

A hidden Markov model whose state is the product for sale, or nothing. What is sold at one clip is
likely sold at the next; each clip speaks for or against its candidates by their log-likelihood
ratios (see `models.evidence`). Filtered forward, one clip at a time: the normalized forward
variable of Rabiner, 1989, "A tutorial on hidden Markov models", equations 18 to 20 and 27.
"""

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass

from workers.tag_pace import COUNTED_MS

NOTHING = ""
"""The state in which nothing is sold; no product has this id."""
_STAYS_NOTHING = 0.8
"""That nothing goes on being sold, from one clip to the next 2.5 s later."""
_ENTERS = 0.02
"""That a given product comes to be sold instead of another or of nothing, in the same time."""
_OUTSIDE = 0.005
"""How often a product outside of a room's narrowest gallery does, for each time that one inside
does. In twelve rooms that weights are fitted to, some of which sell what a late cart does not hold
yet, F1 was .94 at .03, .95 at .01, .955 at .003 and .946 at .0003."""
_UNSEEN = -2.0
"""Most nats for a product that is not among a clip's candidates."""
_LEAST = 1e-6
"""Products less likely than this are forgotten: one that comes back comes as a new one."""


@dataclass(frozen=True)
class BeliefOptions:
    """How clips add up, and from where on a product is believed."""

    is_on: bool
    """Whether clips add up at all; if not, each counts by itself."""
    stay: float
    """Probability that a product goes on being sold from one clip to the next 2.5 s later."""
    enough: float
    """Probability from which on a product starts to be believed; it goes on from a half."""


def believed(
    before: Mapping[str, float],
    nats: Mapping[str, float],
    options: BeliefOptions,
    hop_ms: int,
    outside: Set[str] = frozenset(),
) -> dict[str, float]:
    """Return how likely it is, after one more clip, that each product is being sold.

    Args:
        before: Product to probability after the clips before, `NOTHING` among them; empty: none
            came before.
        nats: Product to log-likelihood ratio, for the candidates of the clip. What is not among
            them is no better than the last of them, and less likely than not. Those of clips
            closer than 2.5 s, which share more of their media, count for less.
        options: How they add up.
        hop_ms: From the clip before; 0: not known.
        outside: Those of the candidates that the room's narrowest gallery does not hold.

    Returns:
        Probabilities that sum to 1, of what is likely enough to be remembered.
    """
    clips = (hop_ms or COUNTED_MS) / COUNTED_MS
    lowest = min([_UNSEEN, *nats.values()])
    prior = _moved(before or {NOTHING: 1.0}, nats, options.stay, clips, outside)
    weight = min(1.0, clips)
    logs = {
        product: math.log(share) + (weight * nats.get(product, lowest) if product else 0.0)
        for product, share in prior.items()
    }
    top = max(logs.values())
    shares = {product: math.exp(value - top) for product, value in logs.items()}
    kept = {key: share for key, share in shares.items() if key == NOTHING or share > _LEAST}
    total = math.fsum(kept.values())
    return {product: share / total for product, share in sorted(kept.items())}


def _moved(
    before: Mapping[str, float],
    nats: Mapping[str, float],
    stay: float,
    clips: float,
    outside: Set[str],
) -> dict[str, float]:
    """Return the probabilities before the clip is looked at.

    What leaves a product goes to each candidate by `_ENTERS`, to those outside by `_OUTSIDE` as
    much, and the rest to nothing.
    """
    often = {one: _OUTSIDE if one in outside else 1.0 for one in {*before, *nats} - {NOTHING}}
    stays, stays_nothing = stay**clips, _STAYS_NOTHING**clips
    most = (1.0 - max(stays, stays_nothing)) / max(1.0, math.fsum(often.values()))
    enters = min(_ENTERS * clips, most)
    moved = {
        one: (share := before.get(one, 0.0)) * stays + (1.0 - share) * enters * often[one]
        for one in sorted(often)
    }
    moved[NOTHING] = 1.0 - math.fsum(moved.values())
    return moved
