"""What the tag machine remembers of a room: its last clips, the open tag, and what ended."""

from dataclasses import dataclass, field
from typing import Any

from workers.events import Candidate, LoadRung, Match


@dataclass(frozen=True)
class Seen:
    """What one clip said."""

    slot: int
    product_id: str | None
    start_ms: int
    end_ms: int
    hop_ms: int
    score: float
    load_rung: LoadRung = "full"


@dataclass(frozen=True)
class Open:
    """The product that is being sold now."""

    tag_id: str
    product_id: str
    title: str
    start_ms: int
    end_ms: int
    support: int
    missed: int
    score: float
    previous_tag_id: str | None


@dataclass
class State:
    """All that a tag machine remembers."""

    next_slot: int = 0
    through_ms: int = 0
    done: bool = False
    recent: list[Seen] = field(default_factory=list)
    open: Open | None = None
    closed: dict[str, str] = field(default_factory=dict)
    """Last tag id of every product that has ended."""


def seen_in(match: Match, accepted: Candidate | None, recent: list[Seen]) -> Seen:
    """Return what a clip said, given the clips before it."""
    hop_ms = match.start_ms - recent[-1].start_ms if recent else 0
    return Seen(
        slot=match.slot,
        product_id=accepted.product_id if accepted else None,
        start_ms=match.start_ms,
        end_ms=match.end_ms,
        hop_ms=max(0, hop_ms),
        score=accepted.score if accepted else 0.0,
        load_rung=match.load_rung,
    )


def start_of(seen: Seen) -> int:
    """Where a product that this clip shows first has come in, on average."""
    if seen.slot == 0:
        return seen.start_ms
    return seen.start_ms + max(0, seen.end_ms - seen.start_ms - seen.hop_ms) // 2


def end_of(seen: Seen) -> int:
    """Where a product that this clip shows last has gone out, on average."""
    return min(seen.end_ms, seen.start_ms + (seen.end_ms - seen.start_ms + seen.hop_ms) // 2)


def from_snapshot(snapshot: dict[str, Any]) -> State:
    """Return the state that a snapshot holds."""
    return State(
        next_slot=snapshot["next_slot"],
        through_ms=snapshot["through_ms"],
        done=snapshot["done"],
        recent=[Seen(**seen) for seen in snapshot["recent"]],
        open=Open(**snapshot["open"]) if snapshot["open"] else None,
        closed=dict(snapshot["closed"]),
    )
