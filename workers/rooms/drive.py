"""One stage over one room in memory: the machine and the worker of the live path, without Kafka.

What a stage emits depends on its inputs and on nothing of the broker, so that a room that is driven
here has the tags that it has live, but for what a model makes of another batch.
"""

import heapq
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from models.errors import BadEventError
from workers.events import GridEvent, StreamEvent
from workers.machine import Machine, Worker

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """What must be known of a stage to drive it."""

    name: str
    machine: Callable[[str, dict[str, JsonValue] | None], Machine[Any]]
    """Make the machine of a room."""
    worker: Worker[Any]
    """Of all rooms."""
    max_batch: int = 1
    """Most jobs that the worker is given at once."""


def unchanged(job: Any) -> Any:
    """Return a job as it is."""
    return job


def drive(
    part: Part,
    stream_id: str,
    inputs: Iterable[GridEvent],
    change: Callable[[Any], Any] = unchanged,
) -> list[StreamEvent]:
    """Return all that a stage says about one room.

    Args:
        part: the stage.
        stream_id: the room.
        inputs: its events, each kind in slot order; see `in_time`.
        change: takes each job of the machine and returns the one that the worker gets.

    Raises:
        TransientError: what the worker needs is away.
    """
    machine = part.machine(stream_id, None)
    jobs: list[Any] = []
    for event in inputs:
        try:
            jobs += machine.push(event)
        except BadEventError as error:
            # Live it would go to `dead-letters`, and the room go on.
            logger.warning("%s: %s/%d is left out: %s", part.name, stream_id, event.slot, error)
    if not machine.done:
        jobs += machine.close()
    said: list[StreamEvent] = []
    for some in _batches([change(job) for job in jobs], part.max_batch):
        for job, outcome in zip(some, part.worker.process(some), strict=True):
            if isinstance(outcome, BadEventError):
                said += part.worker.empty(job, outcome)
            else:
                said += outcome
    return said


def in_time(*kinds: Iterable[GridEvent]) -> Iterator[GridEvent]:
    """Merge the events of several topics as a live room brings them: by what they have seen."""
    return heapq.merge(*kinds, key=lambda event: event.watermark_ms)


def _batches(jobs: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    return (jobs[start : start + most] for start in range(0, len(jobs), most))
