"""The galleries that a clip may be looked up in, the narrowest first, and when to leave one.

A room's cart, then its shop, then the whole catalogue. One that holds none of the products is left
in any case. One whose best candidate is not believed is left only for a gallery with a calibrated
rule: the more products there are, the better the best of them looks, and no other rule knows that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workers import events
from workers.decision import StepDown, Threshold
from workers.events import Candidate, ScopeStep
from workers.index_schema import Scope


@dataclass(frozen=True)
class Gallery:
    """A part of the catalogue."""

    kind: events.Scope
    where: Scope


def galleries(cart: Sequence[str], shop: str | None) -> tuple[Gallery, ...]:
    """Return what a room has, the narrowest first; the last is the whole catalogue."""
    return (
        *((Gallery("cart", Scope(ids=tuple(cart))),) if cart else ()),
        *((Gallery("shop", Scope(shop=shop)),) if shop else ()),
        Gallery("catalogue", Scope()),
    )


def judged(
    kind: events.Scope, candidates: Sequence[Candidate], rules: Mapping[events.Scope, Threshold]
) -> ScopeStep:
    """Return what came of a gallery.

    Args:
        kind: of the gallery.
        candidates: what was found in it, the best first.
        rules: of each scope; none for it: nothing can be believed or refused.
    """
    if not candidates:
        return ScopeStep(scope=kind, outcome="empty")
    best, rule = candidates[0], rules.get(kind)
    if rule is None:
        return ScopeStep(scope=kind, outcome="found", product_id=best.product_id, score=best.score)
    return ScopeStep(
        scope=kind,
        outcome="believed" if rule.believes(best.score) else "unsure",
        product_id=best.product_id,
        score=best.score,
        threshold=rule.score,
    )


def goes_on(
    step: ScopeStep,
    wider: events.Scope,
    rules: Mapping[events.Scope, Threshold],
    step_down: StepDown,
) -> bool:
    """Whether the next wider gallery is looked through after what came of one.

    Where clips add up, even after what is believed: a look-alike outside may fit still better, and
    over several clips that shows.
    """
    if step.outcome == "empty":
        return True
    rule = rules.get(wider)
    if rule is None or rule.precision is None or step_down != "unsure":
        return False
    return step.outcome == "unsure" or (step.outcome == "believed" and bool(rule.evidence))


def chosen(
    steps: Sequence[ScopeStep], found: Sequence[tuple[Candidate, ...]]
) -> tuple[events.Scope, tuple[Candidate, ...]]:
    """Return the narrowest gallery whose best is believed, or else that holds anything.

    Args:
        steps: What came of each gallery, the narrowest first.
        found: Candidates of each.
    """
    pairs = [(step, some) for step, some in zip(steps, found, strict=True) if some]
    if not pairs:
        return steps[-1].scope, ()
    step, some = next((pair for pair in pairs if pair[0].outcome == "believed"), pairs[0])
    return step.scope, some


def with_scopes(
    scope: events.Scope,
    kept: Sequence[Candidate],
    steps: Sequence[ScopeStep],
    found: Sequence[tuple[Candidate, ...]],
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Return what is kept, and what other galleries hold besides, with where each was found.

    Args:
        scope: Of the gallery that is kept.
        kept: Its candidates.
        steps: What came of each gallery, the narrowest first.
        found: Candidates of each.
    """
    first: dict[str, tuple[events.Scope, Candidate]] = {}
    for step, some in zip(steps, found, strict=True):
        for one in some:
            first.setdefault(one.product_id, (step.scope, one))
    here = {one.product_id for one in kept}

    def told(one: Candidate) -> Candidate:
        where, _ = first[one.product_id]
        return one if where == scope else one.model_copy(update={"scope": where})

    beside = [told(one) for _, one in first.values() if one.product_id not in here]
    return tuple(map(told, kept)), tuple(beside)
