"""The records of one topic of a room that still count, by slot, whatever their order. Pure."""

from typing import Generic, TypeVar

from workers.events import GridEvent

GridEventT = TypeVar("GridEventT", bound=GridEvent)


class HeldSlots(Generic[GridEventT]):
    """Records by slot, of each the newest revision."""

    def __init__(self) -> None:
        self.by_slot: dict[int, GridEventT] = {}

    def take(self, event: GridEventT) -> bool:
        """Hold a record unless it was taken; return whether it is news of an earlier time."""
        known = self.by_slot.get(event.slot)
        if known is not None and known.revision >= event.revision:
            return False
        is_late = event.revision > 0 or event.slot < max(self.by_slot, default=event.slot)
        self.by_slot[event.slot] = event
        return is_late

    @property
    def misses_some(self) -> bool:
        """Whether there are slots between those held that are not."""
        slots = self.by_slot
        return bool(slots) and len(slots) <= max(slots) - min(slots)

    def forget(self, until_ms: int) -> None:
        """Let go of what ends at or before a media time."""
        for slot in [slot for slot, event in self.by_slot.items() if event.end_ms <= until_ms]:
            del self.by_slot[slot]
