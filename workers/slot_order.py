"""Slots that come out of order → slots in order. Pure."""

from collections.abc import Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class SlotOrder(Generic[ItemT]):
    """Holds back what comes ahead of a missing slot until that comes or is given up.

    Args:
        most_ahead: a slot is given up when one comes that is so many later; 0: nothing is held.
    """

    def __init__(self, most_ahead: int) -> None:
        self._most_ahead = most_ahead
        self._held: dict[int, ItemT] = {}

    def take(self, slot: int, item: ItemT, wanted: int) -> Iterator[ItemT]:
        """Take a slot, once; yield what is next.

        Args:
            slot: at least `wanted`.
            item: what comes in it.
            wanted: the first slot that was neither yielded nor given up.
        """
        self._held.setdefault(slot, item)
        while self._held:
            first = min(self._held)
            if first > wanted and max(self._held) - wanted < self._most_ahead:
                return
            wanted = first + 1
            yield self._held.pop(first)

    def rest(self) -> Iterator[ItemT]:
        """Yield all that is held, in order: nothing is waited for any more."""
        while self._held:
            yield self._held.pop(min(self._held))
