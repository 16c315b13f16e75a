"""The two seams of a stage: a pure state machine per room, and blocking work on batches.

A stage is a `Machine` for each room, which turns events into jobs without doing anything costly,
and one `Worker` for the process, which turns a batch of jobs of many rooms into events. The
stream side runs machines on its event loop and workers on a thread, keeps the order of jobs per
room, and commits an input only when the machine no longer needs it and every job made from it was
answered.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pydantic import JsonValue

from models.errors import BadEventError
from workers.events import GridEvent, StreamEvent

JobIn_contra = TypeVar("JobIn_contra", contravariant=True)
JobOut_co = TypeVar("JobOut_co", covariant=True)

Outcome = list[StreamEvent] | BadEventError
"""What became of one job: the events it makes, in order, or why it can never work."""


class Machine(Protocol[JobOut_co]):
    """One room in one stage. Pure: no clock, no network, no model.

    Rebuilding: a machine made with `snapshot()` of another, then given every input that ends after
    that one's `needed_from_ms`, makes the same jobs from there on.
    """

    def push(self, event: GridEvent) -> Sequence[JobOut_co]:
        """Take the next input; return the jobs that it completes, in grid order.

        Inputs of one topic come in slot order, possibly with gaps, and possibly again: an input
        that was taken before makes no job.
        """

    def close(self) -> Sequence[JobOut_co]:
        """End the room as if its source had said `last` at the present position."""

    @property
    def needed_from_ms(self) -> int:
        """Inputs that end at or before this media time are never needed again."""

    @property
    def done(self) -> bool:
        """Whether the room has ended here; nothing is needed any more."""

    def snapshot(self) -> dict[str, JsonValue]:
        """The small part of the state that inputs after `needed_from_ms` cannot rebuild."""


class Worker(Protocol[JobIn_contra]):
    """Blocking work on a batch, called from one thread at a time."""

    def process(self, jobs: Sequence[JobIn_contra]) -> list[Outcome]:
        """Answer every job in order; one bad job costs only itself.

        Raises:
            TransientError: the whole batch may work later.
        """

    def empty(self, job: JobIn_contra, error: BadEventError) -> list[StreamEvent]:
        """The events that keep the grid whole where a job failed for good."""
