"""Which partitions topics have, once the brokers have told each other of them."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from models.errors import ServiceError

_TRIES = 25
_PAUSE_S = 0.2


async def assign_all(
    consumer: AIOKafkaConsumer, bootstrap_servers: str, names: Iterable[str]
) -> list[TopicPartition]:
    """Start a consumer without a group and give it every partition of some topics.

    Raises:
        ServiceError: Kafka cannot be reached, or a topic is still unknown after five seconds.
    """
    found = await _partitions(bootstrap_servers, list(names))
    await consumer.start()
    consumer.assign(found)
    return found


async def _partitions(bootstrap_servers: str, names: list[str]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        unknown = names
        for _ in range(_TRIES):
            described = await admin.describe_topics(names)
            unknown = [topic["topic"] for topic in described if topic["error_code"]]
            if not unknown:
                return [
                    TopicPartition(topic["topic"], part["partition"])
                    for topic in sorted(described, key=lambda topic: topic["topic"])
                    for part in sorted(topic["partitions"], key=lambda part: part["partition"])
                ]
            await asyncio.sleep(_PAUSE_S)
    except KafkaConnectionError as error:
        message = f"no Kafka answers at {bootstrap_servers}"
        raise ServiceError(message) from error
    finally:
        await admin.close()
    message = f"topic {unknown[0]} does not exist; `liveshelf topics create` makes all topics"
    raise ServiceError(message)
