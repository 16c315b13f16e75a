"""A live room whose speech model stands still, through a real Kafka and a real index.

media        |--------- 60 s ---------|--------- 60 s ---------|------ 60 s ------|
speech model  stands still ............................ works on
rung          full → … → vision_only    vision_only              … → full
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from pydantic import JsonValue

from stream.admin import ensure_topics
from stream.follow import Follower, RoomEnded
from stream.link import Link, connect
from stream.load import Load, StageLoad
from stream.metrics import Metrics
from stream.runner import StageRunner
from stream.settings import load_settings
from stream.stage import RunnerOptions, Stage
from stream.stages.asr import speech_stage
from stream.stages.match import make_match
from stream.stages.summarize import make_summarize
from stream.stages.tag import make_tag
from stream.topics import AUDIO, FRAMES, STATE, STREAMS, SUMMARIES, TAGS, TRANSCRIPTS, VECTORS
from tests.tiny_vision import ColourAndWords, image_bytes, picture, products
from tests.workers.served_index import ServedIndex, served_index
from workers.align import Aligner, AlignOptions
from workers.asr import Heard
from workers.decision import Threshold
from workers.encode import ClipEncoder
from workers.events import AudioChunk, Event, Frame, LoadRung, Room, Scope, Tag, Transcript
from workers.index_build import IndexBuilder
from workers.ladder import RUNGS, OverloadOptions
from workers.utterances import Utterance

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.slow]
PART = 60
SECONDS = 3 * PART
OVERLOAD = OverloadOptions(step_down_s=5, patience_s=5, climb_s=2, calm_s=20)
"""Every reading counts for 5 s: one step down each, one step up in four."""
RUNNER = RunnerOptions(commit_interval_ms=200, load_interval_ms=50)


class Standing:
    """A speech model that hears noise and stands still until it is let go."""

    name = "standing"

    def __init__(self) -> None:
        self.go = threading.Event()

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.go.wait()
        return [Heard(speech=((one.start_ms, one.end_ms),)) for one in utterances]


@dataclass
class Clock:
    """Goes on by a step each time it is asked."""

    step_s: float = 5.0
    at_s: float = 0.0

    def now_s(self) -> float:
        self.at_s += self.step_s
        return self.at_s


@dataclass
class Readings:
    """What the ladder of the speech stage was told, as it was told."""

    queue: asyncio.Queue[Load] = field(default_factory=asyncio.Queue)
    rungs: list[LoadRung] = field(default_factory=lambda: ["full"])

    def take(self, load: Load) -> None:
        if load.rung != self.rungs[-1]:
            self.rungs.append(load.rung)
        self.queue.put_nowait(load)

    async def until(self, rung: LoadRung) -> None:
        while (await self.queue.get()).rung != rung:
            pass


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture
async def link(kafka: str) -> AsyncIterator[Link]:
    prefix = f"test-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, partitions=2, replication=1)
    async with connect(kafka, prefix, "test") as link:
        yield link


def media(seconds: range, stream_id: str) -> list[AudioChunk | Frame]:
    """Loud sound and the picture of one product."""
    loud = np.random.default_rng(0).integers(-9_000, 9_000, 16_000).astype("<i2").tobytes()
    red = image_bytes(picture("red"))
    made: list[AudioChunk | Frame] = []
    for slot in seconds:
        times = {
            "stream_id": stream_id, "slot": slot, "start_ms": 1_000 * slot,
            "end_ms": 1_000 * (slot + 1), "watermark_ms": 1_000 * (slot + 1),
            "last": slot == SECONDS - 1,
        }  # fmt: skip
        made.append(AudioChunk.model_validate({**times, "payload": loud}))
        shown = {"at_ms": 1_000 * slot, "choice": "kept", "payload": red}
        made.append(Frame.model_validate({**times, **shown}))
    return made


async def send(link: Link, events: Sequence[Event]) -> None:
    topics = {"room": STREAMS, "audio": AUDIO, "frame": FRAMES}
    acks = [await link.produce(topics[one.kind], link.encode(one, "test")) for one in events]
    for ack in acks:
        await ack


def stages(link: Link, served: ServedIndex, model: Standing, load: StageLoad) -> list[Stage]:
    """The stages from speech to tags, as they are live, around models that cost nothing."""
    settings = load_settings({"summarize.backend": "extractive", "tag.update_every": 1}, None, {})
    encoder = ColourAndWords("overload")

    def aligner(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Aligner:
        return Aligner(stream_id, ("audio", "video"), AlignOptions(early=False), snapshot)

    inputs = (FRAMES, TRANSCRIPTS, SUMMARIES)
    scopes: tuple[Scope, ...] = ("cart", "shop", "catalogue")
    rules = {scope: Threshold(0.1, "test") for scope in scopes}
    return [
        speech_stage(settings, link.rooms, model, load),
        make_summarize(settings, link.rooms),
        Stage("embed", inputs, VECTORS, aligner, ClipEncoder(encoder)),
        make_match(settings, link.rooms, served.connect(), rules),
        make_tag(settings, link.rooms, rules),
    ]


async def until_ended(link: Link, stream_id: str) -> list[Event]:
    """Return what was said of a room once its tags have ended."""
    follower = Follower(link.bootstrap_servers, link.prefix, [TRANSCRIPTS, SUMMARIES, TAGS, STATE])
    await follower.start()
    found: list[Event] = []
    try:
        async for seen in follower.events():
            if seen.event == RoomEnded("tag", stream_id):
                return found
            if isinstance(seen.event, Event):
                found.append(seen.event)
    finally:
        await follower.stop()
    return found


async def drive(
    link: Link, served: ServedIndex, model: Standing, metrics: Metrics
) -> tuple[Readings, list[Event]]:
    """Play the three parts of the room, each when the ladder is where it should be."""
    readings, clock = Readings(), Clock()
    load = StageLoad("asr", OVERLOAD, link.rooms.is_live, readings.take, clock.now_s)
    made = await asyncio.to_thread(stages, link, served, model, load)
    runners = [StageRunner(stage, link, RUNNER, "test", metrics.of(stage.name)) for stage in made]
    await send(link, [Room(stream_id="room", version=0, live=True)])
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for runner in runners:
            group.create_task(runner.run())
        await send(link, media(range(PART), "room"))
        await readings.until("vision_only")
        await send(link, media(range(PART, 2 * PART), "room"))
        model.go.set()
        await readings.until("full")
        clock.step_s = 0
        await send(link, media(range(2 * PART, SECONDS), "room"))
        said = await until_ended(link, "room")
        for runner in runners:
            runner.stop()
    return readings, said


async def test_standstill_goes_down_all_rungs_accounts_for_all_sound_and_climbs_back(
    link: Link, served: ServedIndex, tmp_path: Path
) -> None:
    *_, report = IndexBuilder(served.connect(), ColourAndWords("overload")).build(
        products(tmp_path)
    )
    assert report.indexed == 3
    model, metrics = Standing(), Metrics()
    try:
        readings, said = await drive(link, served, model, metrics)
    finally:
        model.go.set()
    assert readings.rungs == [*RUNGS, *RUNGS[-2::-1]]

    heard = {one.slot: one for one in said if isinstance(one, Transcript)}
    assert sorted(heard) == list(range(SECONDS))
    assert heard[0].load_rung == "full"
    assert {heard[slot].load_rung for slot in range(PART, 2 * PART - 15)} == {"vision_only"}
    assert {heard[slot].load_rung for slot in range(2 * PART + 15, SECONDS)} == {"full"}

    accounts = [one.accounting for one in heard.values()]
    assert sum(one.received_ms for one in accounts) == 1_000 * SECONDS
    for one in accounts:
        assert one.received_ms == one.transcribed_ms + one.silent_ms + one.dropped_ms
        assert one.dropped_by_ms == ({"overload": one.dropped_ms} if one.dropped_ms else {})
    # A slot that a cut divides tells of its later part only.
    assert sum(one.dropped_ms for one in accounts) >= 800 * PART
    assert sum(one.transcribed_ms for one in accounts) >= 800 * PART

    def told(part: str, **labels: str) -> float:
        name = f"liveshelf_media_{part}_seconds_total"
        return metrics.registry.get_sample_value(name, {"stage": "asr", **labels}) or 0.0

    assert told("received") == SECONDS
    dropped_s = sum(one.dropped_ms for one in accounts) / 1_000
    assert told("dropped", reason="overload") == pytest.approx(dropped_s)
    assert told("transcribed") + told("silent") + dropped_s == pytest.approx(SECONDS)

    rungs = [one.load_rung for one in said if isinstance(one, Tag)]
    assert rungs[0] == rungs[-1] == "full"
    assert "vision_only" in rungs
