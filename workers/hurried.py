"""A worker whose jobs learn of the load when their turn comes: they may have waited since."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from models.errors import BadEventError
from workers.events import StreamEvent
from workers.machine import Outcome, Worker

JobT = TypeVar("JobT")


class Hurried(Generic[JobT]):
    """Works on jobs as they would have been made now.

    Without it a rung would be felt only when everything that was made before is worked off, and
    the ladder would have gone down further meanwhile.
    """

    def __init__(self, worker: Worker[JobT], lowered: Callable[[JobT], JobT]) -> None:
        """Wrap a worker.

        Args:
            worker: Who does the work.
            lowered: Returns a job with the rung that is in force, if that leaves out more.
        """
        self._worker = worker
        self._lowered = lowered

    def process(self, jobs: Sequence[JobT]) -> list[Outcome]:
        """Answer every job in order."""
        return self._worker.process([self._lowered(job) for job in jobs])

    def empty(self, job: JobT, error: BadEventError) -> list[StreamEvent]:
        """The events that keep the grid whole where a job failed for good."""
        return self._worker.empty(job, error)
