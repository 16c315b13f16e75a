"""Clips that were told again as more became known → each once, as it was told last. Pure."""

from collections.abc import Iterable
from typing import TypeVar

from workers.events import GridEvent

GridEventT = TypeVar("GridEventT", bound=GridEvent)


def newest(events: Iterable[GridEventT]) -> list[GridEventT]:
    """Return the highest revision of each slot, in order.

    Args:
        events: of one topic of one room, in any order.
    """
    found: dict[int, GridEventT] = {}
    for event in events:
        known = found.get(event.slot)
        if known is None or event.revision > known.revision:
            found[event.slot] = event
    return [found[slot] for slot in sorted(found)]
