"""How many seconds of media a stage is behind, and which rung of the overload ladder follows.

A room is behind by what was taken of it and is not yet settled (everything made from it was
acknowledged), so that sound which only waits for its pause does not count. What a partition's lane
has not taken yet is added as an estimate: its records, at so many per second of media and room.
Only rooms whose media come as they happen count: nobody waits for another.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from workers.events import LoadRung
from workers.ladder import Ladder, OverloadOptions

logger = logging.getLogger(__name__)


@dataclass
class _Reach:
    """How far one room has come in one topic; media time in ms."""

    first_ms: int
    taken_ms: int
    settled_ms: int
    records: int = 0
    """Taken after the first."""


class MediaBacklog:
    """What one lane is behind in the rooms of one topic."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Reach] = {}

    def take(self, stream_id: str, end_ms: int) -> None:
        """Say that the lane has taken a record that ends at this media time."""
        reach = self._rooms.get(stream_id)
        if reach is None:
            self._rooms[stream_id] = _Reach(end_ms, end_ms, end_ms)
            return
        reach.records += 1
        reach.taken_ms = max(reach.taken_ms, end_ms)

    def settle(self, stream_id: str, end_ms: int) -> None:
        """Say that everything made from a record was acknowledged."""
        reach = self._rooms.get(stream_id)
        if reach is not None:
            reach.settled_ms = max(reach.settled_ms, end_ms)

    def forget(self, stream_id: str) -> None:
        """Let go of a room that has ended."""
        self._rooms.pop(stream_id, None)

    def behind_ms(self, counts: Callable[[str], bool], waiting: int) -> int:
        """Return by how much the worst room that counts is behind; 0 where none does.

        Args:
            counts: Whether a room counts.
            waiting: Records of all rooms that were not taken yet.
        """
        behind = [
            reach.taken_ms - reach.settled_ms
            for stream_id, reach in self._rooms.items()
            if counts(stream_id)
        ]
        return max(behind) + self._waiting_ms(waiting) if behind else 0

    def _waiting_ms(self, waiting: int) -> int:
        spans_ms = sum(reach.taken_ms - reach.first_ms for reach in self._rooms.values())
        records = sum(reach.records for reach in self._rooms.values())
        return waiting * spans_ms // (records * len(self._rooms)) if records else 0


@dataclass(frozen=True)
class Load:
    """What a stage left out from now on, and why."""

    stage: str
    rung: LoadRung
    behind_s: float
    """Seconds of media."""


class StageLoad:
    """The ladder of one stage in one process. `rung` may be asked from any thread."""

    def __init__(
        self,
        stage: str,
        options: OverloadOptions,
        is_live: Callable[[str], bool],
        on_reading: Callable[[Load], object] = lambda _: None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start at the top.

        Args:
            stage: Its name, for the log.
            options: When work is left out.
            is_live: Whether a room's media come as they happen.
            on_reading: Told every reading and what follows from it.
            now_s: Monotonic seconds.
        """
        self.is_live = is_live
        self._ladder = Ladder(options)
        self._on_reading = on_reading
        self._now_s = now_s
        self._load = Load(stage, "full", 0.0)

    @property
    def now(self) -> Load:
        """The last reading, and what follows from it."""
        return self._load

    def rung(self, stream_id: str) -> LoadRung:
        """Return what is left out of a room's work now; of one that is not live, nothing."""
        return self._load.rung if self.is_live(stream_id) else "full"

    def hold(self, rung: LoadRung) -> None:
        """Leave out what a rung says until the next reading, to find out what that costs."""
        self._load = replace(self._load, rung=rung)

    def read(self, behind_ms: int) -> None:
        """Take a reading: the media by which the worst live room is behind now, in ms."""
        before = self._load
        behind_s = behind_ms / 1_000
        rung = self._ladder.read(self._now_s(), behind_s)
        self._load = replace(before, rung=rung, behind_s=behind_s)
        if self._load.rung != before.rung:
            logger.warning(
                "%s: %.1f s of media behind: from %s to %s",
                before.stage,
                behind_s,
                before.rung,
                self._load.rung,
            )
        self._on_reading(self._load)
