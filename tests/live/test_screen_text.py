"""Text on screen on a real Kafka: read once a slot, in the right windows, also after SIGKILL."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from stream.admin import ensure_topics
from stream.follow import Follower, RoomEnded
from stream.link import Link, connect
from stream.topics import FRAMES, SCREEN_TEXTS, STATE, STREAMS, SUMMARIES, TRANSCRIPTS, Topic
from tests.live.screen_worker import SETTINGS
from tests.stream.window_stage import transcript
from tests.tiny_vision import image_bytes
from workers.events import Event, Frame, Room, ScreenText, Summary

pytestmark = [pytest.mark.kafka]
ROOT = Path(__file__).parents[2]
SECONDS = 20
READ_EVERY = 2
"""Frame slots, as the worker's pace of one second is."""


def red_of(slot: int) -> int:
    """What the picture of a slot shows; another one every two seconds."""
    return 20 * (slot // 4) + 20


def frame(stream_id: str, slot: int) -> Frame:
    shown = image_bytes(Image.new("RGB", (32, 24), (red_of(slot), 10, 10)))
    return Frame(
        stream_id=stream_id, slot=slot, start_ms=slot * 500, end_ms=slot * 500 + 500,
        watermark_ms=slot * 500 + 500, at_ms=slot * 500, choice="kept", payload=shown,
        last=slot == 2 * SECONDS - 1,
    )  # fmt: skip


def expected(end_ms: int) -> str:
    """The lines that a window which ends there must have."""
    start_ms = max(0, end_ms - SETTINGS.summarize.window_ms)
    read = [n for n in range(0, 2 * SECONDS, READ_EVERY) if start_ms < n * 500 + 500 <= end_ms]
    return ", ".join(dict.fromkeys(f"red {red_of(slot)}" for slot in read))


@pytest.fixture
async def link(kafka: str) -> AsyncIterator[Link]:
    prefix = f"test-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, partitions=4, replication=1)
    async with connect(kafka, prefix, "test") as link:
        yield link


@contextmanager
def worker(link: Link, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.live.screen_worker"]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*command, link.bootstrap_servers, link.prefix, "a"], cwd=ROOT, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)


async def send(link: Link, rooms: list[str], until_s: int, from_s: int = 0) -> None:
    for second in range(from_s, until_s):
        for room in rooms:
            last = second == SECONDS - 1
            events: list[tuple[Topic, Event]] = [
                (TRANSCRIPTS, transcript(room, second, f"word {second}", last=last)),
                (FRAMES, frame(room, 2 * second)),
                (FRAMES, frame(room, 2 * second + 1)),
            ]
            for topic, event in events:
                await (await link.produce(topic, link.encode(event, "test")))


class Heard:
    """What two topics have said so far."""

    def __init__(self) -> None:
        self.texts: dict[str, ScreenText] = {}
        self.summaries: dict[str, Summary] = {}
        self.ended: set[str] = set()

    async def follow(self, link: Link, is_enough: str, rooms: set[str]) -> None:
        """Follow until something was summed up, or until all rooms were summed up."""
        follower = Follower(link.bootstrap_servers, link.prefix, [SCREEN_TEXTS, SUMMARIES, STATE])
        await follower.start()
        try:
            async with asyncio.timeout(60):
                async for seen in follower.events():
                    self._take(seen.event)
                    if is_enough == "one" and self.summaries:
                        return
                    if self.ended >= rooms:
                        return
        finally:
            await follower.stop()

    def _take(self, event: object) -> None:
        if isinstance(event, RoomEnded) and event.stage == "summarize":
            self.ended.add(event.stream_id)
        elif isinstance(event, ScreenText):
            assert self.texts.setdefault(event.event_id, event) == event
        elif isinstance(event, Summary):
            assert self.summaries.setdefault(event.event_id, event) == event


async def test_killed_in_the_middle_every_window_has_its_lines(link: Link, tmp_path: Path) -> None:
    rooms = [f"room-{number}" for number in range(3)]
    for room in rooms:
        opened = Room(stream_id=room, version=0)
        await (await link.produce(STREAMS, link.encode(opened, "test")))
    heard = Heard()
    await send(link, rooms, 9)
    with worker(link, tmp_path / "log"):
        await heard.follow(link, "one", set(rooms))
    await send(link, rooms, SECONDS, 9)
    with worker(link, tmp_path / "log"):
        await heard.follow(link, "all", set(rooms))
    for room in rooms:
        texts = [one for one in heard.texts.values() if one.stream_id == room]
        assert sorted(one.slot for one in texts) == list(range(2 * SECONDS))
        read = {one.slot: one.lines for one in texts if one.was_read}
        assert read == {n: (f"red {red_of(n)}",) for n in range(0, 2 * SECONDS, READ_EVERY)}
        made = sorted(
            (one for one in heard.summaries.values() if one.stream_id == room),
            key=lambda one: one.slot,
        )
        assert [one.end_ms for one in made] == list(range(2_000, 20_001, 2_000))
        assert [one.raw_text for one in made] == [expected(one.end_ms) for one in made]
