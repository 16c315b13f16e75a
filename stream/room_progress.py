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

    def say(self, end_ms: int, now_s: float) -> float | None:
        """Enter that all is acknowledged that there is to say up to a media time.

        Returns:
            Seconds since the input that reaches that time; none where that was not seen.
        """
        if end_ms <= self.said_ms:
            return None
        self.said_ms = end_ms
        while self._came:
            reached_ms, came_s = self._came[0]
            if reached_ms >= end_ms:
                return now_s - came_s
            self._came.popleft()
        return None
