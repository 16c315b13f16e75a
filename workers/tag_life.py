"""The life of tags, one clip after the other: a function from state and clip to state. Pure.

    clips     A   A   A   B   A   B   A   .   .   .
    A         .   |===started==================|ended        A is the primary one
    B                         |=started=|ended               both are sold: a comparison

A product starts when `enter` of the last `enter_of` clips showed it, the newest among them; one
that was the best of none of them must have been beside the best in all. It ends when `leave` clips
running did not show it, or when another starts since whose first clip none showed it. Several may
be open at once; a clip keeps one that is not the primary one alive only if the last clips would let
it start, so that a product that was replaced is not kept by being mentioned.

The primary one stays so until `enter` clips running did not show it and another is shown. Start and
end are backdated to where the evidence began and ended: a clip shows a product once at least half
of the clip does, so that the change lies, on average, half a clip minus half a hop after the start
of the first clip that shows it. Where clips add up (`tag_belief.py`) it starts with the first of
the clips that made it believed, and the last one ends it by how much it still speaks for it. A tag
of a look-alike that had started since was a mistake, and stands no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workers.belief import BeliefOptions
from workers.events import stable_id
from workers.tag_belief import run_of, weighed
from workers.tag_pace import Counts, hop_of, kept
from workers.tag_state import Life, Seen, Shown, State, Tagged, end_of, start_of


def step(state: State, seen: Seen, counts: Counts, adding: BeliefOptions) -> State:
    """Return the state after one more clip, which must be a later one than those before.

    Args:
        state: of the clips before.
        seen: what the clip said.
        counts: at one clip every `COUNTED_MS`.
        adding: how clips add up to what is believed.
    """
    seen = replace(seen, hop_ms=seen.start_ms - state.recent[-1].start_ms if state.recent else 0)
    belief, seen = weighed(state, seen, adding)
    known = (*state.recent, seen)
    now = counts.at(hop_of([one.start_ms for one in known]))
    state = replace(state, slot=seen.slot, recent=known[-kept(now) :], belief=belief)
    state = _followed(state, now)
    for shown in seen.shown:
        state = _entered(state, shown, now)
    if seen.last:
        state = replace(state, lives=tuple(_ended(life, seen) for life in state.lives))
    return _led(state, now)


def settled(state: State, slot: int) -> State:
    """Return the state without tags that had ended by a slot: nothing changes them any more."""
    lives = tuple(one for one in state.lives if one.ended_slot is None or one.ended_slot > slot)
    return replace(state, lives=lives)


def _window(state: State, counts: Counts) -> tuple[Seen, ...]:
    return state.recent[-counts.enter_of :]


def _support(state: State, product_id: str, counts: Counts) -> list[Seen]:
    return [seen for seen in _window(state, counts) if seen.of(product_id) is not None]


def _followed(state: State, counts: Counts) -> State:
    """Count the newest clip for or against every open tag."""
    lives = [_gone_on(state, life, counts) for life in state.lives]
    return replace(state, lives=tuple(lives))


def _gone_on(state: State, life: Life, counts: Counts) -> Life:
    if life.ended_slot is not None:
        return life
    seen = state.recent[-1]
    shown = seen.of(life.product_id)
    earned = len(_support(state, life.product_id, counts)) >= counts.enter
    if shown is None or not (life.primary or earned):
        missing = replace(life, missed=life.missed + 1)
        return _ended(missing, seen) if missing.missed >= counts.leave else missing
    most = max(life.nats, shown.nats)
    return replace(
        life,
        support=life.support + 1,
        missed=0,
        end_ms=max(life.end_ms, end_of(seen, shown.nats / most if most > 0 else None)),
        score=max(life.score, shown.score),
        nats=most,
    )


def _ended(life: Life, seen: Seen) -> Life:
    if life.ended_slot is not None:
        return life
    end_ms = max(min(life.end_ms, seen.end_ms), life.start_ms)
    return replace(life, ended_slot=seen.slot, end_ms=end_ms)


def _replaced(life: Life, seen: Seen, start_ms: int | None) -> Life:
    """End a life for another; where clips add up but one is sold, and it ends where that starts."""
    if life.ended_slot is None and start_ms is not None:
        life = replace(life, end_ms=max(life.start_ms, min(life.end_ms, start_ms)))
    return _ended(life, seen)


def _entered(state: State, shown: Shown, counts: Counts) -> State:
    """Start a product that the newest clip shows, if it has earned it and is not open."""
    seen = state.recent[-1]
    support = _support(state, shown.product_id, counts)
    is_open = any(life.product_id == shown.product_id for life in state.open)
    is_best = any(one.shown[0].product_id == shown.product_id for one in support)
    if is_open or len(support) < (counts.enter if is_best else counts.enter_of):
        return state
    running = sum(one.slot >= support[0].slot for one in _window(state, counts))
    first = _first(state, support[0], shown.product_id)
    start_ms = start_of(first)
    # Words that come after pictures move the clip at which a start is earned, not where it began.
    named_by = first if state.belief else seen
    replaced = [life for life in state.lives if life.missed >= running]
    # What began no sooner was this product all along, and a look-alike ahead of it for a while.
    mistaken = [one for one in replaced if state.belief and _is_within(one, start_ms, seen.slot)]
    lives = tuple(
        _replaced(life, seen, start_ms if state.belief else None) if life in replaced else life
        for life in state.lives
        if life not in mistaken
    )
    tagged = _without(state.tagged, mistaken)
    had = tagged.get(shown.product_id)
    life = Life(
        tag_id=stable_id(state.stream_id, named_by.slot, shown.product_id),
        product_id=shown.product_id,
        title=shown.title,
        started_slot=seen.slot,
        start_ms=start_ms,
        end_ms=end_of(seen, 1.0 if shown.nats > 0 else None),
        support=len(support),
        missed=0,
        score=max(found.score for one in support if (found := one.of(shown.product_id))),
        previous_tag_id=had.last if had else None,
        first_tag_id=had.first if had else None,
        primary=False,
        nats=shown.nats,
    )
    newest = Tagged(had.first if had else life.tag_id, life.tag_id)
    return replace(
        state,
        lives=(*lives, life),
        tagged={**tagged, shown.product_id: newest},
    )


def _is_within(life: Life, start_ms: int, slot: int) -> bool:
    """Whether a tag that lived until this clip began no sooner than at a time."""
    return life.start_ms >= start_ms and life.ended_slot in (None, slot)


def _without(tagged: Mapping[str, Tagged], lives: Sequence[Life]) -> dict[str, Tagged]:
    """Return which tags products had, but for some that stand no more."""
    left = dict(tagged)
    for life in lives:
        if life.previous_tag_id is None:
            del left[life.product_id]
        else:
            left[life.product_id] = Tagged(left[life.product_id].first, life.previous_tag_id)
    return left


def _first(state: State, earned: Seen, product_id: str) -> Seen:
    """Return the clip with which the evidence for a product that starts began.

    Where clips add up, those before the first that was believed have helped to make it so, but for
    those by which an earlier tag of the same product lived.
    """
    if not state.belief:
        return earned
    own = [one for one in state.recent if one is not earned and one.of(product_id) is not None]
    until = max((one.slot for one in own), default=-1)
    before = [one for one in state.recent if until < one.slot < earned.slot]
    return run_of([*before, earned], product_id)


def _led(state: State, counts: Counts) -> State:
    """Mark one open tag as the primary one."""
    now = next((life for life in state.open if life.primary), None)
    there = [life for life in state.open if life.missed < counts.enter]
    if (now is not None and (now in there or not there)) or not state.open:
        return state
    leader = min(
        there or state.open,
        key=lambda life: (
            -len(_support(state, life.product_id, counts)), -life.score, life.product_id
        ),
    )  # fmt: skip
    lives = tuple(
        replace(life, primary=life is leader) if life.ended_slot is None else life
        for life in state.lives
    )
    return replace(state, lives=lives)
