"""One room's clips and the tags that they come to, stepped again where a clip comes late. Pure.

    base                      log                                  now
    state ──> clip 12 ─> clip 13 ─> (14 is lost) ─> clip 15 ──> state
                                     14 comes ^ : step 14, 15 again from what is before, compare

Clips that are older than the span in which corrections are made are part of `base` for good.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from pydantic import JsonValue

from workers.belief import BeliefOptions
from workers.tag_life import settled, step
from workers.tag_news import News, in_order, late, with_words
from workers.tag_pace import Counts, hop_of
from workers.tag_state import (
    Life,
    Seen,
    State,
    seen_json,
    seen_of,
    state_json,
    state_of,
    state_of_one_open,
)

_DECIDE = 3
"""Of what clips add up to, so many hold the better part."""


class TagLog:
    """The newest clips of one room, and how its tags stand.

    Args:
        stream_id: the room.
        counts: clips that make a start and an end.
        adding: how clips add up to what is believed.
        correct_ms: media time for which clips are kept to be stepped again.
        snapshot: of an earlier one of this room.
    """

    def __init__(
        self,
        stream_id: str,
        counts: Counts,
        adding: BeliefOptions,
        correct_ms: int,
        snapshot: Mapping[str, Any] | None = None,
    ) -> None:
        self._counts = counts
        self._adding = adding
        self._correct_ms = correct_ms
        self._base = State(stream_id)
        self._log: dict[int, Seen] = {}
        self._withdrawn: dict[str, Life] = {}
        self._revisions: dict[str, int] = {}
        self.through_ms = 0
        """Media time up to which clips were taken."""
        self.done = False
        """Whether the room's last clip was taken."""
        if snapshot:
            self._restore(stream_id, snapshot)
        self._now = self._replayed()

    @property
    def recent(self) -> tuple[Seen, ...]:
        """The clips that the newest decision was made from, where clips add up the last of them."""
        recent = self._now.recent
        least = _DECIDE if self._adding.is_on else 1
        counts = replace(self._counts, enter_of=max(self._counts.enter_of, least))
        return recent[-counts.at(hop_of([one.start_ms for one in recent])).enter_of :]

    def belief(self, product_id: str) -> float | None:
        """Return the probability that a product is being sold; none where clips count alone."""
        return self._now.belief.get(product_id, 0.0) if self._adding.is_on else None

    def takes(self, slot: int, revision: int) -> bool:
        """Whether a clip is news: neither taken before nor of a time that is settled."""
        if self.done or slot <= self._base.slot:
            return False
        return slot not in self._log or self._log[slot].revision < revision

    def take(self, seen: Seen) -> list[News]:
        """Take a clip that is news; return what is to be told."""
        before, is_late = self._now, seen.slot <= self._now.slot
        known = self._log.get(seen.slot)
        has_words_now = known is not None and known.early and not seen.early
        self._log[seen.slot] = seen
        self._log = dict(sorted(self._log.items()))
        self.through_ms = max(self.through_ms, seen.end_ms)
        self.done = seen.last
        if is_late:
            self._now = self._replayed()
            found = list(late(before, self._now, self._withdrawn, seen.slot))
            if has_words_now:
                found += with_words(self._now, found, seen.slot)
        else:
            self._now = step(before, seen, self._counts, self._adding)
            every = self._counts.at(hop_of([one.start_ms for one in self._now.recent])).update_every
            found = list(in_order(before, self._now, self._withdrawn, every))
        news = self._numbered(found)
        self._settle()
        return news

    def snapshot(self) -> dict[str, JsonValue]:
        """All that is remembered."""
        return {
            "base": state_json(self._base),
            "log": [seen_json(seen) for seen in self._log.values()],
            "withdrawn": [asdict(life) for life in self._withdrawn.values()],
            "revisions": dict(self._revisions),
            "through_ms": self.through_ms,
            "done": self.done,
        }

    def _restore(self, stream_id: str, saved: Mapping[str, Any]) -> None:
        self.through_ms = saved["through_ms"]
        self.done = saved["done"]
        if "base" not in saved:
            self._base = state_of_one_open(stream_id, saved)
            return
        self._base = state_of(stream_id, saved["base"])
        self._log = {one["slot"]: seen_of(one) for one in saved["log"]}
        self._withdrawn = {one["tag_id"]: Life(**one) for one in saved["withdrawn"]}
        self._revisions = dict(saved["revisions"])

    def _replayed(self) -> State:
        state = self._base
        for seen in self._log.values():
            state = step(state, seen, self._counts, self._adding)
        return state

    def _numbered(self, news: list[News]) -> list[News]:
        """Return the news with the number of their correction, and remember what is withdrawn."""
        told = []
        for one in news:
            tag_id = one.life.tag_id
            if one.status == "corrected":
                self._revisions[tag_id] = self._revisions.get(tag_id, 0) + 1
                self._withdrawn.pop(tag_id, None)
                if one.withdrawn:
                    self._withdrawn[tag_id] = one.life
            told.append(replace(one, revision=self._revisions.get(tag_id, 0)))
        return told

    def _settle(self) -> None:
        """Move the clips into `base` that nothing may change any more."""
        floor_ms = self.through_ms - self._correct_ms
        for slot in [slot for slot, seen in self._log.items() if seen.end_ms <= floor_ms]:
            seen = self._log.pop(slot)
            self._base = settled(step(self._base, seen, self._counts, self._adding), slot)
        self._now = settled(self._now, self._base.slot)
        slot = self._base.slot
        self._withdrawn = {
            key: life for key, life in self._withdrawn.items() if life.started_slot > slot
        }
        alive = {life.tag_id for life in self._now.lives} | self._withdrawn.keys()
        self._revisions = {key: n for key, n in self._revisions.items() if key in alive}
