"""Rows of a manifest through long work: asked, answered in batches, kept, and written at the end.

    rows ──► questions ──► answers, kept as they come ──► rows again, changed ──► written

The rows are read twice and never held. What was answered by an earlier run is not asked again; a
row whose question has no answer passes without one. Must not know what the work is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from models.manifest import Row
from workers.kept_answers import Answer, KeptAnswers, Question

SHOWN_FAILURES = 5
"""How many failures are told in words."""


@dataclass(frozen=True)
class Answered:
    """What became of one question."""

    key: str
    answer: Answer | None
    """None: it cannot be answered."""
    reason: str = ""
    """Why not."""


class RowTask(Protocol):
    """The work on rows."""

    def question(self, row: Row) -> Question | None:
        """Return what is asked about a row; none where it is left as it is."""

    def work(self, questions: Iterable[Question]) -> Iterator[Sequence[Answered]]:
        """Answer every question, batch by batch.

        Raises:
            TransientError: what it needs is away; what was yielded is kept.
        """

    def changed(self, row: Row, answer: Answer | None) -> Row:
        """Return a row that was asked about with its answer; none: there is no answer to it."""


@dataclass(frozen=True)
class Progress:
    """How far the work is, in different questions."""

    total: int
    known: int
    """Answered by earlier runs."""
    done: int = 0
    """Answered or failed by this one."""
    failed: int = 0
    failures: tuple[str, ...] = ()
    """Why the first of them failed."""


def work_through(
    task: RowTask,
    rows: Callable[[], Iterable[Row]],
    kept: KeptAnswers,
    write: Callable[[Iterable[Row]], None],
) -> Iterator[Progress]:
    """Work on rows and write them; yield after every batch, and before the first.

    Args:
        task: the work.
        rows: called twice; the rows of one manifest.
        kept: answers so far.
        write: takes all rows in order, once everything is answered.

    Raises:
        TransientError: what the work needs is away; another run goes on.
    """
    total, known = kept.ask(asked for row in rows() if (asked := task.question(row)) is not None)
    now = Progress(total, known)
    yield now
    for batch in task.work(kept.waiting()):
        kept.keep((one.key, one.answer) for one in batch if one.answer is not None)
        now = _further(now, batch)
        yield now
    write(_answered(task, rows(), kept))


def batches(questions: Iterable[Question], most: int) -> Iterator[list[Question]]:
    """Yield the questions in lists of at most so many."""
    source = iter(questions)
    while some := list(islice(source, most)):
        yield some


def _further(now: Progress, batch: Sequence[Answered]) -> Progress:
    reasons = [one.reason for one in batch if one.answer is None]
    return Progress(
        total=now.total,
        known=now.known,
        done=now.done + len(batch),
        failed=now.failed + len(reasons),
        failures=(*now.failures, *reasons)[:SHOWN_FAILURES],
    )


def _answered(task: RowTask, rows: Iterable[Row], kept: KeptAnswers) -> Iterator[Row]:
    for row in rows:
        asked = task.question(row)
        yield row if asked is None else task.changed(row, kept.answer(asked.key))
