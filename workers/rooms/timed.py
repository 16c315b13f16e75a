"""Events with the times at which a room that plays at speed 1 says them.

Media brings its own time. What a stage says comes no earlier than the media that it needed, and as
much later as the work before it took.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from workers.events import Event, GridEvent

EventT = TypeVar("EventT", bound=Event)
EventT_co = TypeVar("EventT_co", bound=Event, covariant=True)


@dataclass(frozen=True)
class Timed(Generic[EventT_co]):
    """An event and when it is there; media time in ms."""

    event: EventT_co
    at_ms: int
    """How far the room had come when there was enough of it to say this: the wait for the end of a
    slot, of a pause, of a window. No machine is earlier."""
    worked_ms: int
    """The same and what this machine worked on it, stage by stage, at speed 1."""


def from_source(events: Iterable[GridEvent]) -> Iterator[Timed[GridEvent]]:
    """Time media, which is there as soon as it has been shown."""
    return (Timed(event, event.watermark_ms, event.watermark_ms) for event in events)


def as_they_come(*kinds: Iterable[Timed[EventT]]) -> Iterator[Timed[EventT]]:
    """Merge the events of several topics, each in order, as a machine has them that takes no time.

    In the order of slow work a frame would come before the words of its moment, and what needs both
    would seem to need a later frame.
    """
    return heapq.merge(*kinds, key=lambda one: one.at_ms)


def of_kind(kind: type[EventT], events: Sequence[Timed[Event]]) -> list[Timed[EventT]]:
    """Return the events of a kind."""
    return [
        Timed(one.event, one.at_ms, one.worked_ms) for one in events if isinstance(one.event, kind)
    ]
