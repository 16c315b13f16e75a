"""Ctrl-C in the middle of a room ends the command and everything that it started."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stream.topics import FRAMES
from tests.live.whole import Run, Watch, until

pytestmark = [pytest.mark.kafka, pytest.mark.milvus, pytest.mark.weights, pytest.mark.slow]


@pytest.fixture(autouse=True)
def sigint_is_heard() -> Iterator[None]:
    """Whoever starts tests with a shell's `&` has SIGINT ignored in all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def mentioning(folder: Path) -> list[psutil.Process]:
    """Every process whose command line or environment names a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            said = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if any(str(folder) in word for word in said):
            found.append(process)
    return found


async def test_whoever_kills_the_command_leaves_no_process_behind(tmp_path: Path) -> None:
    run = Run(tmp_path, arguments=())
    run.start()
    try:
        # All children were started, and are still loading what they need.
        await until(lambda: len(list((tmp_path / "logs").glob("*.log"))) == 3, 120, run)
        started = mentioning(tmp_path)
        assert len(started) > 5
        run.end()
        _, left = await asyncio.to_thread(psutil.wait_procs, started, 60)
    finally:
        run.end()
    assert left == [], run.words()


async def test_ctrl_c_while_a_room_plays_leaves_no_process_and_no_traceback(tmp_path: Path) -> None:
    # Slowly, so that the room is not over before a busy machine has looked.
    run = Run(tmp_path, arguments=(), speed=0.2)
    run.start()
    watch = Watch(run, FRAMES)
    following = asyncio.create_task(watch.follow())
    try:
        await until(lambda: watch.reached(4), 120, run)
        following.cancel()
        assert run.process is not None
        started = mentioning(tmp_path)
        assert len(started) > 5
        run.process.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(run.wait, 60)
        _, left = await asyncio.to_thread(psutil.wait_procs, started, 15)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        run.end()
    assert code == 130, run.words()
    assert left == []
    assert "Traceback" not in (tmp_path / "run.log").read_text()
