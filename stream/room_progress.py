"""How far one room has come in one stage: what was taken, what was said, and how long that took."""

from collections import deque

from workers.events import GridEvent
from workers.media_account import MediaAccount

_MOST_WAITING = 1_000
"""Times of arrival kept; beyond them delays are not told, and nothing else is lost."""


class RoomProgress:
    """One room in one stage; changed by one thread, its attributes may be read by any."""

    def __init__(self, account: MediaAccount | None = None) -> None:
        self.account = account
        """Where its sound went, in the stage that hears it."""
        self.taken_ms = 0
        """Media time up to which inputs have come."""
        self.said_ms = 0
        """Media time up to which events were acknowledged."""
        self._came: deque[tuple[int, float]] = deque(maxlen=_MOST_WAITING)

    @property
    def backlog_ms(self) -> int:
        """Media that has come and of which nothing is said yet, the open window included."""
        return max(0, self.taken_ms - self.said_ms)

    def take(self, event: GridEvent, now_s: float) -> None:
        """Enter an input."""
        if event.end_ms > self.taken_ms:
            self.taken_ms = event.end_ms
            self._came.append((event.end_ms, now_s))

    def say(self, event: GridEvent, now_s: float) -> float | None:
        """Enter an acknowledged event.

        Returns:
            Seconds since the input that reaches the event's end; none where that was not seen.
        """
        if event.end_ms <= self.said_ms:
            return None
        self.said_ms = event.end_ms
        while self._came:
            end_ms, came_s = self._came[0]
            if end_ms >= event.end_ms:
                return now_s - came_s
            self._came.popleft()
        return None
