"""A match → the products that its clip shows. Pure."""

from collections.abc import Sequence

from workers.decision import Threshold
from workers.events import Candidate, Match
from workers.tag_state import Seen, Shown


def seen_in(match: Match, rule: Threshold, also_within: float) -> Seen:
    """Return what a clip says.

    Args:
        match: its candidates, the best one first.
        rule: from which score on a candidate is taken for a product, and how much a clip speaks
            for it.
        also_within: how much worse than the best one another product may be; 0: none is taken.
    """
    candidates = match.candidates if match.candidates else ()
    accepted = [one for one in candidates if rule.believes(one.score)]
    if accepted and accepted[0] is not candidates[0]:
        accepted = []
    beside = [
        one
        for one in accepted[1:]
        if accepted[0].score - one.score <= also_within and _leads(one, candidates)
    ]
    taken = [*accepted[:1], *(beside if also_within > 0 else [])]
    return Seen(
        slot=match.slot,
        start_ms=match.start_ms,
        end_ms=match.end_ms,
        shown=_shown(taken, rule),
        candidates=_shown(candidates, rule),
        load_rung=match.load_rung,
        revision=match.revision,
        early=match.early,
        last=match.last,
    )


def _shown(candidates: Sequence[Candidate], rule: Threshold) -> tuple[Shown, ...]:
    return tuple(
        Shown(one.product_id, one.score, one.title, rule.nats(one.by)) for one in candidates
    )


def _leads(one: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether a modality puts a candidate before all others, so that it is no mere look-alike."""
    return any(
        all(value > other.by[name] for other in candidates if other is not one and name in other.by)
        for name, value in one.by.items()
        if value > 0
    )
