"""What the stages of a process do, as Prometheus reads it. A registry of its own, no globals.

Counters of events and verdicts are at least once, as delivery is: what a crash makes us do again
counts again. The accounts of sound are exact (`media_metrics.py`).
"""

from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from stream.media_metrics import MediaMetrics
from stream.room_progress import RoomProgress
from workers.events import Event, LoadRung, Summary, Transcript

_RUNGS = get_args(LoadRung)
_JOBS = (1, 2, 4, 8, 16, 32, 64)
_SECONDS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_DELAYS = (0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 30.0, 60.0)


class Metrics:
    """The instruments of one process; each stage writes under its own label."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        """What is exported."""
        self.media = MediaMetrics()
        self.registry.register(self.media)
        ProcessCollector(registry=self.registry)
        self.records = self._counter("records", "Records read", "topic")
        self.ignored = self._counter("records_after_end", "Records of rooms that had ended")
        self.letters = self._counter("dead_letters", "Records refused, by class of error", "error")
        self.events = self._counter("events", "Events acknowledged by the broker", "kind")
        self.verdicts = self._counter("verdicts", "What the guards said of an event", "verdict")
        self.fell_back = self._counter(
            "summaries_fell_back", "Summaries that the plain summarizer wrote instead", "reason"
        )
        self.retries = self._counter("retries", "Batches tried again")
        self.batch_jobs = self._histogram("batch_jobs", "Jobs in one call", _JOBS)
        self.batch_seconds = self._histogram("batch_seconds", "Length of one call", _SECONDS)
        self.delay_seconds = self._histogram(
            "delay_seconds",
            "From the input that reaches an event's end to the event's acknowledgement",
            _DELAYS,
        )
        self.commit_seconds = self._histogram("commit_seconds", "Length of a commit", _SECONDS)
        self.rung = Gauge(
            "liveshelf_load_rung",
            "What is left out: " + ", ".join(f"{at} {rung}" for at, rung in enumerate(_RUNGS)),
            ["stage"],
            registry=self.registry,
        )

    def of(self, stage: str) -> "StageMetrics":
        """Return what one stage tells."""
        return StageMetrics(self, stage)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"liveshelf_{name}", about, ["stage", *labels], registry=self.registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"liveshelf_{name}", about, ["stage"], buckets=buckets, registry=self.registry
        )


class StageMetrics:
    """The `Meter` of one stage."""

    def __init__(self, metrics: Metrics, stage: str) -> None:
        self._metrics = metrics
        self._stage = stage
        metrics.rung.labels(stage).set(0)

    def taken(self, topic: str) -> None:
        """Count a record."""
        self._metrics.records.labels(self._stage, topic).inc()

    def ignored(self) -> None:
        """Count a record of a room that has ended."""
        self._metrics.ignored.labels(self._stage).inc()

    def refused(self, error: str) -> None:
        """Count a dead letter."""
        self._metrics.letters.labels(self._stage, error).inc()

    def sent(self, event: Event) -> None:
        """Count an event, and what guards said of it."""
        self._metrics.events.labels(self._stage, event.kind).inc()
        if not isinstance(event, Summary | Transcript):
            return
        for verdict in event.verdicts:
            self._metrics.verdicts.labels(self._stage, verdict).inc()
        if isinstance(event, Summary) and event.fell_back:
            for reason in event.verdicts or ("unnamed",):
                self._metrics.fell_back.labels(self._stage, reason).inc()

    def delayed(self, seconds: float) -> None:
        """Enter a delay."""
        self._metrics.delay_seconds.labels(self._stage).observe(seconds)

    def worked(self, jobs: int, seconds: float) -> None:
        """Enter a batch."""
        self._metrics.batch_jobs.labels(self._stage).observe(jobs)
        self._metrics.batch_seconds.labels(self._stage).observe(seconds)

    def retried(self) -> None:
        """Count a retry."""
        self._metrics.retries.labels(self._stage).inc()

    def committed(self, seconds: float) -> None:
        """Enter a commit."""
        self._metrics.commit_seconds.labels(self._stage).observe(seconds)

    def load(self, rung: LoadRung) -> None:
        """Set the rung of the overload ladder."""
        self._metrics.rung.labels(self._stage).set(_RUNGS.index(rung))

    def entered(self, stream_id: str, progress: RoomProgress) -> None:
        """Read a room from now on."""
        self._metrics.media.enter(self._stage, stream_id, progress)

    def left(self, stream_id: str) -> None:
        """Keep a room's sums and forget the room."""
        self._metrics.media.leave(self._stage, stream_id)
