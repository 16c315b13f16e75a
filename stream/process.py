"""One worker process: any subset of stages on one event loop, one Kafka link, one static member id.

The process ends orderly on SIGTERM or SIGINT (work under way is finished and committed), and when
its owner dies. If one stage crashes, the process ends with that error and whoever supervises it
starts it again from the last commit.
"""

import asyncio
import fcntl
import logging
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from models.errors import ServiceError
from stream.link import connect
from stream.meter import MeterOf, no_meter
from stream.orphan import stop_when_orphaned
from stream.rooms import Rooms, RoomsReader
from stream.runner import StageRunner
from stream.stage import RunnerOptions, Stage

logger = logging.getLogger(__name__)

StageFactory = Callable[[Rooms], Stage]
"""Makes a stage, loading its models; blocking."""


async def run_stages(
    factories: Sequence[StageFactory],
    bootstrap_servers: str,
    prefix: str,
    options: RunnerOptions,
    member: str,
    parent_pid: int | None = None,
    meter_of: MeterOf = no_meter,
) -> None:
    """Run stages until a signal, the owner's end or a crash.

    Args:
        factories: Of the stages.
        bootstrap_servers: `host:port`, by commas.
        prefix: Put before every topic name.
        options: How each stage runs.
        member: Static member id.
        parent_pid: Of the owner, read when this process began; none: the parent of now.
        meter_of: Who listens to a stage.

    Raises:
        ServiceError: Kafka cannot be reached.
        Exception: whatever crashed a stage.
    """
    parent_pid = parent_pid or os.getppid()
    async with connect(bootstrap_servers, prefix, member) as link:
        stages = [await asyncio.to_thread(factory, link.rooms) for factory in factories]
        runners = [
            StageRunner(stage, link, options, member, meter_of(stage.name)) for stage in stages
        ]
        for stage in stages:
            logger.info("%s: ready: %s", stage.name, stage.describe)
        await _run_until_told(runners, link.reader, parent_pid)


async def _run_until_told(
    runners: Sequence[StageRunner], reader: RoomsReader, parent_pid: int
) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for runner in runners:
            runner.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    background = [
        asyncio.create_task(reader.follow()),
        asyncio.create_task(stop_when_orphaned(stop, parent_pid)),
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for runner in runners:
                group.create_task(runner.run())
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)


class MemberName:
    """A static member id that no other process on this machine holds.

    The lowest free number is locked in a folder, so that a restarted process gets its old name and
    with it its old partitions, without a rebalance.
    """

    def __init__(self, folder: Path, stages: Sequence[str]) -> None:
        self._folder = folder
        self._base = f"{socket.gethostname()}-{'+'.join(sorted(stages))}"
        self.number = 0
        """Of this process among those with the same stages on this machine, from 0 on."""
        self._descriptor: int | None = None

    def __enter__(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = 0
        while self._descriptor is None:
            name = f"{self._base}-{number}"
            descriptor = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                number += 1
            else:
                self._descriptor = descriptor
                self.number = number
                return name
        message = "a member name is held already"
        raise ServiceError(message)

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
