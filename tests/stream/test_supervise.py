"""What dies is started again; what dies too often ends the whole, with its last words."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from models.errors import ServiceError, SettingsError
from stream.process import MemberName
from stream.supervise import Child, Supervisor

FOREVER = (sys.executable, "-c", "import signal; signal.pause()")
LAST_WORDS = (sys.executable, "-c", "import sys; print('the disk is on fire'); sys.exit(3)")


async def other_pid(supervisor: Supervisor, name: str, pid: int) -> int:
    async with asyncio.timeout(20):
        while True:
            try:
                now = supervisor.pid(name)
            except ServiceError:
                now = pid
            if now != pid:
                return now
            await asyncio.sleep(0.02)


async def test_killed_child_is_started_again_and_all_end_with_the_supervisor(
    tmp_path: Path,
) -> None:
    supervisor = Supervisor()
    supervisor.add(Child("one", FOREVER, tmp_path / "one.log"))
    watching = asyncio.create_task(supervisor.run())
    first = supervisor.pid("one")
    os.kill(first, signal.SIGKILL)
    second = await other_pid(supervisor, "one", first)
    watching.cancel()
    await asyncio.to_thread(supervisor.stop)
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


async def test_child_that_dies_at_once_ends_the_whole_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor()
    supervisor.add(Child("one", LAST_WORDS, tmp_path / "one.log", gives_up_after=2))
    with pytest.raises(ServiceError, match=r"one ended 2 times.*code 3.*the disk is on fire"):
        await asyncio.wait_for(supervisor.run(), 30)
    await asyncio.to_thread(supervisor.stop)


async def test_child_that_no_restart_mends_is_not_started_again(tmp_path: Path) -> None:
    ends = f"import sys; print('no such key'); sys.exit({SettingsError.exit_code})"
    child = (sys.executable, "-c", ends)
    supervisor = Supervisor()
    supervisor.add(Child("one", child, tmp_path / "one.log", gives_up_after=5))
    with pytest.raises(ServiceError, match=r"one ended once, with code 78: no such key"):
        await asyncio.wait_for(supervisor.run(), 30)
    await asyncio.to_thread(supervisor.stop)


async def test_dead_service_is_started_again_until_it_starts(tmp_path: Path) -> None:
    starts: list[str] = []

    def start() -> None:
        starts.append("try")
        if len(starts) < 2:
            message = "port taken"
            raise ServiceError(message)

    supervisor = Supervisor()
    supervisor.watch("broker", lambda: len(starts) >= 2, start)
    watching = asyncio.create_task(supervisor.run())
    async with asyncio.timeout(10):
        while len(starts) < 2:
            await asyncio.sleep(0.02)
    watching.cancel()
    assert starts == ["try", "try"]


def test_member_names_are_unique_while_held_and_come_back(tmp_path: Path) -> None:
    with MemberName(tmp_path, ["asr"]) as one:
        with MemberName(tmp_path, ["asr"]) as two:
            assert one != two
        with MemberName(tmp_path, ["asr"]) as again:
            assert again == two
    with MemberName(tmp_path, ["asr"]) as back:
        assert back == one
