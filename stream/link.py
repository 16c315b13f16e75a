"""The Kafka that all stages of a process share: one idempotent producer, one table of rooms."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from models.errors import ServiceError
from stream.codec import Record, encode
from stream.rooms import Rooms, RoomsReader
from stream.topics import DEAD_LETTER_BYTES, MAX_RECORD_BYTES, STREAMS, Topic
from workers.events import Event


@dataclass(frozen=True)
class Link:
    """Where to send, and what is known of the rooms."""

    bootstrap_servers: str
    prefix: str
    """Put before every topic name, for instance `liveshelf.`."""
    producer: AIOKafkaProducer
    rooms: Rooms
    reader: RoomsReader
    now: Callable[[], datetime]
    """Wall clock, with a zone."""

    def full(self, topic: Topic) -> str:
        """Return a topic's full name."""
        return self.prefix + topic.name

    def encode(self, event: Event, source: str, traceparent: str | None = None) -> Record:
        """Return the record that carries an event now."""
        return encode(event, source=source, at=self.now(), traceparent=traceparent)

    async def produce(
        self, topic: Topic, record: Record, partition: int | None = None
    ) -> Awaitable[object]:
        """Hand a record to the producer; await the result for the broker's acknowledgement."""
        future: Awaitable[object] = await self.producer.send(
            self.full(topic),
            value=record.value,
            key=record.key,
            headers=record.headers,
            partition=partition,
        )
        return future


def make_producer(bootstrap_servers: str, client_id: str) -> AIOKafkaProducer:
    """Return a producer that neither loses nor doubles within its life."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_request_size=MAX_RECORD_BYTES + DEAD_LETTER_BYTES,
        request_timeout_ms=60_000,
    )


@asynccontextmanager
async def connect(bootstrap_servers: str, prefix: str, client_id: str) -> AsyncIterator[Link]:
    """Connect to Kafka, read the rooms to their end, and disconnect at the end.

    Raises:
        ServiceError: Kafka cannot be reached, or has not our topics.
    """
    rooms = Rooms()
    reader = RoomsReader(bootstrap_servers, prefix + STREAMS.name, rooms)
    producer = make_producer(bootstrap_servers, client_id)
    try:
        await reader.start()
        await producer.start()
        yield Link(bootstrap_servers, prefix, producer, rooms, reader, lambda: datetime.now(UTC))
    except KafkaConnectionError as error:
        message = f"no Kafka answers at {bootstrap_servers}"
        raise ServiceError(message) from error
    finally:
        await producer.stop()
        await reader.stop()
