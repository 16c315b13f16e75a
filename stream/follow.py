"""Reading topics as a person or a tool does, without a consumer group."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from models.errors import BadEventError, ServiceError
from stream.codec import Position, decode
from stream.partitions import assign_all
from stream.state_store import ACCOUNT
from stream.topics import STATE, Topic
from workers.events import Event
from workers.media_account import MediaAccount
from workers.media_sums import MediaSums


@dataclass(frozen=True)
class RoomEnded:
    """A stage has finished a room: everything it had to say is on its topic."""

    stage: str
    stream_id: str
    sums: MediaSums | None = field(default=None, compare=False)
    """Where its sound went, from the stage that hears it."""


@dataclass(frozen=True)
class Seen:
    """One event with where it lay."""

    topic: Topic
    position: Position
    event: Event | RoomEnded
    timestamp_ms: int
    """Wall time at which it was sent."""


class Follower:
    """Yields the events of some topics, in order per room."""

    def __init__(self, bootstrap_servers: str, prefix: str, topics: Sequence[Topic]) -> None:
        self._topics = {prefix + topic.name: topic for topic in topics}
        self._servers = bootstrap_servers
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )

    async def start(self, *, from_start: bool = True) -> None:
        """Connect and place the reading position.

        Raises:
            ServiceError: Kafka or a topic is not there.
        """
        try:
            self._partitions = await assign_all(self._consumer, self._servers, self._topics)
        except ServiceError:
            await self._consumer.stop()
            raise
        await (self._consumer.seek_to_beginning() if from_start else self._consumer.seek_to_end())

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def events(self) -> AsyncIterator[Seen]:
        """Yield events for ever; a bad record is skipped, as its stage has reported it."""
        while True:
            for seen in await self.batch():
                yield seen

    async def stored(self) -> AsyncIterator[Seen]:
        """Yield the events that are there now, and stop."""
        ends = await self._consumer.end_offsets(self._partitions)
        while True:
            behind = [
                where for where, end in ends.items() if await self._consumer.position(where) < end
            ]
            if not behind:
                return
            for seen in await self.batch(behind):
                yield seen

    async def raw(self) -> list[ConsumerRecord]:
        """Return the records that are there now, as they are."""
        ends = await self._consumer.end_offsets(self._partitions)
        found: list[ConsumerRecord] = []
        while any([await self._consumer.position(where) < end for where, end in ends.items()]):
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                found += records
        return found

    async def batch(self, only: Sequence[TopicPartition] = ()) -> list[Seen]:
        """Return what comes within a fifth of a second, perhaps nothing."""
        found = []
        batches = await self._consumer.getmany(*only, timeout_ms=200)
        for where, records in batches.items():
            topic = self._topics[where.topic]
            for record in records:
                position = Position(where.topic, where.partition, record.offset)
                try:
                    event = _event(topic, position, record.key, record.value, record.headers)
                except BadEventError:
                    continue
                if event is not None:
                    found.append(Seen(topic, position, event, record.timestamp))
        return found


def _event(
    topic: Topic,
    position: Position,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
) -> Event | RoomEnded | None:
    if topic is STATE:
        stage, _, stream_id = (key or b"").decode().partition("/")
        snapshot = json.loads(value)["snapshot"] if value is not None else {}
        if snapshot.get("done") is not True:
            return None
        account = snapshot.get(ACCOUNT)
        return RoomEnded(stage, stream_id, MediaAccount(account).sums if account else None)
    if topic.event is None or value is None:
        return None
    return decode(topic.event, position, value, headers)
