"""A set of slots as merged ranges: small while slots come in order, and bounded when they do not.

Pure. Holes beyond a bound are forgotten from the oldest on: their slots then count as contained.
"""

from bisect import bisect_right
from collections.abc import Iterable

MOST_RANGES = 256
"""So that what is kept stays small whatever a source sends."""


class SlotRanges:
    """Slots that were seen."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        """Start with what `ranges` of another returned."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in ranges:
            self._starts.append(start)
            self._ends.append(end)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """First slot and the one after the last of each range, in order."""
        return list(zip(self._starts, self._ends, strict=True))

    def __contains__(self, slot: int) -> bool:
        place = bisect_right(self._starts, slot) - 1
        return place >= 0 and slot < self._ends[place]

    def add(self, slot: int) -> bool:
        """Enter a slot; returns whether it is new."""
        if slot in self:
            return False
        place = bisect_right(self._starts, slot)
        self._starts.insert(place, slot)
        self._ends.insert(place, slot + 1)
        self._join(place)
        if place:
            self._join(place - 1)
        if len(self._starts) > MOST_RANGES:
            del self._starts[1], self._ends[0]
        return True

    def _join(self, place: int) -> None:
        """Make a range and the next one a single one where they touch."""
        if place + 1 < len(self._starts) and self._ends[place] == self._starts[place + 1]:
            del self._starts[place + 1], self._ends[place]
