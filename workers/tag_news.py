"""What is to be told when the lives of tags go from one state to another. Pure.

A clip in order makes tags start, go on and end, and one that was a look-alike's all along is
withdrawn. A clip that comes late may change everything since: tags that stand otherwise are
corrected, those that nothing speaks for any more are withdrawn, and those that should have been
told are told now, under the ids that they would have had.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from workers.tag_state import Life, State


@dataclass(frozen=True)
class News:
    """One tag event to be told."""

    status: Literal["started", "updated", "corrected", "ended"]
    life: Life
    slot: int
    """The clip at which it would have been told in order; if corrected, the one that came late."""
    withdrawn: bool = False
    revision: int = 0
    """How often the tag was corrected, this time included."""

    @property
    def end_ms(self) -> int | None:
        """Where the tag ends, if it has; a withdrawn one ends where it began."""
        if self.withdrawn:
            return self.life.start_ms
        has_ended = self.status in ("corrected", "ended") and self.life.ended_slot is not None
        return self.life.end_ms if has_ended else None


def in_order(
    before: State, after: State, withdrawn: Container[str], update_every: int
) -> Iterator[News]:
    """Yield what the next clip changed; what stands no more comes first, and ends before starts.

    Args:
        before: the state without the clip.
        after: the state with it.
        withdrawn: ids of tags that were done away with, and may yet come back.
        update_every: supporting clips between two updates; 0: none but of the primary one.
    """
    yield from _gone(before, after, after.slot)
    known = {life.tag_id: life for life in before.lives}
    new = [life for life in after.lives if life.tag_id not in known]
    for life in after.lives:
        old = known.get(life.tag_id)
        if old is None or old.ended_slot is not None:
            continue
        due = update_every and life.support % update_every == 0 and life.support != old.support
        if due or life.primary != old.primary:
            yield News("updated", life, after.slot)
        if life.ended_slot is not None:
            yield News("ended", life, after.slot)
    for life in new:
        yield from _whole(life, withdrawn, after.slot)


def late(before: State, after: State, withdrawn: Container[str], late_slot: int) -> Iterator[News]:
    """Yield what a late clip changed; what stands no more comes first.

    Args:
        before: the state without the clip.
        after: the state with it.
        withdrawn: ids of tags that were done away with, and may yet come back.
        late_slot: of the clip.
    """
    known = {life.tag_id: life for life in before.lives}
    yield from _gone(before, after, late_slot)
    for life in after.lives:
        if life.tag_id not in known:
            yield from _whole(life, withdrawn, late_slot)
        elif _told(life) != _told(known[life.tag_id]):
            yield News("corrected", life, late_slot)


def with_words(after: State, told: Sequence[News], slot: int) -> Iterator[News]:
    """Yield open tags that pictures started at a clip of which the words are known only now.

    Args:
        after: the state with the words.
        told: what they changed.
        slot: of the clip.
    """
    named = {one.life.tag_id for one in told}
    for life in after.open:
        if life.started_slot == slot and life.tag_id not in named:
            yield News("updated", life, slot)


def _gone(before: State, after: State, slot: int) -> Iterator[News]:
    standing = {life.tag_id for life in after.lives}
    for life in before.lives:
        if life.tag_id not in standing:
            yield News("corrected", life, slot, withdrawn=True)


def _whole(life: Life, withdrawn: Container[str], slot: int) -> Iterator[News]:
    """Yield a tag that stood not before: a new one with its end, one that comes back corrected."""
    if life.tag_id in withdrawn:
        yield News("corrected", life, slot)
        return
    yield News("started", life, life.started_slot)
    if life.ended_slot is not None:
        yield News("ended", life, life.ended_slot)


def _told(life: Life) -> tuple[object, ...]:
    """Return what a viewer knows of a tag; how an open one goes on is told when it ends."""
    fixed = (life.start_ms, life.primary, life.previous_tag_id, life.first_tag_id, life.title)
    if life.ended_slot is None:
        return fixed
    return (*fixed, life.end_ms, life.score, life.support)
