"""Two processes share the stages of a room that is playing; one joins, works and leaves."""

import asyncio
import re
import signal
import subprocess
from pathlib import Path

import pytest
from aiokafka.partitioner import DefaultPartitioner

from stream.index_server import IndexServer, IndexServerOptions
from stream.topics import MATCHES, TRANSCRIPTS
from tests.conftest import CACHE_DIR
from tests.live.whole import ROOT, Run, Watch, liveshelf, until

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]
SHARED = "asr,match,tag"


class Joiner:
    """A second worker beside those of a run, started as a user starts one."""

    def __init__(self, run: Run, member: str) -> None:
        self._run = run
        self._member = member
        self.log = run.folder / f"{member}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        index = IndexServer(IndexServerOptions(self._run.folder / "index")).status()
        kafka = self._run.bootstrap()
        assert index is not None
        assert kafka is not None
        sets = (f"paths.data_dir={self._run.folder}", f"paths.cache_dir={CACHE_DIR}")
        options = [part for one in sets for part in ("--set", one)]
        command = liveshelf(
            *options, "worker", "--stages", SHARED, "--member", self._member,
            "--kafka", kafka, "--index", f"http://{index.address}",
        )  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def partitions(self, stage: str) -> list[int]:
        """Its newest share of a stage."""
        shares = re.findall(rf"{stage}: partitions \[([\d, ]*)\]", self.log.read_text())
        return [int(number) for number in shares[-1].split(",")] if shares and shares[-1] else []

    def leave(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def name_that_takes(stream_id: str) -> str:
    """A member name with which the range assignor gives a joining worker the room's partition."""
    partitions = list(range(4))
    of_room: int = DefaultPartitioner()(stream_id.encode(), partitions, partitions)
    # Of two members, the first by name gets the first half.
    return "0000-first" if of_room < 2 else "zzzz-last"


async def test_worker_that_joins_and_leaves_changes_no_tag(
    undisturbed: Run, tmp_path: Path
) -> None:
    run = Run(tmp_path, speed=0.5, arguments=("--workers", f"{SHARED}/summarize,embed"))
    run.start()
    transcripts, matches = Watch(run, TRANSCRIPTS), Watch(run, MATCHES)
    following = [asyncio.create_task(watch.follow()) for watch in (transcripts, matches)]
    joiner = Joiner(run, name_that_takes(run.stream_id))
    try:
        await until(lambda: transcripts.reached(0), 180, run)
        joiner.start()
        await until(lambda: all(map(joiner.partitions, SHARED.split(","))), 60, run)
        joined_at = len(matches.slots)
        await until(lambda: len(matches.slots) > joined_at, 60, run)
        assert joiner.leave() == 0
        assert await asyncio.to_thread(run.wait, 300) == 0, run.words()
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        joiner.end()
        run.end()
    assert run.standing() == undisturbed.standing()
