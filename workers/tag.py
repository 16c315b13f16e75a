"""Matches of one room → tags: which product is being sold, from when to when. Pure.

One primary product at a time. A product starts when it was the accepted best candidate in `enter`
of the last `enter_of` clips and ends when it was not in `leave` clips running, or when another
starts. Start and end are backdated to where the evidence began and ended: a clip shows a product
once at least half of the clip does, so that the change lies, on average, half a clip minus half a
hop after the start of the first clip that shows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue

from models.errors import BadEventError, MismatchError
from workers.decision import Threshold
from workers.events import (
    Candidate,
    Evidence,
    GridEvent,
    Match,
    Scope,
    StreamEvent,
    Tag,
    stable_id,
)
from workers.ladder import lowest
from workers.machine import Outcome
from workers.tag_state import Open, State, end_of, from_snapshot, seen_in, start_of

TagJob = list[Tag]
"""Tags are decided by the machine itself; its worker only hands them on."""


@dataclass(frozen=True)
class TagOptions:
    """When a product counts as being sold."""

    enter: int = 2
    """Clips that must show a product before it starts ..."""
    enter_of: int = 3
    """... among this many last clips."""
    leave: int = 3
    """Clips running without the product after which it has ended."""
    update_every: int = 4
    """Supporting clips between two `updated` tags; 0: none."""


class Tagger:
    """The tags of one room."""

    def __init__(
        self,
        stream_id: str,
        thresholds: Mapping[Scope, Threshold],
        options: TagOptions,
        snapshot: dict[str, JsonValue] | None = None,
    ) -> None:
        self._stream_id = stream_id
        self._thresholds = thresholds
        self._options = options
        self._state = from_snapshot(snapshot) if snapshot else State()

    def push(self, event: GridEvent) -> Sequence[TagJob]:
        """Take the next match; repeated ones are ignored.

        Raises:
            BadEventError: it is of another encoder or index than the threshold; the room goes on,
                and ends.
            MismatchError: there is no threshold for its scope.
        """
        if not isinstance(event, Match) or self._state.done:
            return []
        if event.slot < self._state.next_slot:
            return []
        rule = self._rule(event) if event.candidates else Threshold(0.0, "")
        # A match was made before somebody changed encoder or index: it says nothing any more.
        other = rule.mismatch(event.scope, event.fingerprint, event.index_version, event.build_id)
        if other:
            if not event.last:
                message = f"match {event.stream_id}/{event.slot}: {other}"
                raise BadEventError(message)
            event = event.model_copy(update={"candidates": ()})
        self._state.next_slot = event.slot + 1
        self._state.through_ms = event.end_ms
        tags = self._decide(event, rule)
        if event.last:
            tags += self._end(event)
            self._state.done = True
        return [tags]

    def close(self) -> Sequence[TagJob]:
        """Matches end with their room; there is nothing to close here."""
        return []

    @property
    def needed_from_ms(self) -> int:
        """Everything taken is in the snapshot."""
        return self._state.through_ms

    @property
    def done(self) -> bool:
        """Whether the room's last match was seen."""
        return self._state.done

    def snapshot(self) -> dict[str, JsonValue]:
        """The whole state: open tag, last clips, and which products had a tag before."""
        state = self._state
        return {
            "next_slot": state.next_slot,
            "through_ms": state.through_ms,
            "done": state.done,
            "recent": [vars(seen) for seen in state.recent],
            "open": vars(state.open) if state.open else None,
            "closed": dict(state.closed),
        }

    def _rule(self, match: Match) -> Threshold:
        rule = self._thresholds.get(match.scope)
        if rule is None:
            message = (
                f"match {match.stream_id}/{match.slot}: no threshold is calibrated for scope "
                f"{match.scope!r}, only for {sorted(self._thresholds)}; set match.threshold"
            )
            raise MismatchError(message)
        return rule

    def _decide(self, match: Match, rule: Threshold) -> list[Tag]:
        state = self._state
        best = match.candidates[0] if match.candidates else None
        accepted = best if best is not None and rule.believes(best.score) else None
        state.recent.append(seen_in(match, accepted, state.recent))
        del state.recent[: -self._options.enter_of]
        tags: list[Tag] = []
        if state.open is not None:
            tags += self._follow(match, accepted)
        entering = self._entering()
        if entering is not None:
            tags += self._start(match, entering)
        return tags

    def _follow(self, match: Match, accepted: Candidate | None) -> list[Tag]:
        """Count a clip for or against the open product."""
        state = self._state
        current = state.open
        if current is None:
            return []
        if accepted is not None and accepted.product_id == current.product_id:
            support = current.support + 1
            state.open = replace(
                current,
                support=support,
                missed=0,
                end_ms=end_of(state.recent[-1]),
                score=max(current.score, accepted.score),
            )
            every = self._options.update_every
            if every and support % every == 0:
                return [self._tag("updated", match, state.open, None)]
            return []
        state.open = replace(current, missed=current.missed + 1)
        return self._end(match) if state.open.missed >= self._options.leave else []

    def _entering(self) -> str | None:
        """Return the product that has earned a start, if it is not the open one."""
        state = self._state
        newest = state.recent[-1].product_id
        if newest is None or (state.open is not None and state.open.product_id == newest):
            return None
        support = sum(seen.product_id == newest for seen in state.recent)
        return newest if support >= self._options.enter else None

    def _start(self, match: Match, product_id: str) -> list[Tag]:
        state = self._state
        ended = self._end(match)
        first = next(seen for seen in state.recent if seen.product_id == product_id)
        supporting = [seen for seen in state.recent if seen.product_id == product_id]
        title = next((c.title for c in match.candidates if c.product_id == product_id), "")
        opened = Open(
            tag_id=stable_id(self._stream_id, match.slot, product_id),
            product_id=product_id,
            title=title,
            start_ms=start_of(first),
            end_ms=end_of(supporting[-1]),
            support=len(supporting),
            missed=0,
            score=max(seen.score for seen in supporting),
            previous_tag_id=state.closed.get(product_id),
        )
        state.open = opened
        return [*ended, self._tag("started", match, opened, None)]

    def _end(self, match: Match) -> list[Tag]:
        state = self._state
        if state.open is None:
            return []
        ended, state.open = state.open, None
        state.closed[ended.product_id] = ended.tag_id
        end_ms = max(min(ended.end_ms, match.end_ms), ended.start_ms)
        return [self._tag("ended", match, ended, end_ms)]

    def _tag(self, status: Any, match: Match, current: Open, end_ms: int | None) -> Tag:
        rule = self._thresholds.get(match.scope)
        return Tag(
            stream_id=self._stream_id,
            tag_id=current.tag_id,
            status=status,
            slot=match.slot,
            product_id=current.product_id,
            title=current.title,
            start_ms=current.start_ms,
            end_ms=end_ms,
            decided_ms=match.end_ms,
            score=current.score,
            previous_tag_id=current.previous_tag_id,
            load_rung=lowest(*(seen.load_rung for seen in self._state.recent)),
            evidence=Evidence(
                frames=match.frames,
                words=match.text.transcript,
                product_name=match.text.product_name,
                candidates=match.candidates[:3],
                windows=current.support,
                scope=match.scope,
                steps=match.steps,
                cart_version=match.cart_version,
                present=match.present,
                fingerprint=match.fingerprint,
                build_id=match.build_id,
                index_version=match.index_version,
                threshold=rule.score if rule else 0.0,
                threshold_version=rule.version if rule else "",
                precision=rule.precision if rule else None,
                probability=match.probability,
            ),
        )


class TagWorker:
    """Hands on what the machines decided."""

    def process(self, jobs: Sequence[TagJob]) -> list[Outcome]:
        """Return the tags of each job."""
        return [list(job) for job in jobs]

    def empty(self, job: TagJob, error: BadEventError) -> list[StreamEvent]:
        """Return nothing: tags have no grid to keep whole."""
        return []
