"""Where the sound went and how far each room has come, read from the rooms whenever it is asked.

Nothing is counted twice or forgotten between two readings, as there is no second book: totals of a
stage are those of the rooms that were here plus those that are. A room's own series start where
its account stands, last as long as it is open here, and so stay few.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stream.room_progress import RoomProgress
from workers.media_sums import MediaSums

_PARTS = ("received", "transcribed", "silent")
_ABOUT = {
    "received": "Sound that the source delivered; pending sound of a room taken over included",
    "transcribed": "Sound in which somebody was heard",
    "silent": "Sound in which nobody was heard",
    "dropped": "Sound thrown away, by reason",
}


@dataclass
class _Open:
    progress: RoomProgress
    before: MediaSums
    """What another process, or an earlier life of this one, has counted."""


class MediaMetrics(Collector):
    """Reads the open rooms of every stage; safe from any thread."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Open] = {}
        self._left: dict[str, MediaSums] = defaultdict(MediaSums)
        self._handed_over_ms: dict[str, int] = defaultdict(int)
        self._stages: dict[str, None] = {}
        self._lock = Lock()

    def enter(self, stage: str, stream_id: str, progress: RoomProgress) -> None:
        """Read a room from now on."""
        sums = progress.account.sums if progress.account is not None else MediaSums()
        before = replace(sums, received_ms=sums.settled_ms, pending_ms=0)
        with self._lock:
            self._stages[stage] = None
            self._open[stage, stream_id] = _Open(progress, before)

    def leave(self, stage: str, stream_id: str) -> None:
        """Add what came of a room to the stage's totals, and forget the room."""
        with self._lock:
            room = self._open.pop((stage, stream_id))
            if room.progress.account is None:
                return
            since = room.progress.account.sums - room.before
            self._handed_over_ms[stage] += since.pending_ms
            self._left[stage] += replace(since, pending_ms=0)

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is depends on the rooms."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the totals of each stage and the account of each open room."""
        with self._lock:
            rooms = dict(self._open)
            stages = list(self._stages)
            totals = {(stage,): sums for stage, sums in self._left.items()}
            handed_over = dict(self._handed_over_ms)
            # Read once: so that the totals and the rooms are of one moment.
            now = {
                key: room.progress.account.sums
                for key, room in rooms.items()
                if room.progress.account is not None
            }
        for key, sums in now.items():
            totals[key[:1]] = totals.get(key[:1], MediaSums()) + (sums - rooms[key].before)
        yield from _progress(stages, rooms)
        yield from _account("liveshelf_media", ("stage",), totals)
        yield from _account("liveshelf_room_media", ("stage", "stream_id"), now)
        handed = CounterMetricFamily(
            "liveshelf_media_handed_over_seconds",
            "Sound that was pending when another process took its room over",
            labels=["stage"],
        )
        for (stage,) in totals:
            handed.add_metric([stage], handed_over.get(stage, 0) / 1_000)
        yield handed


def _progress(stages: list[str], rooms: dict[tuple[str, str], _Open]) -> Iterator[Metric]:
    count = GaugeMetricFamily("liveshelf_rooms_open", "Rooms open here", labels=["stage"])
    backlog = GaugeMetricFamily(
        "liveshelf_backlog_seconds",
        "Media that has come and of which nothing is said yet, of the room furthest behind; the "
        "open window included",
        labels=["stage"],
    )
    for stage in stages:
        behind = [room.progress.backlog_ms for (of, _), room in rooms.items() if of == stage]
        count.add_metric([stage], len(behind))
        backlog.add_metric([stage], max(behind, default=0) / 1_000)
    yield count
    yield backlog


def _account(
    prefix: str, labels: tuple[str, ...], accounts: Mapping[Any, MediaSums]
) -> Iterator[Metric]:
    for part in _PARTS:
        total = CounterMetricFamily(f"{prefix}_{part}_seconds", _ABOUT[part], labels=labels)
        for key, sums in accounts.items():
            total.add_metric(key, getattr(sums, f"{part}_ms") / 1_000)
        yield total
    dropped = CounterMetricFamily(
        f"{prefix}_dropped_seconds", _ABOUT["dropped"], labels=[*labels, "reason"]
    )
    pending = GaugeMetricFamily(
        f"{prefix}_pending_seconds", "Sound of which nothing is said yet", labels=labels
    )
    for key, sums in accounts.items():
        for reason, ms in sums.dropped_by_ms.items():
            dropped.add_metric([*key, reason], ms / 1_000)
        pending.add_metric(key, sums.pending_ms / 1_000)
    yield dropped
    yield pending
