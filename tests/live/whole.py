"""`liveshelf run` as a user starts it, with a hand on every process that it owns."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from models.errors import ServiceError
from stream.broker import Broker, BrokerOptions
from stream.follow import Follower
from stream.index_server import IndexServer, IndexServerOptions
from stream.topics import Topic
from tests.conftest import CACHE_DIR
from tests.small_shelf import small_shelf
from workers.events import GridEvent, Tag
from workers.standing import standing

ROOT = Path(__file__).parents[2]
MINI = ROOT / "tests" / "data" / "mini_room"
STAGES = ("asr", "summarize", "embed", "match", "tag")


def liveshelf(*arguments: str) -> list[str]:
    """Return the command line of a command."""
    return [sys.executable, "-P", "-m", "stream.cli", *arguments]


def told_in_the_end(tags: Iterable[Tag]) -> list[tuple[str, str, int, int | None]]:
    """Id, product, start and end of each tag that stands in the end.

    What was told on the way to it depends on how far pictures were ahead of words.
    """
    return [(tag.tag_id, tag.product_id, tag.start_ms, tag.end_ms) for tag in standing(tags)]


@dataclass
class Run:
    """One `liveshelf run` of a room in a data folder of its own."""

    folder: Path
    source: Path = MINI / "room.mp4"
    speed: float = 1.0
    stream_id: str = "mini"
    arguments: tuple[str, ...] = ("--workers", "asr/summarize/embed/match/tag")
    settings: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def tags_path(self) -> Path:
        return self.folder / "tags.jsonl"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # What is left out depends on how fast this machine is: no two runs would be equal.
        whole = "overload.enabled=false"
        folders = (f"paths.data_dir={self.folder}", f"paths.cache_dir={CACHE_DIR}")
        sets = (whole, *folders, *self.settings)
        options = [part for one in sets for part in ("--set", one)]
        shelf = small_shelf(self.folder / "shelf", MINI / "cart.json")
        command = liveshelf(
            *options, "run", str(self.source), "--catalogue", str(shelf),
            "--cart", str(MINI / "cart.json"), "--stream-id", self.stream_id,
            "--speed", str(self.speed), "--tags-out", str(self.tags_path), *self.arguments,
        )  # fmt: skip
        with (self.folder / "run.log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def wait(self, timeout_s: float) -> int:
        assert self.process is not None
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(self.words()) from None

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def words(self) -> str:
        """Everything that was said, for failures."""
        logs = [self.folder / "run.log", *sorted((self.folder / "logs").glob("*.log"))]
        return "\n".join(
            f"--- {log.name}\n{log.read_text()[-3000:]}" for log in logs if log.exists()
        )

    def tags(self) -> dict[str, Tag]:
        lines = self.tags_path.read_text().splitlines()
        tags = [Tag.model_validate_json(line) for line in lines]
        return {tag.event_id: tag for tag in tags}

    def standing(self) -> list[tuple[str, str, int, int | None]]:
        """Return how the run's tags stand in the end."""
        return told_in_the_end(self.tags().values())

    def kill_stage(self, stage: str) -> int:
        """SIGKILL the process of one stage."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            try:
                line = child.cmdline()
            except psutil.NoSuchProcess:  # one that was killed before and is not yet buried
                continue
            if "worker" in line and line[line.index("--stages") + 1] == stage:
                child.kill()
                return child.pid
        message = f"no process of {stage}\n{self.words()}"
        raise AssertionError(message)

    def kill_broker(self) -> None:
        service = Broker(BrokerOptions(self.folder / "broker", CACHE_DIR)).status()
        assert service is not None
        os.kill(service.pid, signal.SIGKILL)

    def kill_index(self) -> None:
        service = IndexServer(IndexServerOptions(self.folder / "index")).status()
        assert service is not None
        os.kill(service.pid, signal.SIGKILL)

    def bootstrap(self) -> str | None:
        service = Broker(BrokerOptions(self.folder / "broker", CACHE_DIR)).status()
        return service.address if service else None


async def until(claim: Callable[[], object], timeout_s: float, run: Run) -> None:
    """Wait until something holds, or fail with all that was said."""
    deadline_s = time.monotonic() + timeout_s
    while not claim():
        assert run.process is not None
        if time.monotonic() > deadline_s or run.process.poll() is not None:
            raise AssertionError(run.words())
        await asyncio.sleep(0.1)


class Watch:
    """Counts the grid events of a topic as they come."""

    def __init__(self, run: Run, topic: Topic) -> None:
        self._run = run
        self._topic = topic
        self.slots: set[int] = set()

    def reached(self, slot: int) -> bool:
        return slot in self.slots

    async def follow(self) -> None:
        await until(self._run.bootstrap, 60, self._run)
        address = self._run.bootstrap()
        assert address is not None
        follower = await self._connected(address)
        try:
            async for seen in follower.events():
                if isinstance(seen.event, GridEvent):
                    self.slots.add(seen.event.slot)
        finally:
            await follower.stop()

    async def _connected(self, address: str) -> Follower:
        """Return a follower of the topic, as soon as broker and topic are there."""
        deadline_s = time.monotonic() + 60
        while True:
            follower = Follower(address, "liveshelf.", [self._topic])
            try:
                await follower.start()
            except ServiceError:
                if time.monotonic() > deadline_s:
                    raise
                await asyncio.sleep(0.1)
            else:
                return follower
