"""What a clip counts as, in the light of the clips before it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workers.belief import NOTHING, BeliefOptions, believed
from workers.tag_state import Seen, Shown, State

_GOES_ON = 0.5
"""Probability from which a product goes on being believed: no two can have it."""
_CHANGE = 3.0
"""Nats that a change to another product costs: what leaves a product, by 0.2 a clip, goes to
another one by 0.01 or so."""


def weighed(state: State, seen: Seen, options: BeliefOptions) -> tuple[Mapping[str, float], Seen]:
    """Return what is believed after a clip, and the clip with what is believed as what it shows.

    Where a clip shows several products together and it is enough that one of them is being sold,
    it counts for all of them.

    Args:
        state: After the clips before.
        seen: The clip by itself.
        options: How clips add up; off: the clip stays as it is.
    """
    if not options.is_on:
        return {}, seen
    nats = {one.product_id: one.nats for one in seen.candidates}
    outside = {one.product_id for one in seen.candidates if one.is_outside}
    belief = believed(state.belief, nats, options, seen.hop_ms, outside)
    together = sum(belief.get(one.product_id, 0.0) for one in seen.shown)
    if len(seen.shown) > 1 and together >= options.enough:
        return belief, seen
    is_open = {life.product_id for life in state.open}
    shown = [
        _shown(product, state, seen)
        for product, share in belief.items()
        if product != NOTHING and share >= (_GOES_ON if product in is_open else options.enough)
    ]
    return belief, replace(seen, shown=tuple(shown))


def run_of(recent: Sequence[Seen], product_id: str) -> Seen:
    """Return the first clip of those running up to the newest that speak for a product.

    A look-alike may have been ahead in some of them: that another one was sold first and gave way
    to it is less likely than that it was this one all along, unless they spoke for the other more
    clearly than a change is rare.

    Args:
        recent: The newest clips; the newest is the last, and counts whatever it shows by itself.
        product_id: The product.
    """
    first, behind = recent[-1], 0.0
    for seen in reversed(recent[:-1]):
        own = seen.nats_of(product_id)
        best = max((one.nats for one in seen.candidates), default=0.0)
        behind += best - own
        if own <= 0 or behind > _CHANGE:
            break
        first = seen
    return first


def _shown(product_id: str, state: State, seen: Seen) -> Shown:
    found = next((one for one in seen.candidates if one.product_id == product_id), None)
    if found is not None:
        return found
    titles = {life.product_id: life.title for life in state.lives}
    # A product that the clip says nothing of is as near as the last of what it does name, at most.
    score = min((one.score for one in seen.candidates), default=0.0)
    return Shown(product_id, score, titles.get(product_id, ""))
