"""One partition of one stage: records in and events out, in order, and what may be committed.

A lane owns the machines of its partition's rooms. It never blocks: jobs go to the stage's
batcher, and answers are sent in the order in which the jobs were made. A record is settled when
everything made from it was acknowledged; only then does its room's snapshot become the one that
is saved. Where a room's sound went is entered in its account on the way (`lane_room.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.errors import BadEventError
from stream.codec import Position, Record, traceparent_of
from stream.dead_letter import Original, dead_letter
from stream.grid_record import grid_event
from stream.lane_room import LaneRoom
from stream.ledger import NEVER_NEEDED, PartitionLedger
from stream.meter import Meter, NoMeter
from stream.stage import Stage
from stream.state_store import Snapshot
from stream.topics import Topic
from workers.events import Event, GridEvent, StreamEvent
from workers.machine import Outcome


@dataclass(frozen=True)
class Outlet:
    """How a lane reaches the world."""

    send: Callable[[Event, str | None], Awaitable[Awaitable[object]]]
    """Send an event to the stage's output topic (with a trace context); await twice for the ack."""
    refuse: Callable[[Record], Awaitable[Awaitable[object]]]
    """Send a record to `dead-letters`."""
    known: Callable[[str], Awaitable[bool]]
    """Whether a room was opened; may read the `streams` topic to its end first."""
    now_s: Callable[[], float]
    """Monotonic seconds, for idleness and delays only."""
    meter: Meter = field(default_factory=NoMeter)
    """Who listens to what the lane does."""


@dataclass
class _Step:
    """One record's consequences, waiting for their answers."""

    original: Original | None
    stream_id: str
    jobs: list[tuple[Any, "asyncio.Future[Outcome]"]]
    needed_from_ms: int
    snapshot: Snapshot
    done: bool
    taken_ms: int
    traceparent: str | None


