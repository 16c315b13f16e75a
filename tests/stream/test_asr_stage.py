"""The ASR stage in its lane: words early, partials on their own topic, the same after a crash."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from stream.codec import Position, Record, encode
from stream.dead_letter import Original
from stream.lane import Lane, Outlet
from stream.load import StageLoad
from stream.rooms import Rooms
from stream.setting_groups import AsrSettings
from stream.settings import Settings
from stream.stage import Stage
from stream.stages.asr import speech_stage
from stream.state_store import Snapshot
from stream.topics import AUDIO, PARTIALS, TRANSCRIPTS, Topic
from tests.workers.made_speech import Script, said, sound_of
from workers.events import AudioChunk, Event, Partial, Room, Transcript
from workers.machine import Outcome

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = said(*[300, 450, 220] * 15)
CHUNKS = sound_of(WORDS)


def stage(hop_ms: int = 2_000) -> Stage:
    rooms = Rooms()
    rooms.add(Room(stream_id="room", version=0, language="en"))
    asr = AsrSettings(min_utterance_ms=4_000, max_utterance_ms=9_000, hop_ms=hop_ms)
    settings = replace(Settings(), asr=asr)
    load = StageLoad("asr", settings.overload, rooms.is_live)
    return speech_stage(settings, rooms, Script(WORDS), load)


@dataclass
class World:
    """What survives a crash."""

    sent: list[tuple[Topic, Event]] = field(default_factory=list)
    states: dict[str, tuple[Snapshot, int]] = field(default_factory=dict)
    committed: int = 0

    def events(self, topic: Topic) -> list[Event]:
        """Return what lies on a topic."""
        return [event for where, event in self.sent if where is topic]


def lane_on(world: World, asr: Stage) -> Lane:
    loop = asyncio.get_running_loop()

    async def acknowledged() -> None:
        return None

    async def send(event: Event, _trace: str | None) -> Awaitable[object]:
        world.sent.append((asr.topic_of(event), event))
        return acknowledged()

    async def refuse(record: Record) -> Awaitable[object]:
        raise AssertionError(record)

    async def known(_stream_id: str) -> bool:
        return True

    def submit(job: object) -> "asyncio.Future[Outcome]":
        answer: asyncio.Future[Outcome] = loop.create_future()
        loop.call_soon(lambda: answer.set_result(asr.worker.process([job])[0]))
        return answer

    return Lane(asr, 0, {"t": AUDIO}, submit, Outlet(send, refuse, known, lambda: 0.0))


async def life(world: World, asr: Stage, turns: int | None) -> None:
    """One life of a process: some turns of the event loop, or until all is done."""
    lane = lane_on(world, asr)
    lane.restore(world.states)
    task = asyncio.create_task(lane.run())
    for offset, chunk in list(enumerate(CHUNKS))[world.committed :]:
        record = encode(chunk, source="test", at=WHEN)
        lane.put(Original(Position("t", 0, offset), record.key, record.value, record.headers))
    turn = 0
    while lane.backlog if turns is None else turn < turns:
        await asyncio.sleep(0)
        turn += 1
        states = lane.unsaved()
        world.states |= states
        lane.saved(states)
        world.committed = lane.positions().get("t", world.committed)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def lived(lives: Sequence[int | None], hop_ms: int = 2_000) -> World:
    world = World()
    for turns in lives:
        asyncio.run(life(world, stage(hop_ms), turns))
    return world


def text(events: Sequence[Event]) -> list[str]:
    return [word.text for event in events if isinstance(event, Transcript) for word in event.words]


def test_words_go_to_transcripts_and_what_is_not_certain_to_partials() -> None:
    world = lived([None])
    partials = world.events(PARTIALS)
    assert partials
    assert all(isinstance(event, Partial) for event in partials)
    found = world.events(TRANSCRIPTS)
    assert [e.slot for e in found if isinstance(e, Transcript)] == [c.slot for c in CHUNKS]
    assert text(found) == [word.text for word in WORDS]
    assert len(world.sent) == len(partials) + len(found)
    first = next(i for i, (topic, _) in enumerate(world.sent) if topic is TRANSCRIPTS)
    assert any(topic is PARTIALS for topic, _ in world.sent[first:]), "while utterances grow"


def test_without_a_hop_there_are_no_partials() -> None:
    world = lived([None], hop_ms=0)
    assert world.events(PARTIALS) == []
    assert text(world.events(TRANSCRIPTS)) == [word.text for word in WORDS]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 90), max_size=5))
def test_killed_anywhere_gives_the_transcripts_of_an_uninterrupted_run(lives: list[int]) -> None:
    expected = {event.event_id: event for event in lived([None]).events(TRANSCRIPTS)}
    world = lived([*lives, None])
    assert all(expected[event.event_id] == event for event in world.events(TRANSCRIPTS))
    assert {event.event_id for event in world.events(TRANSCRIPTS)} == expected.keys()
    assert world.committed == len(CHUNKS)


def test_the_open_utterance_holds_the_commit_although_its_words_are_told() -> None:
    #   chunks   0 1 2 3          no pause yet: all of them are needed after a crash
    asr = stage(hop_ms=1_000)
    world = World()

    async def some() -> None:
        lane = lane_on(world, asr)
        task = asyncio.create_task(lane.run())
        for offset, chunk in enumerate(CHUNKS[:4]):
            record = encode(_going(chunk), source="test", at=WHEN)
            lane.put(Original(Position("t", 0, offset), record.key, record.value, record.headers))
        while lane.backlog:
            await asyncio.sleep(0)
        lane.saved(lane.unsaved())
        world.committed = lane.positions()["t"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(some())
    assert world.events(TRANSCRIPTS)
    assert world.committed == 0


def _going(chunk: AudioChunk) -> AudioChunk:
    return chunk.model_copy(update={"last": False})
