"""Keeps what `run` and `demo` started alive: child processes and embedded services, with backoff.

Everything is owned: it ends when the owner ends, even by SIGKILL.
"""

import asyncio
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import LiveShelfError, ServiceError, SettingsError, WeightsError

logger = logging.getLogger(__name__)

_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 15.0
_STEADY_S = 30.0
"""A child that lived this long starts again without delay."""
_LOOK_S = 0.25
_GRACE_S = 15.0
_HOPELESS = {SettingsError.exit_code, WeightsError.exit_code}
"""Ends that another start cannot mend."""


@dataclass(frozen=True)
class Child:
    """A program to keep alive."""

    name: str
    command: tuple[str, ...]
    log: Path
    gives_up_after: int = 0
    """Deaths running after which the whole is ended; at the first one that no restart mends.
    0: never."""


class _Running:
    def __init__(self, child: Child, environment: Mapping[str, str]) -> None:
        self.child = child
        self._environment = dict(environment)
        self.deaths = 0
        self.start_at_s = 0.0
        self.started_s = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.child.log.parent.mkdir(parents=True, exist_ok=True)
        with self.child.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self.started_s = time.monotonic()
        logger.info("%s: pid %d", self.child.name, self.process.pid)


class Supervisor:
    """Starts children and services, restarts what dies, stops all in reverse order."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = {**os.environ, **(environment or {})}
        """Of every child started from now on."""
        self._running: list[_Running] = []
        self._services: list[tuple[str, Callable[[], bool], Callable[[], object]]] = []

    def add(self, child: Child) -> None:
        """Start a child and keep it alive."""
        running = _Running(child, self.environment)
        running.start()
        self._running.append(running)

    def watch(
        self, name: str, alive: Callable[[], bool], start_again: Callable[[], object]
    ) -> None:
        """Keep an embedded service alive; both callables may block."""
        self._services.append((name, alive, start_again))

    def pid(self, name: str) -> int:
        """Return the process id that a child has now."""
        for running in self._running:
            if running.child.name == name and running.process is not None:
                return running.process.pid
        message = f"no child {name!r}"
        raise ServiceError(message)

    async def run(self) -> None:
        """Watch until cancelled.

        Raises:
            ServiceError: a child died too often, or of what no restart mends; names its log.
        """
        while True:
            for name, alive, start_again in self._services:
                if not await asyncio.to_thread(alive):
                    await self._revive(name, start_again)
            for running in self._running:
                self._look_after(running)
            await asyncio.sleep(_LOOK_S)

    async def _revive(self, name: str, start_again: Callable[[], object]) -> None:
        logger.warning("%s has died; starting it again", name)
        backoff_s = _FIRST_BACKOFF_S
        while True:
            try:
                await asyncio.to_thread(start_again)
            except LiveShelfError as error:
                logger.warning("%s: %s; next try in %.1f s", name, error, backoff_s)
                await asyncio.sleep(backoff_s)
                backoff_s = min(2 * backoff_s, _LONGEST_BACKOFF_S)
            else:
                return

    def _look_after(self, running: _Running) -> None:
        now_s = time.monotonic()
        if running.process is None:
            if now_s >= running.start_at_s:
                running.start()
            return
        code = running.process.poll()
        if code is None:
            return
        steady = now_s - running.started_s > _STEADY_S
        running.deaths = 1 if steady else running.deaths + 1
        limit = running.child.gives_up_after
        if limit and (running.deaths >= limit or code in _HOPELESS):
            deaths = running.deaths
            often = f"{deaths} times running, last" if deaths > 1 else "once,"
            message = (
                f"{running.child.name} ended {often} with code {code}: "
                f"{_last_words(running.child.log)}. All of its log: {running.child.log}"
            )
            raise ServiceError(message)
        wait_s = min(_FIRST_BACKOFF_S * 2 ** (running.deaths - 1), _LONGEST_BACKOFF_S)
        running.process = None
        running.start_at_s = now_s + (0 if steady else wait_s)
        logger.warning(
            "%s ended with code %s; next start in %.1f s", running.child.name, code, wait_s
        )

    def stop(self) -> None:
        """End all children: SIGTERM, a grace, SIGKILL."""
        alive = [r.process for r in self._running if r.process is not None]
        for process in alive:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline_s = time.monotonic() + _GRACE_S
        for process in alive:
            try:
                process.wait(max(0.1, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        self._services.clear()


def _last_words(log: Path, count: int = 3) -> str:
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.is_file() else []
    return "; ".join(line.strip() for line in lines if line.strip()) or "it said nothing"


def command(*arguments: str, python: str) -> tuple[str, ...]:
    """Return the command line that runs `liveshelf` with this very interpreter."""
    return (python, "-P", "-m", "stream.cli", *arguments)
