"""Every second of sound is accounted for on a real Kafka, through two kills; state and metrics say
the same."""

import asyncio
import functools
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stream.admin import ensure_topics
from stream.follow import Follower, RoomEnded
from stream.link import Link, connect
from stream.topics import AUDIO, STATE, STREAMS, TRANSCRIPTS
from tests.stream.obvious_account import obvious_account
from tests.stream.sound_stage import LOOP, POISON, VOICE, chunk, torn
from workers.events import AudioChunk, Room, Transcript
from workers.media_sums import MediaSums

pytestmark = [pytest.mark.kafka]
ROOT = Path(__file__).parents[2]
SLOTS = 45
ENDING, OPEN = "ending", "open"


class Worker:
    """The process that hears; killed and started again under the same name."""

    def __init__(self, link: Link, port: int, folder: Path) -> None:
        self._words = [link.bootstrap_servers, link.prefix, "a", str(port)]
        self._log = folder / "worker.log"
        self.url = f"http://127.0.0.1:{port}/metrics"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.live.sound_worker", *self._words]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def seconds_by_part(self, stream_id: str) -> dict[str, float]:
        """What Prometheus reads of an open room."""
        with urllib.request.urlopen(self.url) as answer:  # noqa: S310 — http
            text = answer.read().decode()
        prefix = "liveshelf_room_media_"
        return {
            sample.labels.get(
                "reason", sample.name.removeprefix(prefix).split("_")[0]
            ): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name.startswith(prefix) and sample.labels["stream_id"] == stream_id
        }


class Listener:
    """Keeps what the stage has said so far."""

    def __init__(self, link: Link) -> None:
        self._follower = Follower(link.bootstrap_servers, link.prefix, [TRANSCRIPTS, STATE])
        self.transcripts: list[Transcript] = []
        self.sums: MediaSums | None = None

    async def __aenter__(self) -> "Listener":
        await self._follower.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._follower.stop()

    async def until(self, claim: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not claim():
                for seen in await self._follower.batch():
                    if isinstance(seen.event, Transcript):
                        self.transcripts.append(seen.event)
                    elif isinstance(seen.event, RoomEnded):
                        self.sums = seen.event.sums

    def has(self, stream_id: str, slot: int) -> bool:
        """Whether a slot of a room, or a later one, is written."""
        newest = (one for one in reversed(self.transcripts) if one.stream_id == stream_id)
        return next((one.slot >= slot for one in newest), False)


@pytest.fixture
async def link(kafka: str) -> AsyncIterator[Link]:
    prefix = f"test-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, partitions=1, replication=1)
    async with connect(kafka, prefix, "test") as link:
        yield link


def talk(stream_id: str, *, ends: bool) -> list[AudioChunk]:
    """A room in which a slot is doubled, missing, late, torn, broken or has a hole now and then."""
    levels = (VOICE, 0, VOICE, LOOP, VOICE, 0, VOICE, VOICE, POISON, 0, VOICE)
    events: list[AudioChunk] = []
    for slot in range(SLOTS):
        one = chunk(stream_id, slot, levels[slot % len(levels)], gap_ms=250 if slot % 7 == 3 else 0)
        fates = {2: [one, one], 4: [], 5: [torn(one)], 8: [torn(one), one]}
        events += fates.get(slot % 13, [one])
        if slot % 13 == 6:
            events.append(chunk(stream_id, slot - 2))
    return [*events, chunk(stream_id, SLOTS, last=True)] if ends else events


async def send(link: Link, events: Sequence[AudioChunk]) -> None:
    acks = [await link.produce(AUDIO, link.encode(event, "test"), 0) for event in events]
    for ack in acks:
        await ack


async def test_account_is_exact_after_two_kills_in_state_and_metrics(
    link: Link, free_port: int, tmp_path: Path
) -> None:
    # sent     |------- 1 -------|------- 2 -------|------- 3 -------|
    # worker   start        kill start        kill start             end
    rooms = {ENDING: talk(ENDING, ends=True), OPEN: talk(OPEN, ends=False)}
    for room in rooms:
        opened = link.encode(Room(stream_id=room, version=0), "test")
        await (await link.produce(STREAMS, opened))
    worker = Worker(link, free_port, tmp_path)
    try:
        async with Listener(link) as listener:
            for third in range(3):
                worker.start()
                for events in rooms.values():
                    size = -(-len(events) // 3)
                    await send(link, events[third * size : (third + 1) * size])
                slot = SLOTS * (third + 1) // 3 - 6
                for room in rooms:
                    await listener.until(functools.partial(listener.has, room, slot))
                if third < 2:
                    await asyncio.to_thread(worker.kill)
            await listener.until(lambda: listener.sums is not None)
            ending = [one for one in listener.transcripts if one.stream_id == ENDING]
        assert listener.sums == obvious_account(rooms[ENDING], ending)
        told = await asyncio.to_thread(worker.seconds_by_part, OPEN)
        delivered = {event.slot: 1_000 - event.gap_ms for event in rooms[OPEN]}
        assert told["received"] == sum(delivered.values()) / 1_000
        others = sum(value for part, value in told.items() if part != "received")
        assert others == pytest.approx(told["received"])
        assert 0 < told["pending"] < 10
        assert {"late", "refused", "loop", "failed"} <= told.keys()
    finally:
        await asyncio.to_thread(worker.kill)
