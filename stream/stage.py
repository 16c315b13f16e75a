"""What the runner must know of a stage, and how it runs one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from stream.batcher import BatchOptions
from stream.load import StageLoad
from stream.topics import Topic
from workers.events import Event, GridEvent
from workers.machine import Machine, Worker


@dataclass(frozen=True)
class Stage:
    """One stage, ready to run."""

    name: str
    inputs: tuple[Topic, ...]
    output: Topic
    """Where its events go ..."""
    machine: Callable[[str, dict[str, JsonValue] | None], Machine[Any]]
    """Make the machine of a room, from a snapshot if there is one."""
    worker: Worker[Any]
    also: tuple[Topic, ...] = ()
    """... but for those of these topics' kinds."""
    batch: BatchOptions = field(default_factory=BatchOptions)
    closes_idle_rooms: bool = False
    """Whether a room is closed here when its source goes quiet without a last record."""
    accounts_sound: bool = False
    """Whether it is here that a room's sound becomes words, so that its account is kept here."""
    max_open_steps: int = 64
    """Most records per partition whose answers are awaited."""
    load: StageLoad | None = None
    """What decides how much work is left out; none: nothing ever is."""
    describe: str = ""
    """What was loaded, for the log: models, device, versions."""

    @property
    def says_slots(self) -> bool:
        """Whether its events tell, slot by slot, how far it has come."""
        return self.output.event is not None and issubclass(self.output.event, GridEvent)

    def topic_of(self, event: Event) -> Topic:
        """Return where an event of this stage goes."""
        return next((topic for topic in self.also if topic.event is type(event)), self.output)


@dataclass(frozen=True)
class RunnerOptions:
    """How a stage talks to Kafka."""

    session_timeout_ms: int = 6_000
    """A member that is silent for this long loses its partitions."""
    heartbeat_interval_ms: int = 1_500
    """Between signs of life."""
    commit_interval_ms: int = 1_000
    """Between commits; also the most media that a crash makes us do again."""
    load_interval_ms: int = 1_000
    """Between looks at how far live rooms are behind."""
    pause_backlog: int = 200
    """A partition with more records under way is not fetched from."""
    drain_timeout_ms: int = 10_000
    """Longest wait for work under way when a partition is revoked or the process ends."""
    idle_close_ms: int = 30_000
    """A room whose source is silent for this long without a last record is closed."""
