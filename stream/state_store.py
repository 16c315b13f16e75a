"""The small per-room state of a stage, on the compacted `state` topic."""

import json
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import JsonValue

from stream.codec import Record

Snapshot = dict[str, JsonValue]
ACCOUNT = "account"
"""Where a room's account stands in its snapshot, beside what the machine keeps."""


def state_record(stage: str, stream_id: str, snapshot: Snapshot, needed_from_ms: int) -> Record:
    """Return the record that saves one room's state in one stage."""
    value = {"snapshot": snapshot, "needed_from_ms": needed_from_ms}
    return Record(
        f"{stage}/{stream_id}".encode(),
        json.dumps(value, separators=(",", ":")).encode(),
        [("content-type", b"application/json")],
    )


async def read_states(
    bootstrap_servers: str, topic: str, partition: int, stage: str
) -> Mapping[str, tuple[Snapshot, int]]:
    """Read the states of one stage and partition to their end.

    Returns:
        For each room, its snapshot and the media time that it still needed.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        where = TopicPartition(topic, partition)
        consumer.assign([where])
        await consumer.seek_to_beginning(where)
        end = (await consumer.end_offsets([where]))[where]
        states: dict[str, tuple[Snapshot, int]] = {}
        while await consumer.position(where) < end:
            for records in (await consumer.getmany(where, timeout_ms=200)).values():
                for record in records:
                    _enter(states, record.key, record.value, stage)
        return states
    finally:
        await consumer.stop()


def _enter(
    states: dict[str, tuple[Snapshot, int]], key: bytes | None, value: bytes | None, stage: str
) -> None:
    owner, _, stream_id = (key or b"").decode().partition("/")
    if owner != stage:
        return
    if value is None:
        states.pop(stream_id, None)
        return
    found = json.loads(value)
    states[stream_id] = (found["snapshot"], int(found["needed_from_ms"]))
