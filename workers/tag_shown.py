"""A match → the products that its clip shows. Pure."""

from collections.abc import Mapping, Sequence

from workers.decision import Threshold
from workers.events import Candidate, Match, Scope
from workers.narrowest import narrowest
from workers.tag_state import Seen, Shown


def seen_in(match: Match, rules: Mapping[Scope, Threshold], also_within: float) -> Seen:
    """Return what a clip says.

    Args:
        match: its candidates, the best one first.
        rules: by scope, from which score on a candidate is taken for a product, and how much a clip
            speaks for it; that of the match if it has candidates.
        also_within: how much worse than the best one another product may be; 0: none is taken.
    """
    candidates = match.candidates
    accepted = [one for one in candidates if rules[match.scope].believes(one.score)]
    if accepted and accepted[0] is not candidates[0]:
        accepted = []
    beside = [
        one
        for one in accepted[1:]
        if accepted[0].score - one.score <= also_within and _leads(one, candidates)
    ]
    taken = [*accepted[:1], *(beside if also_within > 0 else [])]
    # The narrowest gallery's rule weighs all: the others' know of no products that are likelier
    # than others from the start.
    inside = narrowest(match.steps, match.scope)
    weighs = rules.get(inside)

    def shown(some: Sequence[Candidate]) -> tuple[Shown, ...]:
        return tuple(
            Shown(
                one.product_id,
                one.score,
                one.title,
                0.0 if weighs is None else weighs.nats(one.by),
                is_outside=(one.scope or match.scope) != inside,
            )
            for one in some
        )

    return Seen(
        slot=match.slot,
        start_ms=match.start_ms,
        end_ms=match.end_ms,
        shown=shown(taken),
        candidates=shown([*candidates, *match.beside]),
        load_rung=match.load_rung,
        revision=match.revision,
        early=match.early,
        last=match.last,
    )


def _leads(one: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether a modality puts a candidate before all others, so that it is no mere look-alike."""
    return any(
        all(value > other.by[name] for other in candidates if other is not one and name in other.by)
        for name, value in one.by.items()
        if value > 0
    )
