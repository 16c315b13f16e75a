"""`liveshelf replay`: a room's stored media again, apart, and are the tags the same?

Nothing of the recorded room is touched: media and room records are copied to topics of their own, a
set of workers runs on these, and the tag events of both are compared by id.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.markup import escape

from models.errors import InputError
from stream.admin import ensure_topics
from stream.endpoints import logs_folder, start_missing, stop_embedded
from stream.follow import Follower, RoomEnded
from stream.link import connect
from stream.play import at
from stream.services_cli import download_bar
from stream.settings import Settings
from stream.show import tag_line
from stream.stages.loading import describe_index
from stream.supervise import Child, Supervisor, command
from stream.topics import AUDIO, FRAMES, STATE, STREAMS, TAGS, TOPICS
from stream.worker_layout import layout_of
from workers.events import AudioChunk, Frame, Room, Tag
from workers.standing import standing

logger = logging.getLogger(__name__)

_MOST_NAMED = 10


@dataclass(frozen=True)
class Comparison:
    """Tag events of a room and of its replay, by event id, in order.

    A replay brings stored media in order. What late media made the room say in between is no
    difference where both end with the same tag.
    """

    recorded: dict[str, Tag]
    replayed: dict[str, Tag]

    @property
    def missing(self) -> list[Tag]:
        """Recorded, but not replayed."""
        alike = self._corrected_alike
        return [
            tag
            for key, tag in self.recorded.items()
            if key not in self.replayed and tag.tag_id not in alike
        ]

    @property
    def extra(self) -> list[Tag]:
        """Replayed, but not recorded."""
        alike = self._corrected_alike
        return [
            tag
            for key, tag in self.replayed.items()
            if key not in self.recorded and tag.tag_id not in alike
        ]

    @property
    def hurried(self) -> list[Tag]:
        """Recorded, and decided from less because work had fallen behind."""
        return [tag for tag in self.recorded.values() if tag.load_rung != "full"]

    @property
    def same(self) -> bool:
        """Whether the ids are the same, or the tags where some were corrected."""
        return not self.missing and not self.extra

    @property
    def _corrected_alike(self) -> set[str]:
        """The tags that were corrected and stand alike in both."""
        one, other = _standing(self.recorded), _standing(self.replayed)
        every = (*self.recorded.values(), *self.replayed.values())
        corrected = {tag.tag_id for tag in every if tag.status == "corrected"}
        return {tag_id for tag_id in corrected if one.get(tag_id) == other.get(tag_id)}


def _standing(events: dict[str, Tag]) -> dict[str, tuple[str, int, int | None]]:
    return {
        tag.tag_id: (tag.product_id, tag.start_ms, tag.end_ms) for tag in standing(events.values())
    }


async def replay_room(settings: Settings, stream_id: str, *, keep: bool, as_json: bool) -> bool:
    """Replay a room and tell how its tags compare.

    Returns:
        Whether the ids of all tag events are the same.

    Raises:
        InputError: nothing of the room is stored.
        MismatchError: nothing was indexed.
        ServiceError: Kafka or Milvus cannot be had.
    """
    console = Console(stderr=as_json)
    supervisor = Supervisor()
    watching: asyncio.Task[None] | None = None

    def say(line: str) -> None:
        console.print(f"[dim]{escape(line)}[/]", highlight=False, soft_wrap=True)

    with download_bar() as on_progress:
        endpoints = await asyncio.to_thread(start_missing, settings, supervisor, on_progress, say)
    settings = at(settings, endpoints)
    prefix = f"{settings.kafka.topic_prefix}replay-{uuid4().hex[:8]}."
    try:
        copied = await _copy(settings, stream_id, prefix)
        await asyncio.to_thread(describe_index, settings, endpoints.index_uri)
        say(f"{copied} records of {stream_id} copied to {prefix}*; playing them through all stages")
        supervisor.environment |= settings.as_environment()
        supervisor.environment["LIVESHELF_KAFKA__TOPIC_PREFIX"] = prefix
        # Those of the workers that may run beside it.
        supervisor.environment["LIVESHELF_METRICS__PORT"] = "0"
        for stages in layout_of(settings):
            name = "replay-" + "+".join(stages)
            run = command("worker", "--stages", ",".join(stages), python=sys.executable)
            supervisor.add(Child(name, run, logs_folder(settings) / f"{name}.log", 5))
        watching = asyncio.create_task(supervisor.run())
        waiting = asyncio.create_task(_until_ended(settings, prefix, stream_id))
        await asyncio.wait({watching, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            waiting.cancel()
            watching.result()
        compared = Comparison(
            await _tags(settings, settings.kafka.topic_prefix, stream_id),
            await _tags(settings, prefix, stream_id),
        )
    finally:
        if watching is not None:
            watching.cancel()
        await asyncio.to_thread(supervisor.stop)
        if not keep:
            await _delete_topics(settings, prefix)
        await asyncio.to_thread(stop_embedded, settings, os.getpid())
    _tell(console, compared, as_json=as_json)
    return compared.same


async def _copy(settings: Settings, stream_id: str, prefix: str) -> int:
    kafka = settings.kafka
    servers = kafka.bootstrap_servers
    await ensure_topics(servers, kafka.topic_prefix, kafka.partitions, kafka.replication)
    source = Follower(servers, kafka.topic_prefix, [STREAMS, AUDIO, FRAMES])
    await source.start()
    try:
        rooms: list[Room] = []
        media: list[AudioChunk | Frame] = []
        known: set[str] = set()
        async for seen in source.stored():
            event = seen.event
            if isinstance(event, AudioChunk | Frame):
                known.add(event.stream_id)
                if event.stream_id == stream_id:
                    media.append(event)
            elif isinstance(event, Room) and event.stream_id == stream_id:
                rooms.append(event)
    finally:
        await source.stop()
    if not rooms or not media:
        message = (
            f"room {stream_id!r}: no media is stored on {kafka.topic_prefix}audio and frames; "
            f"there is some of {', '.join(sorted(known)[:_MOST_NAMED]) or 'no room at all'}"
        )
        raise InputError(message)
    await ensure_topics(servers, prefix, kafka.partitions, kafka.replication)
    async with connect(servers, prefix, "replay") as link:
        for room in rooms:
            # Nobody waits for a replay: nothing of the work is left out.
            calm = room.model_copy(update={"live": False})
            await (await link.produce(STREAMS, link.encode(calm, "replay")))
        acks = [
            await link.produce(
                AUDIO if isinstance(event, AudioChunk) else FRAMES, link.encode(event, "replay")
            )
            for event in sorted(media, key=lambda event: event.watermark_ms)
        ]
        for ack in acks:
            await ack
    return len(rooms) + len(media)


async def _until_ended(settings: Settings, prefix: str, stream_id: str) -> None:
    follower = Follower(settings.kafka.bootstrap_servers, prefix, [STATE])
    await follower.start()
    try:
        async for seen in follower.events():
            if seen.event == RoomEnded("tag", stream_id):
                return
    finally:
        await follower.stop()


async def _tags(settings: Settings, prefix: str, stream_id: str) -> dict[str, Tag]:
    follower = Follower(settings.kafka.bootstrap_servers, prefix, [TAGS])
    await follower.start()
    found: dict[str, Tag] = {}
    try:
        async for seen in follower.stored():
            if isinstance(seen.event, Tag) and seen.event.stream_id == stream_id:
                found.setdefault(seen.event.event_id, seen.event)
    finally:
        await follower.stop()
    return found


async def _delete_topics(settings: Settings, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap_servers)
    try:
        await admin.start()
        there = set(await admin.list_topics())
        ours = [prefix + topic.name for topic in TOPICS if prefix + topic.name in there]
        if ours:
            await admin.delete_topics(ours)
    except KafkaError as error:
        # Whatever ended the replay is the news, not what could not be tidied up after it.
        logger.info("topics %s* may stay behind: %s", prefix, error)
    finally:
        await admin.close()


def _tell(console: Console, compared: Comparison, *, as_json: bool) -> None:
    if as_json:
        told = {
            "same": compared.same,
            "recorded": sorted(compared.recorded),
            "missing": [tag.event_id for tag in compared.missing],
            "extra": [tag.event_id for tag in compared.extra],
        }
        Console().print_json(json.dumps(told))
        return
    _list(console, "missing in the replay", compared.missing)
    _list(console, "only in the replay", compared.extra)
    count = len(compared.recorded)
    if compared.hurried:
        console.print(
            f"{len(compared.hurried)} of the recorded tag events were decided from less, as work "
            "had fallen behind; the replay leaves nothing out"
        )
    verdict = "the same" if compared.same else "NOT the same"
    console.print(f"{count} recorded tag events, {len(compared.replayed)} replayed: {verdict}")


def _list(console: Console, heading: str, tags: Sequence[Tag]) -> None:
    for tag in tags:
        console.print(f"{heading}: {tag_line(tag)} {tag.event_id}", highlight=False)
