"""What the tag machine remembers of a room: its last clips, and the lives of its tags. Pure."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import JsonValue

from workers.events import LoadRung

_LEAST_SHARE = 0.25
"""Of a clip that shows a product at all."""


@dataclass(frozen=True)
class Shown:
    """A product that a clip shows."""

    product_id: str
    score: float
    title: str = ""
    nats: float = 0.0
    """How much the clip speaks for it: a log-likelihood ratio."""
    is_outside: bool = False
    """Whether it is in a wider gallery than the room's narrowest alone."""


@dataclass(frozen=True)
class Seen:
    """What one clip said."""

    slot: int
    start_ms: int
    end_ms: int
    shown: tuple[Shown, ...] = ()
    """Products that count as being sold, the best one first: accepted ones, or where clips add up
    the one that is believed."""
    candidates: tuple[Shown, ...] = ()
    """All that were found, the best one first."""
    load_rung: LoadRung = "full"
    revision: int = 0
    """Of the match; a higher one says what the clip shows now that late media have come."""
    early: bool = False
    """Whether it is of its pictures alone, and comes again with its words."""
    last: bool = False
    hop_ms: int = 0
    """From the start of the clip before it."""

    def of(self, product_id: str) -> Shown | None:
        """Return what it says of a product, if it shows it."""
        return next((one for one in self.shown if one.product_id == product_id), None)

    def nats_of(self, product_id: str) -> float:
        """Return how much it speaks for a product; less than nothing if it does not name it."""
        found = (one.nats for one in self.candidates if one.product_id == product_id)
        return next(found, -math.inf)


@dataclass(frozen=True)
class Life:
    """One tag from its start on."""

    tag_id: str
    product_id: str
    title: str
    started_slot: int
    """The clip at which it had earned its start."""
    start_ms: int
    end_ms: int
    """Where its evidence ends so far."""
    support: int
    """Clips that showed it."""
    missed: int
    """Clips running that did not."""
    score: float
    previous_tag_id: str | None = None
    first_tag_id: str | None = None
    primary: bool = True
    ended_slot: int | None = None
    """The clip at which it ended; none while it is open."""
    nats: float = 0.0
    """The most that a clip spoke for it; 0: clips count alone."""


@dataclass(frozen=True)
class Tagged:
    """The tags that a product had before, by id."""

    first: str
    last: str


@dataclass(frozen=True)
class State:
    """What the clips up to one slot come to."""

    stream_id: str
    slot: int = -1
    """Of the newest clip."""
    recent: tuple[Seen, ...] = ()
    lives: tuple[Life, ...] = ()
    """Of open tags, and of those that ended but may still be corrected, by start."""
    tagged: Mapping[str, Tagged] = field(default_factory=dict)
    """Product to the tags that it had."""
    belief: Mapping[str, float] = field(default_factory=dict)
    """Product to the probability that it is being sold; empty: clips count alone."""

    @property
    def open(self) -> tuple[Life, ...]:
        """The tags of what is being sold now."""
        return tuple(life for life in self.lives if life.ended_slot is None)


def start_of(seen: Seen) -> int:
    """Where a product that this clip shows first has come in, on average."""
    if seen.slot == 0:
        return seen.start_ms
    return seen.start_ms + max(0, seen.end_ms - seen.start_ms - seen.hop_ms) // 2


def end_of(seen: Seen, share: float | None = None) -> int:
    """Where a product that this clip shows last has gone out, on average.

    Args:
        seen: the clip.
        share: how much it speaks for the product, of the most that a clip did: one that speaks as
            much as ever is full of it, one that speaks for less holds less of it; none: not known.
    """
    if share is not None:
        length_ms = (seen.end_ms - seen.start_ms) * min(1.0, max(_LEAST_SHARE, share))
        return seen.start_ms + round(length_ms)
    return min(seen.end_ms, seen.start_ms + (seen.end_ms - seen.start_ms + seen.hop_ms) // 2)


def state_json(state: State) -> dict[str, JsonValue]:
    """Return a state as JSON."""
    return {
        "slot": state.slot,
        "recent": [seen_json(seen) for seen in state.recent],
        "lives": [asdict(life) for life in state.lives],
        "tagged": {product: [had.first, had.last] for product, had in state.tagged.items()},
        "belief": dict(state.belief),
    }


def seen_json(seen: Seen) -> dict[str, JsonValue]:
    """Return a clip as JSON."""
    named = {"shown": seen.shown, "candidates": seen.candidates}
    lists = {name: [asdict(one) for one in some] for name, some in named.items()}
    return {**asdict(seen), **lists}


def state_of(stream_id: str, saved: Mapping[str, Any]) -> State:
    """Return the state that `state_json` wrote."""
    return State(
        stream_id=stream_id,
        slot=saved["slot"],
        recent=tuple(seen_of(seen) for seen in saved["recent"]),
        lives=tuple(Life(**life) for life in saved["lives"]),
        tagged={product: Tagged(*had) for product, had in saved["tagged"].items()},
        belief=saved.get("belief", {}),
    )


def seen_of(saved: Mapping[str, Any]) -> Seen:
    """Return the clip that `seen_json` wrote."""
    lists = {
        name: tuple(Shown(**one) for one in saved.get(name, ())) for name in ("shown", "candidates")
    }
    return Seen(**{**saved, **lists})


def state_of_one_open(stream_id: str, saved: Mapping[str, Any]) -> State:
    """Return the state of a machine that knew one open tag: a room may outlive an upgrade."""
    recent = []
    for one in saved["recent"]:
        known = {key: one[key] for key in ("slot", "start_ms", "end_ms", "hop_ms")}
        shown = (Shown(one["product_id"], one["score"]),) if one["product_id"] else ()
        recent.append(Seen(**known, shown=shown, load_rung=one.get("load_rung", "full")))
    tagged = {product: Tagged(tag_id, tag_id) for product, tag_id in saved["closed"].items()}
    lives: tuple[Life, ...] = ()
    if saved["open"]:
        life = Life(**saved["open"], started_slot=saved["next_slot"] - 1)
        first = tagged[life.product_id].first if life.product_id in tagged else None
        lives = (Life(**{**asdict(life), "first_tag_id": first}),)
    return State(stream_id, saved["next_slot"] - 1, tuple(recent), lives, tagged)
