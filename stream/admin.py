"""Making and checking topics."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code

from models.errors import ServiceError
from stream.topics import TOPICS

_SMALL_PARTITIONS = 1


async def ensure_topics(
    bootstrap_servers: str, prefix: str, partitions: int, replication: int
) -> list[str]:
    """Make the topics that are missing and check the others.

    Returns:
        The names that were made.

    Raises:
        ServiceError: Kafka cannot be reached, or a topic's partition count is not the wanted one.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
    except KafkaConnectionError as error:
        message = f"no Kafka answers at {bootstrap_servers}"
        raise ServiceError(message) from error
    try:
        there = set(await admin.list_topics())
        wanted = {
            prefix + topic.name: (partitions if topic.grid else _SMALL_PARTITIONS, topic)
            for topic in TOPICS
        }
        missing = {name: known for name, known in wanted.items() if name not in there}
        if missing:
            answer = await admin.create_topics(
                [
                    NewTopic(name, count, replication, topic_configs=topic.config())
                    for name, (count, topic) in missing.items()
                ]
            )
            _check_answer(answer)
        described = await admin.describe_topics([name for name in wanted if name in there])
        for topic in described:
            _check_count(topic["topic"], len(topic["partitions"]), wanted[topic["topic"]][0])
        return sorted(missing)
    finally:
        await admin.close()


def _check_answer(answer: object) -> None:
    for name, code, *_ in answer.topic_errors:  # type: ignore[attr-defined]
        kind = for_code(code)
        if code != 0 and kind is not TopicAlreadyExistsError:
            message = f"topic {name} could not be made: {kind.__name__}"
            raise ServiceError(message)


def _check_count(name: str, found: int, wanted: int) -> None:
    if found != wanted:
        message = (
            f"topic {name} has {found} partitions, the settings say {wanted}: all topics keyed by "
            "stream_id must have the same count; set kafka.partitions to what exists, or use "
            "another kafka.topic_prefix"
        )
        raise ServiceError(message)
