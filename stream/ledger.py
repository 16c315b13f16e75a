"""Which offsets of one partition may be committed. Pure.

Every record taken is entered with its room and the media time at which it ends. It is let go when
it is settled (everything that it contributed to was acknowledged) and its room no longer needs
media up to that time (an open window holds it). The commit position is the lowest offset not yet
let go.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from stream.load import MediaBacklog

NEVER_NEEDED = -1
"""`end_ms` of a record that no window can need, such as one that could not be decoded."""


@dataclass
class _Entry:
    offset: int
    stream_id: str
    end_ms: int
    settled: bool = False


class PartitionLedger:
    """The open records of one partition of one topic, in offset order."""

    def __init__(self) -> None:
        self._entries: deque[_Entry] = deque()
        self._by_offset: dict[int, _Entry] = {}
        self._floor_ms: dict[str, int] = {}
        self._next_offset: int | None = None
        self._backlog = MediaBacklog()

    def take(self, offset: int, stream_id: str, end_ms: int) -> None:
        """Enter a record; offsets must rise."""
        entry = _Entry(offset, stream_id, end_ms)
        self._entries.append(entry)
        self._by_offset[offset] = entry
        self._next_offset = offset + 1
        if end_ms > NEVER_NEEDED:
            self._backlog.take(stream_id, end_ms)

    def settle(self, offset: int) -> None:
        """Say that everything a record contributed to so far was acknowledged."""
        self.answer(offset)
        entry = self._by_offset.get(offset)
        if entry is not None:
            entry.settled = True

    def answer(self, offset: int) -> None:
        """Say that a record is worked off; its commit may have to wait."""
        entry = self._by_offset.get(offset)
        if entry is not None:
            self._backlog.settle(entry.stream_id, entry.end_ms)

    def need_from(self, stream_id: str, needed_from_ms: int) -> None:
        """Say that a room's state up to this media time is safe elsewhere."""
        self._floor_ms[stream_id] = needed_from_ms

    def forget(self, stream_id: str) -> None:
        """Say that a room has ended and holds nothing any more."""
        for entry in self._entries:
            if entry.stream_id == stream_id:
                entry.end_ms = NEVER_NEEDED
        self._floor_ms.pop(stream_id, None)
        self._backlog.forget(stream_id)

    def behind_ms(self, counts: Callable[[str], bool], end_offset: int | None) -> int:
        """Return by how much media the worst of the rooms that count is behind here.

        Args:
            counts: Whether a room counts.
            end_offset: Of the record that Kafka gets next; none: not known.
        """
        if end_offset is None or self._next_offset is None:
            return self._backlog.behind_ms(counts, 0)
        return self._backlog.behind_ms(counts, max(0, end_offset - self._next_offset))

    def position(self) -> int | None:
        """Return the offset to commit: the lowest still needed, or none when nothing was taken."""
        while self._entries and self._free(self._entries[0]):
            del self._by_offset[self._entries.popleft().offset]
        return self._entries[0].offset if self._entries else self._next_offset

    def _free(self, entry: _Entry) -> bool:
        floor_ms = self._floor_ms.get(entry.stream_id, NEVER_NEEDED)
        return entry.settled and entry.end_ms <= max(floor_ms, NEVER_NEEDED)

    def __len__(self) -> int:
        return len(self._entries)
