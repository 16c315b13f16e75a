"""Blocking work off the event loop, in batches that mix the rooms of a process.

One batcher serves all lanes of a stage in a process: it gathers jobs until `max_batch` or
`max_wait_ms`, runs the worker on its own thread, and answers each job by itself. `TransientError`
is retried with backoff and jitter; any other failure of a batch ends the process.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.errors import TransientError
from stream.meter import Meter, NoMeter
from workers.machine import Outcome, Worker

logger = logging.getLogger(__name__)
JobT = TypeVar("JobT")


@dataclass(frozen=True)
class BatchOptions:
    """How jobs are gathered and retried."""

    max_batch: int = 8
    """Most jobs in one call."""
    max_wait_ms: int = 20
    """Longest wait for company, from the first job."""
    first_backoff_s: float = 0.2
    """Wait before the first retry; doubles each time."""
    longest_backoff_s: float = 5.0
    """Longest wait between retries."""


class Batcher(Generic[JobT]):
    """Gathers jobs, runs them on one thread, answers them one by one."""

    def __init__(
        self,
        name: str,
        worker: Worker[JobT],
        options: BatchOptions,
        jitter: random.Random,
        meter: Meter | None = None,
    ) -> None:
        self._name = name
        self._worker = worker
        self._options = options
        self._jitter = jitter
        self._meter = meter or NoMeter()
        self._jobs: asyncio.Queue[tuple[JobT, asyncio.Future[Outcome]]] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"liveshelf-{name}")

    @property
    def waiting(self) -> int:
        """Jobs not yet begun."""
        return self._jobs.qsize()

    def submit(self, job: JobT) -> "asyncio.Future[Outcome]":
        """Queue a job; the future holds its outcome."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((job, answer))
        return answer

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            Exception: whatever a worker raised that is not `TransientError`.
        """
        try:
            while True:
                batch = await self._gather()
                outcomes = await self._work([job for job, _ in batch])
                for (_, answer), outcome in zip(batch, outcomes, strict=True):
                    if not answer.done():
                        answer.set_result(outcome)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _gather(self) -> list[tuple[JobT, "asyncio.Future[Outcome]"]]:
        batch = [await self._jobs.get()]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._options.max_wait_ms / 1_000
        while len(batch) < self._options.max_batch:
            try:
                async with asyncio.timeout_at(deadline):
                    batch.append(await self._jobs.get())
            except TimeoutError:
                break
        return batch

    async def _work(self, jobs: Sequence[JobT]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        backoff_s = self._options.first_backoff_s
        attempt = 1
        while True:
            began_s = loop.time()
            try:
                outcomes = await loop.run_in_executor(self._thread, self._worker.process, jobs)
            except TransientError as error:
                self._meter.retried()
                wait_s = backoff_s * self._jitter.uniform(0.5, 1.5)
                logger.warning(
                    "%s: attempt %d failed, next in %.1f s: %s", self._name, attempt, wait_s, error
                )
                await asyncio.sleep(wait_s)
                backoff_s = min(2 * backoff_s, self._options.longest_backoff_s)
                attempt += 1
            else:
                self._meter.worked(len(jobs), loop.time() - began_s)
                return outcomes
