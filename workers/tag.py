"""Matches of one room → tags: which products are being sold, from when to when. Pure.

What starts and ends a tag is in `tag_life.py`, a function from state and clip to state; here a room
is stepped through its clips, and what changed is told. A match that comes late, or says otherwise
what a clip shows because media came late, is put where it belongs, the clips since are stepped
again, and what stands otherwise now is told as `corrected`: tags depend on what the clips show, not
on the order in which that became known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from models.errors import BadEventError, MismatchError
from workers.belief import BeliefOptions
from workers.decided_by import decided_by
from workers.decision import Threshold
from workers.events import Evidence, GridEvent, Match, Scope, StreamEvent, Tag
from workers.ladder import lowest
from workers.machine import Outcome
from workers.narrowest import narrowest
from workers.tag_log import TagLog
from workers.tag_news import News
from workers.tag_pace import Counts
from workers.tag_shown import seen_in
from workers.tag_state import Seen

TagJob = list[Tag]
"""Tags are decided by the machine itself; its worker only hands them on."""


@dataclass(frozen=True)
class TagOptions:
    """When a product counts as being sold.

    Counts are of clips that come every 2.5 s; where they come at another rate, as many count as
    span the same stretch of media.
    """

    enter: int = 2
    """Clips that must show a product before it starts ..."""
    enter_of: int = 3
    """... among this many last clips."""
    leave: int = 3
    """Clips running without the product after which it has ended."""
    adds_up: bool = True
    """Where the encoder is calibrated by modality, clips add up to what is believed, and neither
    entering nor leaving is counted; false: counts alone."""
    stay: float = 0.8
    """Probability that a product goes on being sold from one clip to the next 2.5 s later."""
    enough: float = 0.8
    """Probability from which on a product is believed."""
    update_every: int = 4
    """Supporting clips between two `updated` tags; 0: none but of which one is the primary."""
    also_within: float = 0.0
    """A clip also shows products that are accepted, at most this much worse than its best one, and
    the best by a modality of their own; 0: its best one only."""
    correct_ms: int = 30_000
    """Media time for which late clips still correct what was said; 0: never. Clips come as late as
    `align.correct_ms` lets them, and a clip's length."""

    def counts(self, *, adds_up: bool) -> Counts:
        """Return the counts alone; where clips add up, two without the product end it."""
        enter, enter_of, leave = (1, 1, 2) if adds_up else (self.enter, self.enter_of, self.leave)
        return Counts(enter, enter_of, leave, self.update_every)

    def adding(self, *, adds_up: bool) -> BeliefOptions:
        """Return how clips add up, if they do."""
        return BeliefOptions(adds_up, self.stay, self.enough)


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
        adds_up = options.adds_up and any(rule.evidence for rule in thresholds.values())
        self._log = TagLog(
            stream_id,
            options.counts(adds_up=adds_up),
            options.adding(adds_up=adds_up),
            options.correct_ms,
            snapshot,
        )

    def push(self, event: GridEvent) -> Sequence[TagJob]:
        """Take a match; one that was taken before, or whose time is settled, is ignored.

        Raises:
            BadEventError: it is of another encoder or index than the threshold; the room goes on,
                and ends.
            MismatchError: there is no threshold for its scope.
        """
        if not isinstance(event, Match) or not self._log.takes(event.slot, event.revision):
            return []
        rule = self._rule(event) if event.candidates else Threshold(0.0, "")
        # A match was made before somebody changed encoder or index: it says nothing any more.
        other = rule.mismatch(event.scope, event.fingerprint, event.index_version, event.build_id)
        if other:
            if not event.last:
                message = f"match {event.stream_id}/{event.slot}: {other}"
                raise BadEventError(message)
            event = event.model_copy(update={"candidates": (), "beside": ()})
        seen = seen_in(event, self._thresholds, self._options.also_within)
        news = self._log.take(seen)
        return [[self._tag(one, event, seen) for one in news]]

    def close(self) -> Sequence[TagJob]:
        """Matches end with their room; there is nothing to close here."""
        return []

    @property
    def needed_from_ms(self) -> int:
        """Everything taken is in the snapshot."""
        return self._log.through_ms

    @property
    def done(self) -> bool:
        """Whether the room's last match was seen."""
        return self._log.done

    def snapshot(self) -> dict[str, JsonValue]:
        """The whole state; see `TagLog`."""
        return self._log.snapshot()

    def _rule(self, match: Match) -> Threshold:
        rule = self._thresholds.get(match.scope)
        if rule is None:
            message = (
                f"match {match.stream_id}/{match.slot}: no threshold is calibrated for scope "
                f"{match.scope!r}, only for {sorted(self._thresholds)}; set match.threshold"
            )
            raise MismatchError(message)
        return rule

    def _tag(self, news: News, match: Match, seen: Seen) -> Tag:
        life = news.life
        known = (*match.candidates, *match.beside)
        own = next((one for one in known if one.product_id == life.product_id), None)
        scope = (own.scope if own else None) or match.scope
        rule = self._thresholds.get(scope)
        weighs = self._thresholds.get(narrowest(match.steps, match.scope))
        named = match.candidates[:3]
        return Tag(
            stream_id=self._stream_id,
            tag_id=life.tag_id,
            status=news.status,
            slot=news.slot,
            product_id=life.product_id,
            title=life.title,
            start_ms=life.start_ms,
            end_ms=news.end_ms,
            decided_ms=self._log.through_ms,
            score=life.score,
            previous_tag_id=life.previous_tag_id,
            first_tag_id=life.first_tag_id,
            primary=life.primary,
            withdrawn=news.withdrawn,
            revision=news.revision,
            load_rung=lowest(*(one.load_rung for one in self._log.recent)),
            evidence=Evidence(
                frames=match.frames,
                words=match.text.transcript,
                product_name=match.text.product_name,
                candidates=named if own is None or own in named else (*named, own),
                windows=life.support,
                scope=scope,
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
                belief=self._log.belief(life.product_id),
                decided_by=decided_by(life.product_id, known, weighs) if weighs else None,
                shows=seen.of(life.product_id) is not None,
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
