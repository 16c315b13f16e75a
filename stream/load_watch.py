"""Reads regularly by how many seconds of media a running stage is behind."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from stream.load import StageLoad
from stream.meter import Meter

logger = logging.getLogger(__name__)


class Offsets(Protocol):
    """What is asked of a consumer."""

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offsets that Kafka gives next, also where the consumer is paused."""


class PartitionWork(Protocol):
    """What is asked of a lane."""

    @property
    def partition(self) -> int:
        """Its number."""

    def behind_ms(self, counts: Callable[[str], bool], ends: Mapping[str, int]) -> int:
        """Return by how much media the worst of the rooms that count is behind."""


class LoadWatch:
    """Tells a stage's load what its lanes and Kafka hold."""

    def __init__(
        self,
        load: StageLoad,
        consumer: Offsets,
        topics: Collection[str],
        lanes: Callable[[], Iterable[PartitionWork]],
        meter: Meter,
    ) -> None:
        """Watch from `run` on.

        Args:
            load: Who is told.
            consumer: Of the stage.
            topics: Full names of the stage's inputs.
            lanes: Returns the lanes of now.
            meter: Told the rung.
        """
        self._load = load
        self._consumer = consumer
        self._topics = topics
        self._lanes = lanes
        self._meter = meter

    async def run(self, every_s: float) -> None:
        """Watch until cancelled, at intervals of so many seconds."""
        while True:
            await asyncio.sleep(every_s)
            ends = await self._ends()
            behind_ms = [
                lane.behind_ms(self._load.is_live, ends.get(lane.partition, {}))
                for lane in self._lanes()
            ]
            self._load.read(max(behind_ms, default=0))
            self._meter.load(self._load.now.rung)

    async def _ends(self) -> Mapping[int, Mapping[str, int]]:
        """Return, by partition and topic, the offset that Kafka gives next."""
        wanted = [
            TopicPartition(topic, lane.partition)
            for lane in self._lanes()
            for topic in self._topics
        ]
        ends: dict[int, dict[str, int]] = {}
        try:
            found = await self._consumer.end_offsets(wanted) if wanted else {}
        except KafkaError as error:
            # While Kafka is away nothing arrives either; what was taken still counts.
            logger.debug("end offsets are not known: %s", error)
            return ends
        for where, offset in found.items():
            ends.setdefault(where.partition, {})[where.topic] = offset
        return ends
