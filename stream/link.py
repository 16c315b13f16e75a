"""The Kafka that all stages of a process share: one idempotent producer, one table of rooms."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaProducer

from stream.codec import Record, encode
from stream.rooms import Rooms, RoomsReader
from stream.topics import Topic
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
        max_request_size=2 * 1024 * 1024,
        request_timeout_ms=60_000,
    )
