"""One stage on Kafka: an aiokafka consumer, a lane per partition, and commits of what is safe.

Delivery is at least once with ids that repeat: an offset is committed only when every output of
its record was acknowledged and no open window needs it, and a room's small state is saved before.
Polling goes on while work is under way; lanes that fall behind are paused.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError

from stream.batcher import Batcher
from stream.codec import Position, Record
from stream.commits import Commits
from stream.dead_letter import Original
from stream.lane import Lane, Outlet
from stream.link import Link
from stream.load_watch import LoadWatch
from stream.meter import Meter, NoMeter
from stream.stage import RunnerOptions, Stage
from stream.state_store import read_states
from stream.topics import DEAD_LETTERS, STATE, STREAMS
from workers.events import Event, Room

logger = logging.getLogger(__name__)


class StageRunner(ConsumerRebalanceListener):  # type: ignore[misc]
    """Runs one stage until it is stopped or something crashes."""

    def __init__(
        self,
        stage: Stage,
        link: Link,
        options: RunnerOptions,
        member: str,
        meter: Meter | None = None,
    ) -> None:
        self._stage = stage
        self._meter = meter or NoMeter()
        self._link = link
        self._options = options
        self._topics = {link.full(topic): topic for topic in stage.inputs}
        self._batcher: Batcher[Any] = Batcher(
            stage.name,
            stage.worker,
            stage.batch,
            random.Random(member),  # noqa: S311 — jitter
            self._meter,
        )
        self._lanes: dict[int, tuple[Lane, asyncio.Task[None]]] = {}
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self._draining: set[int] = set()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=link.bootstrap_servers,
            group_id=f"{link.prefix}{stage.name}",
            group_instance_id=f"{link.prefix}{stage.name}.{member}",
            client_id=f"{stage.name}-{member}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=[RangePartitionAssignor],
            session_timeout_ms=options.session_timeout_ms,
            heartbeat_interval_ms=options.heartbeat_interval_ms,
            rebalance_timeout_ms=2 * options.drain_timeout_ms,
            max_poll_interval_ms=60_000,
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        self._commits = Commits(stage.name, link, self._consumer, self._meter)

    async def run(self) -> None:
        """Work until `stop`; raises whatever crashed."""
        self._consumer.subscribe(list(self._topics), listener=self)
        await self._consumer.start()
        tasks = [
            asyncio.create_task(self._batcher.run()),
            asyncio.create_task(self._poll()),
            asyncio.create_task(self._commit_regularly()),
        ]
        if self._stage.load is not None:
            watch = LoadWatch(
                self._stage.load, self._consumer, self._topics, self._lanes_now, self._meter
            )
            every_s = self._options.load_interval_ms / 1_000
            tasks.append(asyncio.create_task(watch.run(every_s)))
        stopping = asyncio.create_task(self._stopping.wait())
        ends: list[asyncio.Future[Any]] = [*tasks, stopping, self._failed]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            if self._failed.done():
                self._failed.result()
            await self._drain(list(self._lanes))
        finally:
            stopping.cancel()
            for task in [*tasks, *(task for _, task in self._lanes.values())]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._consumer.stop()

    def stop(self) -> None:
        """Ask for an orderly end: no new records, work under way is finished and committed."""
        self._stopping.set()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Take over partitions with the states that their last owner saved."""
        numbers = sorted({partition.partition for partition in assigned})
        for number in numbers:
            if number not in self._lanes:
                # The lane takes records at once and works on them when its states are there.
                lane = self._lane(number)
                task = asyncio.create_task(self._start_lane(lane))
                task.add_done_callback(self._lane_ended)
                self._lanes[number] = (lane, task)
        logger.info("%s: partitions %s", self._stage.name, numbers)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Finish what is under way, within a bound, and let go."""
        numbers = sorted({partition.partition for partition in revoked})
        self._draining.update(numbers)
        await self._drain(numbers)
        for number in numbers:
            lane = self._lanes.pop(number, None)
            if lane is not None:
                lane[0].leave()
                lane[1].cancel()
        self._draining.clear()
        self._commits.forget(numbers)

    def _lanes_now(self) -> list[Lane]:
        return [lane for lane, _ in self._lanes.values()]

    def _lane(self, number: int) -> Lane:
        outlet = Outlet(
            send=lambda event, trace: self._send(event, number, trace),
            refuse=self._refuse,
            known=self._known,
            now_s=time.monotonic,
            meter=self._meter,
        )
        return Lane(self._stage, number, self._topics, self._batcher.submit, outlet)

    async def _start_lane(self, lane: Lane) -> None:
        lane.restore(
            await read_states(
                self._link.bootstrap_servers,
                self._link.full(STATE),
                lane.partition,
                self._stage.name,
            )
        )
        await lane.run()

    def _lane_ended(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _known(self, stream_id: str) -> bool:
        if stream_id not in self._link.rooms:
            await self._link.reader.catch_up()
        return stream_id in self._link.rooms

    async def _send(self, event: Event, partition: int, trace: str | None) -> Awaitable[object]:
        record = self._link.encode(event, self._stage.name, trace)
        return await self._link.produce(self._stage.topic_of(event), record, partition)

    async def _refuse(self, record: Record) -> Awaitable[object]:
        return await self._link.produce(DEAD_LETTERS, record)

    async def _poll(self) -> None:
        paused: set[TopicPartition] = set()
        while not self._stopping.is_set():
            batches = await self._consumer.getmany(timeout_ms=100, max_records=200)
            for where, records in batches.items():
                self._put(where, records)
            paused = self._pace(paused)

    def _put(self, where: TopicPartition, records: list[Any]) -> None:
        lane = self._lanes.get(where.partition)
        if lane is None or where.partition in self._draining:
            # Fetched before the partition went to another member, who reads it again.
            logger.info("%s: %d records of a revoked partition", self._stage.name, len(records))
            return
        for record in records:
            position = Position(where.topic, where.partition, record.offset)
            lane[0].put(Original(position, record.key, record.value, record.headers))

    def _pace(self, paused: set[TopicPartition]) -> set[TopicPartition]:
        assigned = self._consumer.assignment()
        full = {
            where
            for where in assigned
            if where.partition in self._lanes
            and self._lanes[where.partition][0].backlog > self._options.pause_backlog
        }
        try:
            if full - paused:
                self._consumer.pause(*(full - paused))
            if (paused & assigned) - full:
                self._consumer.resume(*((paused & assigned) - full))
        except IllegalStateError:
            return set()  # a rebalance came in between and forgot all pauses
        return full

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._options.commit_interval_ms / 1_000)
            await self._commits.save(self._lanes_now())
            if self._stage.closes_idle_rooms:
                await self._close_idle_rooms()

    async def _drain(self, numbers: list[int]) -> None:
        lanes = [self._lanes[number][0] for number in numbers if number in self._lanes]
        deadline_s = time.monotonic() + self._options.drain_timeout_ms / 1_000
        while any(lane.backlog for lane in lanes) and time.monotonic() < deadline_s:
            if self._failed.done():
                return
            await asyncio.sleep(0.02)
        await self._commits.save(lanes)

    async def _close_idle_rooms(self) -> None:
        for lane, _ in list(self._lanes.values()):
            if not await self._caught_up(lane.partition):
                continue
            for stream_id in lane.idle_rooms(self._options.idle_close_ms / 1_000):
                await self._announce_closed(stream_id)
                await lane.close_room(stream_id)

    async def _caught_up(self, partition: int) -> bool:
        for name in self._topics:
            where = TopicPartition(name, partition)
            end = self._consumer.highwater(where)
            if end is not None and await self._consumer.position(where) < end:
                return False
        return True

    async def _announce_closed(self, stream_id: str) -> None:
        room = self._link.rooms.latest(stream_id)
        if room is None or room.state == "closed":
            return
        seconds = self._options.idle_close_ms / 1_000
        closed = Room(
            **room.model_dump(exclude={"version", "state", "reason"}),
            version=room.version + 1,
            state="closed",
            reason=f"nothing came for {seconds:g} s and no last record",
        )
        await (await self._link.produce(STREAMS, self._link.encode(closed, self._stage.name)))
