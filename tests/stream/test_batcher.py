"""What the batcher tells of its work."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.errors import BadEventError, TransientError
from stream.batcher import Batcher, BatchOptions
from stream.meter import NoMeter
from workers.events import StreamEvent
from workers.machine import Outcome


@dataclass
class Heard(NoMeter):
    """Remembers what it was told."""

    batches: list[int] = field(default_factory=list)
    retries: int = 0

    def worked(self, jobs: int, seconds: float) -> None:
        assert seconds >= 0
        self.batches.append(jobs)

    def retried(self) -> None:
        self.retries += 1


class AwayAtFirst:
    """Cannot work the first two times."""

    def __init__(self) -> None:
        self.calls = 0

    def process(self, jobs: Sequence[str]) -> list[Outcome]:
        self.calls += 1
        if self.calls < 3:
            message = "away"
            raise TransientError(message)
        return [[] for _ in jobs]

    def empty(self, job: str, error: BadEventError) -> list[StreamEvent]:
        return []


def test_each_batch_and_each_retry_is_told_once() -> None:
    heard = Heard()

    async def work() -> None:
        options = BatchOptions(max_batch=3, first_backoff_s=0.001)
        batcher = Batcher("asr", AwayAtFirst(), options, random.Random(0), heard)  # noqa: S311 — jitter
        answers = [batcher.submit(str(number)) for number in range(5)]
        running = asyncio.create_task(batcher.run())
        await asyncio.gather(*answers)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    assert heard.retries == 2
    assert heard.batches == [3, 2]
