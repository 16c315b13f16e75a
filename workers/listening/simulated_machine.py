"""A machine at real time without waiting for it: media has a clock of its own, work the real one.

In: stages, the events of rooms with the time at which each arrives, a clock. Out: what the stages
said and when, and how busy the machine was. The simulated time jumps to the next event when there
is nothing to do, and goes on by what each piece of work really took: one at a time, for each may
use all cores. Jobs are gathered as the batcher of the stages does it: until there are `max_batch`,
or `max_wait_ms` after the first is taken up.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import BadEventError, InputError
from workers.audio_grid import SLOT_MS
from workers.events import GridEvent, StreamEvent
from workers.rooms.drive import Part


@dataclass(frozen=True)
class LiveOptions:
    """How rooms play."""

    length_s: int = 120
    """Seconds of each room, at most its own length."""
    max_wait_ms: float = 20.0
    """Longest wait for company, from the first job."""
    longest_backlog_ms: float = 20_000.0
    """A machine that falls further behind is stopped: it will not catch up."""


@dataclass(frozen=True)
class LiveStage:
    """A stage and what it hears of."""

    part: Part
    takes: tuple[type[GridEvent], ...]


@dataclass(frozen=True)
class Arrival:
    """An event of a room, and when it is there."""

    at_ms: float
    room: str
    event: GridEvent


@dataclass(frozen=True)
class Said:
    """What a stage said."""

    event: StreamEvent
    room: str
    at_ms: float
    arrived_ms: float
    """When the media was there that it needed; earlier is not possible on any machine."""


@dataclass(frozen=True)
class Played:
    """What became of the rooms."""

    said: tuple[Said, ...]
    busy_ms: dict[str, float]
    """Work of each stage."""
    until_ms: float
    """How far the media had come for the last work."""
    fell_behind: bool
    """Whether the backlog grew over its limit."""

    @property
    def load(self) -> float:
        """Seconds of work for a second of media of all rooms together."""
        return sum(self.busy_ms.values()) / max(self.until_ms, SLOT_MS)


@dataclass(frozen=True)
class _Job:
    what: Any
    room: str
    arrived_ms: float
    since_ms: float


class _Lane:
    """One stage with its machines and jobs."""

    def __init__(self, stage: LiveStage, rooms: Sequence[str]) -> None:
        self.part, self.takes = stage.part, stage.takes
        self.machines = {room: self.part.machine(room, None) for room in rooms}
        self.jobs: deque[_Job] = deque()
        self.free_ms = self.busy_ms = 0.0

    def ready_ms(self, max_wait_ms: float) -> float:
        """Return from when on the batcher would hand its jobs over."""
        taken_ms = max(self.jobs[0].since_ms, self.free_ms)
        if len(self.jobs) >= self.part.max_batch:
            return taken_ms
        return taken_ms + max_wait_ms


class SimulatedMachine:
    """Runs stages over arrivals, once.

    Args:
        stages: in any order.
        arrivals: of all rooms, in the order of time.
        options: how long jobs and the machine wait.
        clock: real seconds, as `time.perf_counter` gives them.
    """

    def __init__(
        self,
        stages: Sequence[LiveStage],
        arrivals: Sequence[Arrival],
        options: LiveOptions,
        clock: Callable[[], float],
    ) -> None:
        rooms = list(dict.fromkeys(one.room for one in arrivals))
        self._lanes = [_Lane(stage, rooms) for stage in stages]
        self._arrivals = deque(arrivals)
        self._options, self._clock = options, clock
        self._now_ms = self._until_ms = 0.0
        self._said: list[Said] = []

    def run(self) -> Played:
        """Play to the end, or until the machine is too far behind.

        Raises:
            InputError: a stage refuses what it is given.
        """
        fell_behind = False
        while not fell_behind:
            lanes = [lane for lane in self._lanes if lane.jobs]
            if not lanes and not self._arrivals:
                break
            wait_ms = self._options.max_wait_ms
            lane = min(lanes, key=lambda one: one.ready_ms(wait_ms), default=None)
            next_ms = self._arrivals[0].at_ms if self._arrivals else float("inf")
            if lane is None or next_ms <= max(self._now_ms, lane.ready_ms(wait_ms)):
                self._now_ms = max(self._now_ms, next_ms)
                one = self._arrivals.popleft()
                self._feed(one.event, one.room, one.at_ms)
                continue
            self._now_ms = max(self._now_ms, lane.ready_ms(wait_ms))
            self._work(lane)
            fell_behind = self._backlog_ms() > self._options.longest_backlog_ms
        busy_ms = {lane.part.name: lane.busy_ms for lane in self._lanes}
        return Played(tuple(self._said), busy_ms, self._until_ms, fell_behind)

    def _backlog_ms(self) -> float:
        oldest_ms = [lane.jobs[0].arrived_ms for lane in self._lanes if lane.jobs]
        return self._now_ms - min(oldest_ms, default=self._now_ms)

    def _feed(self, event: StreamEvent, room: str, arrived_ms: float) -> None:
        """Give an event to the stages that take it."""
        for lane in self._lanes:
            if not isinstance(event, lane.takes):
                continue
            began_s = self._clock()
            try:
                jobs = lane.machines[room].push(event)
            except BadEventError as error:
                message = f"{room}, {lane.part.name}: {error}"
                raise InputError(message) from error
            self._spend(lane, began_s)
            lane.jobs.extend(_Job(job, room, arrived_ms, self._now_ms) for job in jobs)

    def _work(self, lane: _Lane) -> None:
        count = min(len(lane.jobs), lane.part.max_batch)
        batch = [lane.jobs.popleft() for _ in range(count)]
        began_s = self._clock()
        outcomes = lane.part.worker.process([job.what for job in batch])
        self._spend(lane, began_s)
        lane.free_ms = self._now_ms
        self._until_ms = max(self._until_ms, batch[-1].arrived_ms)
        said: list[Said] = []
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BadEventError):
                message = f"{job.room}, {lane.part.name}: {outcome}"
                raise InputError(message) from outcome
            said += [Said(event, job.room, self._now_ms, job.arrived_ms) for event in outcome]
        self._said += said
        for one in said:
            self._feed(one.event, one.room, one.arrived_ms)

    def _spend(self, lane: _Lane, began_s: float) -> None:
        took_ms = 1_000 * (self._clock() - began_s)
        self._now_ms += took_ms
        lane.busy_ms += took_ms
