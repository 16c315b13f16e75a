"""What is known about every room: a table of the `streams` topic, read to its end before any media.

A cart applies from its `effective_from_ms`; the answer for a media time is the newest version that
was in force then. Every process reads all partitions, without a consumer group.
"""

import asyncio
import logging
from collections import defaultdict

from aiokafka import AIOKafkaConsumer, TopicPartition

from models.errors import BadEventError
from stream.codec import Position, decode
from stream.partitions import assign_all
from workers.events import Room

logger = logging.getLogger(__name__)


class Rooms:
    """The rooms that were opened, by id and version. Lookups are safe from any thread."""

    def __init__(self) -> None:
        self._versions: dict[str, dict[int, Room]] = defaultdict(dict)

    def add(self, room: Room) -> bool:
        """Enter one version; returns whether it is new."""
        versions = self._versions[room.stream_id]
        if versions.get(room.version) == room:
            return False
        self._versions[room.stream_id] = {**versions, room.version: room}
        return True

    def begin_anew(self, *versions: Room) -> None:
        """Enter a room's versions in place of all that it had; they are numbered from 0."""
        numbered = enumerate(versions)
        self._versions[versions[0].stream_id] = {
            number: room.model_copy(update={"version": number}) for number, room in numbered
        }

    def at(self, stream_id: str, media_ms: int) -> Room | None:
        """Return the room as it was at a media time, or none if it was never opened."""
        versions = sorted(self._versions.get(stream_id, {}).values(), key=lambda r: r.version)
        opened = [room for room in versions if room.state == "open"]
        in_force = [room for room in opened if room.effective_from_ms <= media_ms]
        return in_force[-1] if in_force else (opened[0] if opened else None)

    def latest(self, stream_id: str) -> Room | None:
        """Return the newest version of a room, closed or not."""
        versions = self._versions.get(stream_id, {})
        return versions[max(versions)] if versions else None

    def is_live(self, stream_id: str) -> bool:
        """Whether a room's media come as they happen."""
        room = self.latest(stream_id)
        return room is not None and room.live

    def closed(self, stream_id: str) -> bool:
        """Whether the room's newest version says that it is closed."""
        room = self.latest(stream_id)
        return room is not None and room.state == "closed"

    def __contains__(self, stream_id: str) -> bool:
        return stream_id in self._versions

    def ids(self) -> list[str]:
        """Return the ids of all rooms ever opened."""
        return list(self._versions)


class RoomsReader:
    """Keeps a `Rooms` table up to date from Kafka."""

    def __init__(self, bootstrap_servers: str, topic: str, rooms: Rooms) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers, enable_auto_commit=False
        )
        self._servers = bootstrap_servers
        self._topic = topic
        self._rooms = rooms
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Connect and read to the end."""
        self._partitions = await assign_all(self._consumer, self._servers, [self._topic])
        await self._consumer.seek_to_beginning()
        await self.catch_up()

    async def catch_up(self) -> None:
        """Read up to what the topic holds now."""
        async with self._lock:
            ends = await self._consumer.end_offsets(self._partitions)
            while True:
                behind = [
                    partition
                    for partition, end in ends.items()
                    if await self._consumer.position(partition) < end
                ]
                if not behind:
                    return
                self._enter(await self._consumer.getmany(*behind, timeout_ms=100))

    async def follow(self) -> None:
        """Read on for ever; run as a task."""
        while True:
            async with self._lock:
                self._enter(await self._consumer.getmany(timeout_ms=100))
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    def _enter(self, batches: dict[TopicPartition, list[object]]) -> None:
        for partition, records in batches.items():
            for record in records:
                self._enter_one(partition, record)

    def _enter_one(self, partition: TopicPartition, record: object) -> None:
        position = Position(partition.topic, partition.partition, record.offset)  # type: ignore[attr-defined]
        try:
            room = decode(Room, position, record.value, record.headers)  # type: ignore[attr-defined]
        except BadEventError as error:
            # A table has nobody to answer to: whoever wrote the room is told in the log.
            logger.warning("room ignored: %s", error)
        else:
            self._rooms.add(room)
