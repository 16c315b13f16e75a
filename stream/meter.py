"""What a running stage tells of itself, and the double that listens to nothing.

Called on the event loop and on worker threads: whoever listens must not block.
"""

from collections.abc import Callable
from typing import Protocol

from stream.room_progress import RoomProgress
from workers.events import Event, LoadRung


class Meter(Protocol):
    """Hears what one stage of one process does."""

    def taken(self, topic: str) -> None:
        """A record was read from a topic (its name without prefix)."""

    def ignored(self) -> None:
        """A record came for a room that has ended: a replay, or media after the end."""

    def refused(self, error: str) -> None:
        """A record went to `dead-letters` for an error of this class."""

    def sent(self, event: Event) -> None:
        """An event was acknowledged; after a crash some are told again."""

    def delayed(self, seconds: float) -> None:
        """An event was acknowledged so long after the input that reaches its end had come."""

    def worked(self, jobs: int, seconds: float) -> None:
        """A batch was answered."""

    def retried(self) -> None:
        """A batch failed for a moment and is tried again."""

    def committed(self, seconds: float) -> None:
        """States and offsets were saved."""

    def load(self, rung: LoadRung) -> None:
        """The stage now leaves out as much as this rung says."""

    def entered(self, stream_id: str, progress: RoomProgress) -> None:
        """A room was opened here, or taken over."""

    def left(self, stream_id: str) -> None:
        """A room has ended here, or another process has taken it over."""


class NoMeter:
    """Listens to nothing."""

    def taken(self, topic: str) -> None:
        """Nothing."""

    def ignored(self) -> None:
        """Nothing."""

    def refused(self, error: str) -> None:
        """Nothing."""

    def sent(self, event: Event) -> None:
        """Nothing."""

    def delayed(self, seconds: float) -> None:
        """Nothing."""

    def worked(self, jobs: int, seconds: float) -> None:
        """Nothing."""

    def retried(self) -> None:
        """Nothing."""

    def committed(self, seconds: float) -> None:
        """Nothing."""

    def load(self, rung: LoadRung) -> None:
        """Nothing."""

    def entered(self, stream_id: str, progress: RoomProgress) -> None:
        """Nothing."""

    def left(self, stream_id: str) -> None:
        """Nothing."""


MeterOf = Callable[[str], Meter]
"""Stage → who listens to it."""


def no_meter(_stage: str) -> Meter:
    """Return a double for any stage."""
    return NoMeter()
