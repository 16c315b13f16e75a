"""One stage over one room in memory: the machine and the worker of the live path, without Kafka.

What a stage emits depends on its inputs and on nothing of the broker, so that a room that is driven
here has the tags that it has live, but for what a model makes of another batch.
"""

import heapq
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import JsonValue

from models.errors import BadEventError
from workers.clip import Clip
from workers.events import GridEvent, StreamEvent
from workers.machine import Machine, Outcome, Worker
from workers.rooms.timed import Timed, from_source

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


@dataclass(frozen=True)
class _Job:
    what: Any
    at_ms: int
    worked_ms: int


def drive(
    part: Part,
    stream_id: str,
    inputs: Iterable[GridEvent],
) -> list[StreamEvent]:
    """Return all that a stage says about one room.

    Args:
        part: the stage.
        stream_id: the room.
        inputs: its events, each kind in slot order; see `in_time`.

    Raises:
        TransientError: what the worker needs is away.
    """
    return [one.event for one in drive_timed(part, stream_id, from_source(inputs))]


def drive_timed(
    part: Part,
    stream_id: str,
    inputs: Iterable[Timed[GridEvent]],
    clock: Callable[[], float] | None = None,
) -> list[Timed[StreamEvent]]:
    """Return all that a stage says about one room, and when.

    Args:
        part: the stage.
        stream_id: the room.
        inputs: its events as they come, each kind in slot order.
        clock: real seconds, as `time.perf_counter` gives them: then jobs are gathered only with
            those of the same moment, as those of a room that plays alone at speed 1 are, one
            batch after the other, and what each takes counts. None: batches are as large as may
            be, and take no time.

    Raises:
        TransientError: what the worker needs is away.
    """
    free_ms = 0.0
    said: list[Timed[StreamEvent]] = []
    jobs = list(_jobs(part, stream_id, inputs))
    if clock is not None:
        # As they can be begun: a clip of pictures does not queue behind words that are still to be
        # heard.
        jobs.sort(key=lambda job: job.worked_ms)
    for some in _batches(jobs, part.max_batch, of_a_moment=clock is not None):
        began_s = clock() if clock is not None else 0.0
        outcomes = part.worker.process([job.what for job in some])
        took_ms = 1_000 * (clock() - began_s) if clock is not None else 0.0
        free_ms = max(free_ms, some[-1].worked_ms) + took_ms
        for job, outcome in zip(some, outcomes, strict=True):
            worked_ms = round(free_ms) if clock is not None else job.worked_ms
            events = _answer(part, job, outcome)
            said += [Timed(event, job.at_ms, worked_ms) for event in events]
    return said


def in_time(*kinds: Iterable[GridEvent]) -> Iterator[GridEvent]:
    """Merge the events of several topics as a live room brings them: by what they have seen."""
    return heapq.merge(*kinds, key=lambda event: event.watermark_ms)


def _jobs(
    part: Part,
    stream_id: str,
    inputs: Iterable[Timed[GridEvent]],
) -> Iterator[_Job]:
    machine = part.machine(stream_id, None)
    at_ms = worked_ms = 0
    worked_by_kind: dict[str, int] = {}
    for one in inputs:
        at_ms, worked_ms = max(at_ms, one.at_ms), max(worked_ms, one.worked_ms)
        kind = one.event.kind
        worked_by_kind[kind] = max(worked_by_kind.get(kind, 0), one.worked_ms)
        try:
            made = machine.push(one.event)
        except BadEventError as error:
            # Live it would go to `dead-letters`, and the room go on.
            slot = one.event.slot
            logger.warning("%s: %s/%d is left out: %s", part.name, stream_id, slot, error)
        else:
            for job in made:
                # Of pictures alone: it waited for no other topic.
                is_early = isinstance(job, Clip) and job.early
                yield _Job(job, at_ms, worked_by_kind[kind] if is_early else worked_ms)
    if not machine.done:
        yield from (_Job(job, at_ms, worked_ms) for job in machine.close())


def _answer(part: Part, job: _Job, outcome: Outcome) -> list[StreamEvent]:
    if isinstance(outcome, BadEventError):
        return part.worker.empty(job.what, outcome)
    return outcome


def _batches(jobs: Sequence[_Job], most: int, *, of_a_moment: bool) -> Iterator[Sequence[_Job]]:
    groups: Iterable[Sequence[_Job]] = [jobs]
    if of_a_moment:
        groups = (list(some) for _, some in groupby(jobs, lambda job: job.at_ms))
    for group in groups:
        yield from (group[start : start + most] for start in range(0, len(group), most))