class Lane:
    """The rooms of one partition in one stage."""

    def __init__(
        self,
        stage: Stage,
        partition: int,
        topics: Mapping[str, Topic],
        submit: "Callable[[Any], asyncio.Future[Outcome]]",
        outlet: Outlet,
    ) -> None:
        self.partition = partition
        self._stage = stage
        self._topics = topics
        self._submit = submit
        self._outlet = outlet
        self._meter = outlet.meter
        self._inbox: asyncio.Queue[Original] = asyncio.Queue()
        self._steps: asyncio.Queue[_Step] = asyncio.Queue(stage.max_open_steps)
        self._ledgers = {name: PartitionLedger() for name in topics}
        self._rooms: dict[str, LaneRoom] = {}
        self._ended: set[str] = set()
        self._restored: dict[str, tuple[Snapshot, int]] = {}
        self._answered: list[Position] = []
        self._busy = 0

    def restore(self, saved: Mapping[str, tuple[Snapshot, int]]) -> None:
        """Take over the states that an earlier owner saved: snapshot and needed media time."""
        for stream_id, (snapshot, needed_from_ms) in saved.items():
            if snapshot.get("done") is True:
                self._ended.add(stream_id)
            else:
                self._restored[stream_id] = snapshot, needed_from_ms
                for ledger in self._ledgers.values():
                    ledger.need_from(stream_id, needed_from_ms)

    def put(self, original: Original) -> None:
        """Queue a record."""
        self._busy += 1
        self._inbox.put_nowait(original)

    @property
    def backlog(self) -> int:
        """Records taken whose consequences are not all acknowledged."""
        return self._busy

    def behind_ms(self, counts: Callable[[str], bool], ends: Mapping[str, int]) -> int:
        """Return by how much media the worst of the rooms that count is behind here.

        Args:
            counts: Whether a room counts.
            ends: Topic → offset that Kafka gives next in this partition, as far as known.
        """
        return max(one.behind_ms(counts, ends.get(name)) for name, one in self._ledgers.items())

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._intake())
            group.create_task(self._emit())

    def positions(self) -> dict[str, int]:
        """Return, per topic, the offset that may be committed."""
        found = {name: ledger.position() for name, ledger in self._ledgers.items()}
        return {name: position for name, position in found.items() if position is not None}

    def unsaved(self) -> dict[str, tuple[Snapshot, int]]:
        """Return the settled states that changed since `saved` was last told.

        Only records whose consequences are in these states may be committed after them.
        """
        for position in self._answered:
            self._ledgers[position.topic].settle(position.offset)
        self._answered.clear()
        return {
            stream_id: (room.state(), room.needed_from_ms)
            for stream_id, room in self._rooms.items()
            if room.is_dirty
        }

    def saved(self, states: Mapping[str, tuple[Snapshot, int]]) -> None:
        """Say that states are durable: what they cover is no longer held back."""
        for stream_id, (_, needed_from_ms) in states.items():
            room = self._rooms[stream_id]
            room.state_is_safe()
            for ledger in self._ledgers.values():
                ledger.need_from(stream_id, needed_from_ms)
            if room.settled_done and not room.is_dirty:
                for ledger in self._ledgers.values():
                    ledger.forget(stream_id)
                self._ended.add(stream_id)
                del self._rooms[stream_id]
                self._meter.left(stream_id)

    def leave(self) -> None:
        """Say that the partition is another process's from now on."""
        for stream_id in self._rooms:
            self._meter.left(stream_id)

    def idle_rooms(self, idle_s: float) -> list[str]:
        """Return the open rooms from which nothing has come for a while."""
        now_s = self._outlet.now_s()
        if self._busy:
            return []
        return [
            stream_id
            for stream_id, room in self._rooms.items()
            if not room.machine.done and now_s - room.heard_s > idle_s
        ]

    async def close_room(self, stream_id: str) -> None:
        """End a room here as if its source had said so."""
        room = self._rooms[stream_id]
        self._busy += 1
        await self._step(None, stream_id, room, list(room.machine.close()), None)

    async def _intake(self) -> None:
        while True:
            original = await self._inbox.get()
            await self._take(original)

    async def _take(self, original: Original) -> None:
        offset = original.position.offset
        ledger = self._ledgers[original.position.topic]
        topic = self._topics[original.position.topic]
        self._meter.taken(topic.name)
        try:
            event = grid_event(topic, original)
            await self._require_room(original, event)
        except BadEventError as error:
            ledger.take(offset, "", NEVER_NEEDED)
            await self._drop(original, error)
            return
        ledger.take(offset, event.stream_id, event.end_ms)
        try:
            await self._push(original, event)
        except BadEventError as error:
            await self._drop(original, error)

    async def _require_room(self, original: Original, event: GridEvent) -> None:
        if not await self._outlet.known(event.stream_id):
            message = (
                f"{original.position}: field stream_id: room {event.stream_id!r} "
                "was never opened on topic streams"
            )
            raise BadEventError(message)

    async def _drop(self, original: Original, error: BadEventError) -> None:
        await self._refuse(original, error)
        self._answered.append(original.position)
        self._busy -= 1

    async def _push(self, original: Original, event: GridEvent) -> None:
        if event.stream_id in self._ended:
            self._meter.ignored()
            self._answered.append(original.position)
            self._ledgers[original.position.topic].forget(event.stream_id)
            self._busy -= 1
            return
        room = self._room(event.stream_id)
        if room.machine.done:
            self._meter.ignored()
        jobs = list(room.push(event, self._outlet.now_s()))
        await self._step(original, event.stream_id, room, jobs, traceparent_of(original.headers))

    def _room(self, stream_id: str) -> LaneRoom:
        if stream_id not in self._rooms:
            restored = self._restored.pop(stream_id, None)
            room = LaneRoom(self._stage, stream_id, self._outlet.now_s(), restored)
            self._rooms[stream_id] = room
            self._meter.entered(stream_id, room.progress)
        return self._rooms[stream_id]

    async def _step(
        self,
        original: Original | None,
        stream_id: str,
        room: LaneRoom,
        jobs: list[Any],
        traceparent: str | None,
    ) -> None:
        machine = room.machine
        step = _Step(
            original=original,
            stream_id=stream_id,
            jobs=[(job, self._submit(job)) for job in jobs],
            needed_from_ms=machine.needed_from_ms,
            snapshot=machine.snapshot(),
            done=machine.done,
            taken_ms=room.progress.taken_ms,
            traceparent=traceparent,
        )
        await self._steps.put(step)

    async def _emit(self) -> None:
        while True:
            step = await self._steps.get()
            sent: list[StreamEvent] = []
            acks: list[Awaitable[object]] = []
            for job, answer in step.jobs:
                events = await self._events(job, await answer, step)
                acks += [await self._outlet.send(event, step.traceparent) for event in events]
                sent += events
            for ack in acks:
                await ack
            self._settle(step, sent)

    async def _events(self, job: object, outcome: Outcome, step: _Step) -> list[StreamEvent]:
        if not isinstance(outcome, BadEventError):
            return outcome
        if step.original is not None:
            await self._refuse(step.original, outcome)
        return self._stage.worker.empty(job, outcome)

    async def _refuse(self, original: Original, error: BadEventError) -> None:
        self._meter.refused(type(error.__cause__ or error).__name__)
        await (await self._outlet.refuse(dead_letter(original, self._stage.name, error)))

    def _settle(self, step: _Step, sent: list[StreamEvent]) -> None:
        room = self._rooms.get(step.stream_id)
        if room is not None:
            room.settle(step.snapshot, step.needed_from_ms, sent, done=step.done)
            self._tell(room, sent, step.taken_ms)
        if step.original is not None:
            position = step.original.position
            self._answered.append(position)
            self._ledgers[position.topic].answer(position.offset)
        self._busy -= 1

    def _tell(self, room: LaneRoom, sent: list[StreamEvent], taken_ms: int) -> None:
        for event in sent:
            self._meter.sent(event)
        if self._stage.says_slots:
            said = [event.end_ms for event in sent if isinstance(event, GridEvent)]
        else:
            said = [taken_ms]  # tags come when there is something to say
        for end_ms in said:
            seconds = room.progress.say(end_ms, self._outlet.now_s())
            if seconds is not None:
                self._meter.delayed(seconds)
