"""The runner on a real Kafka: killed, joined, left, it loses nothing and repeats its ids."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from stream.admin import ensure_topics
from stream.follow import Follower, RoomEnded
from stream.link import Link, connect
from stream.topics import DEAD_LETTERS, STATE, STREAMS, SUMMARIES, TRANSCRIPTS
from tests.stream.lane_world import World, life, log_of
from tests.stream.window_stage import transcript
from workers.events import Room, Summary, Transcript

pytestmark = [pytest.mark.kafka]
ROOT = Path(__file__).parents[2]
SLOTS = 40


class Processes:
    """Worker processes of one prefix."""

    def __init__(self, servers: str, prefix: str, folder: Path, idle_close_ms: int) -> None:
        self._arguments = [servers, prefix]
        self._idle = str(idle_close_ms)
        self._folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, member: str) -> None:
        command = [sys.executable, "-m", "tests.live.window_worker", *self._arguments]
        with self._log(member).open("ab") as log:
            self.running[member] = subprocess.Popen(
                [*command, member, self._idle], cwd=ROOT, stdout=log, stderr=log
            )

    async def working(self, member: str) -> None:
        """Wait until a process has partitions, and so answers to signals."""
        async with asyncio.timeout(60):
            while "windows: partitions" not in self._log(member).read_text():
                await asyncio.sleep(0.1)

    def _log(self, member: str) -> Path:
        return self._folder / f"{member}.log"

    def end(self, member: str, number: signal.Signals) -> int:
        process = self.running.pop(member)
        process.send_signal(number)
        return process.wait(30)

    def end_all(self) -> None:
        for member in list(self.running):
            self.end(member, signal.SIGKILL)


@contextmanager
def processes(
    servers: str, prefix: str, folder: Path, idle_close_ms: int = 30_000
) -> Iterator[Processes]:
    found = Processes(servers, prefix, folder, idle_close_ms)
    try:
        yield found
    finally:
        found.end_all()


@pytest.fixture
async def link(kafka: str) -> AsyncIterator[Link]:
    prefix = f"test-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, partitions=4, replication=1)
    async with connect(kafka, prefix, "test") as link:
        yield link


async def open_room(link: Link, stream_id: str) -> None:
    await (await link.produce(STREAMS, link.encode(Room(stream_id=stream_id, version=0), "test")))


async def say(link: Link, events: list[Transcript], pause_s: float) -> None:
    for slot in range(SLOTS):
        for event in events:
            if event.slot == slot:
                await (await link.produce(TRANSCRIPTS, link.encode(event, "test")))
        await asyncio.sleep(pause_s)


async def summaries_until_ended(link: Link, rooms: set[str]) -> list[Summary]:
    follower = Follower(link.bootstrap_servers, link.prefix, [SUMMARIES, STATE])
    await follower.start()
    ended: set[str] = set()
    found: list[Summary] = []
    try:
        async with asyncio.timeout(60):
            async for seen in follower.events():
                if isinstance(seen.event, RoomEnded):
                    ended.add(seen.event.stream_id)
                elif isinstance(seen.event, Summary):
                    found.append(seen.event)
                if ended >= rooms:
                    return found
    finally:
        await follower.stop()
    return found


def talk(rooms: list[str]) -> list[Transcript]:
    return [
        transcript(room, slot, f"{room} {slot}", last=slot == SLOTS - 1)
        for room in rooms
        for slot in range(SLOTS)
    ]


async def test_killed_joined_and_left_gives_the_events_of_an_uninterrupted_run(
    link: Link, tmp_path: Path
) -> None:
    rooms = [f"room-{number}" for number in range(8)]
    for room in rooms:
        await open_room(link, room)
    events = talk(rooms)
    undisturbed = World(log_of(events))
    await life(undisturbed, None, 1_000_000)
    expected = {event.event_id: event for event in undisturbed.sent}
    with processes(link.bootstrap_servers, link.prefix, tmp_path) as workers:
        workers.start("a")
        workers.start("b")
        talking = asyncio.create_task(say(link, events, 0.25))
        await asyncio.sleep(3)
        await asyncio.to_thread(workers.end, "a", signal.SIGKILL)
        workers.start("a")
        await asyncio.sleep(2)
        workers.start("c")
        await workers.working("c")
        assert await asyncio.to_thread(workers.end, "c", signal.SIGTERM) == 0
        await asyncio.to_thread(workers.end, "b", signal.SIGKILL)
        await talking
        found = await summaries_until_ended(link, set(rooms))
    assert {event.event_id: event for event in found} == expected


async def test_idle_room_is_closed_as_an_event_and_others_go_on(link: Link, tmp_path: Path) -> None:
    for room in ("idle", "busy"):
        await open_room(link, room)
    events = [event for event in talk(["idle"]) if event.slot < 5] + talk(["busy"])
    with processes(link.bootstrap_servers, link.prefix, tmp_path, 1_000) as workers:
        workers.start("a")
        await say(link, events, 0.01)
        found = await summaries_until_ended(link, {"busy"})
    assert len([event for event in found if event.stream_id == "busy"]) == SLOTS // 2
    assert [event.slot for event in found if event.stream_id == "idle"] == [0, 1]


async def test_record_that_is_no_event_reaches_the_dead_letter_with_its_cause(
    link: Link, tmp_path: Path
) -> None:
    await open_room(link, "room")
    good = talk(["room"])
    torn = link.encode(good[3], "test")
    with processes(link.bootstrap_servers, link.prefix, tmp_path) as workers:
        workers.start("a")
        for event in good:
            record = link.encode(event, "test")
            value = b'{"slot": -1}' if event.slot == 3 else record.value
            await link.producer.send_and_wait(
                link.full(TRANSCRIPTS), value=value, key=record.key, headers=record.headers
            )
        found = await summaries_until_ended(link, {"room"})
    assert [event.slot for event in found] == list(range(SLOTS // 2))
    letters = Follower(link.bootstrap_servers, link.prefix, [DEAD_LETTERS])
    await letters.start()
    batches = await letters.raw()
    await letters.stop()
    (letter,) = batches
    headers = dict(letter.headers)
    assert letter.key == torn.key
    assert letter.value == b'{"slot": -1}'
    assert b"field" in headers["liveshelf-reason"]
    assert headers["liveshelf-stage"] == b"windows"
