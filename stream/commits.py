"""Saving what a stage's lanes hold: states first, then the offsets that they include."""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, RebalanceInProgressError

from stream.lane import Lane
from stream.link import Link
from stream.meter import Meter
from stream.state_store import state_record
from stream.topics import STATE

logger = logging.getLogger(__name__)


class Commits:
    """Commits of one stage in one process."""

    def __init__(self, stage: str, link: Link, consumer: AIOKafkaConsumer, meter: Meter) -> None:
        self._stage = stage
        self._link = link
        self._consumer = consumer
        self._meter = meter
        self._committed: dict[TopicPartition, int] = {}
        self._busy = asyncio.Lock()

    async def save(self, lanes: Sequence[Lane]) -> None:
        """Make states durable, then commit what no longer has to be read again."""
        # One at a time: a room that one commit has let go is unknown to another under way.
        async with self._busy:
            began_s = time.monotonic()
            for lane in lanes:
                await self._save_states(lane)
            await self._commit(lanes)
            self._meter.committed(time.monotonic() - began_s)

    def forget(self, numbers: Collection[int]) -> None:
        """Say that partitions have gone to another member."""
        self._committed = {
            where: offset
            for where, offset in self._committed.items()
            if where.partition not in numbers
        }

    async def _save_states(self, lane: Lane) -> None:
        states = lane.unsaved()
        acks = [
            await self._link.produce(
                STATE,
                state_record(self._stage, stream_id, snapshot, needed_from_ms),
                lane.partition,
            )
            for stream_id, (snapshot, needed_from_ms) in states.items()
        ]
        for ack in acks:
            await ack
        lane.saved(states)

    async def _commit(self, lanes: Sequence[Lane]) -> None:
        offsets = {
            TopicPartition(topic, lane.partition): offset
            for lane in lanes
            for topic, offset in lane.positions().items()
        }
        changed = {
            where: offset
            for where, offset in offsets.items()
            if self._committed.get(where) != offset and where in self._consumer.assignment()
        }
        if not changed:
            return
        try:
            await self._consumer.commit(changed)
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError) as error:
            # Another member will do this work again; ids repeat, so nothing is seen twice.
            logger.warning("%s: commit refused: %s", self._stage, error)
        else:
            self._committed |= changed
