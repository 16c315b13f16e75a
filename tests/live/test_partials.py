"""Words that are not certain yet, on a real Kafka: told on their own topic, and only there."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from stream.admin import ensure_topics
from stream.follow import Follower, RoomEnded
from stream.link import connect
from stream.load import StageLoad
from stream.runner import StageRunner
from stream.setting_groups import AsrSettings
from stream.settings import Settings
from stream.stage import RunnerOptions
from stream.stages.asr import speech_stage
from stream.topics import AUDIO, PARTIALS, STATE, STREAMS, TRANSCRIPTS
from tests.workers.made_speech import Script, said, sound_of
from workers.events import Event, Partial, Room, Transcript

pytestmark = [pytest.mark.kafka]
WORDS = said(*[300, 450, 220] * 12)
CHUNKS = sound_of(WORDS)


async def until_ended(follower: Follower) -> list[Event]:
    """Return what was told by the time at which the room has ended."""
    found: list[Event] = []
    async for seen in follower.events():
        if seen.event == RoomEnded("asr", "room"):
            break
        if not isinstance(seen.event, RoomEnded):
            found.append(seen.event)
    # What was acknowledged before the end may lie in partitions that are read after it.
    late = [seen.event async for seen in follower.stored()]
    return [*found, *(event for event in late if not isinstance(event, RoomEnded))]


async def test_partials_are_told_while_the_room_plays(kafka: str) -> None:
    prefix = f"test-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, partitions=4, replication=1)
    async with connect(kafka, prefix, "test") as link:
        room = Room(stream_id="room", version=0, language="en")
        await (await link.produce(STREAMS, link.encode(room, "test")))
        await link.reader.catch_up()
        settings = replace(Settings(), asr=AsrSettings(hop_ms=1_000))
        load = StageLoad("asr", settings.overload, link.rooms.is_live)
        stage = speech_stage(settings, link.rooms, Script(WORDS), load)
        runner = StageRunner(stage, link, RunnerOptions(commit_interval_ms=200), "one")
        running = asyncio.create_task(runner.run())
        follower = Follower(kafka, prefix, [PARTIALS, TRANSCRIPTS, STATE])
        await follower.start()
        try:
            for chunk in CHUNKS:
                await (await link.produce(AUDIO, link.encode(chunk, "test")))
            async with asyncio.timeout(60):
                found = await until_ended(follower)
        finally:
            runner.stop()
            await running
            await follower.stop()
    transcripts = [event for event in found if isinstance(event, Transcript)]
    partials = [event for event in found if isinstance(event, Partial)]
    assert [event.slot for event in transcripts] == [chunk.slot for chunk in CHUNKS]
    assert [w.text for event in transcripts for w in event.words] == [w.text for w in WORDS]
    assert len(partials) >= len(CHUNKS) // 2
    assert len({event.event_id for event in partials}) == len(partials)
