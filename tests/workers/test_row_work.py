"""Rows through work: asked once, kept through a kill, written only when all is answered."""

import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import TransientError
from models.manifest import Row
from workers.kept_answers import Answer, KeptAnswers, Question
from workers.row_work import SHOWN_FAILURES, Answered, Progress, batches, work_through

SETTINGS = {"work": "shouting"}


class Shouting:
    """Answers a row's title in capitals; refuses `bad` ones and, once told so, breaks off."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.worked: list[str] = []
        self._breaks_after = breaks_after

    def question(self, row: Row) -> Question | None:
        return Question(row.title, row.title, {"title": row.title}) if row.title else None

    def work(self, questions: Iterable[Question]) -> Iterator[Sequence[Answered]]:
        for some in batches(questions, 2):
            if len(self.worked) == self._breaks_after:
                message = "away"
                raise TransientError(message)
            self.worked += [one.key for one in some]
            yield [
                Answered(one.key, None, f"{one.key} is bad")
                if one.key.startswith("bad")
                else Answered(one.key, {"said": one.what["title"].upper()})
                for one in some
            ]

    def changed(self, row: Row, answer: Answer | None) -> Row:
        return replace(row, transcript=None if answer is None else answer["said"])


class Written(list[Row]):
    """Takes the rows as a file would."""

    def write(self, rows: Iterable[Row]) -> None:
        self[:] = rows


def rows(*titles: str | None) -> list[Row]:
    return [Row(None, "live", (), "train", title) for title in titles]


def run(task: Shouting, some: list[Row], path: Path, written: Written) -> list[Progress]:
    with KeptAnswers(path, SETTINGS) as kept:
        return list(work_through(task, lambda: some, kept, written.write))


def test_rows_are_changed_in_their_order_and_others_pass_as_they_are(tmp_path: Path) -> None:
    written, task = Written(), Shouting()
    steps = run(task, rows("b", None, "a", "b", "c"), tmp_path / "kept", written)
    assert [row.transcript for row in written] == ["B", None, "A", "B", "C"]
    assert task.worked == ["a", "b", "c"], "in the order of places, each once"
    assert [(step.total, step.known, step.done) for step in steps] == [
        (3, 0, 0), (3, 0, 2), (3, 0, 3),
    ]  # fmt: skip


def test_what_failed_passes_without_an_answer_and_is_tried_again(tmp_path: Path) -> None:
    names = ["a", *(f"bad {number}" for number in range(7))]
    written, again = Written(), Shouting()
    last = run(Shouting(), rows(*names), tmp_path / "kept", written)[-1]
    assert (last.done, last.failed, len(last.failures)) == (8, 7, SHOWN_FAILURES)
    assert last.failures[0] == "bad 0 is bad"
    assert [row.transcript for row in written] == ["A", *[None] * 7]
    run(again, rows(*names), tmp_path / "kept", written)
    assert again.worked == names[1:]


def test_work_that_breaks_off_writes_nothing_and_goes_on_where_it_was(tmp_path: Path) -> None:
    written, whole, second = Written(), Written(), Shouting()
    some = rows("a", "b", "c", "d", "e")
    with pytest.raises(TransientError):
        run(Shouting(breaks_after=4), some, tmp_path / "kept", written)
    assert written == []
    run(second, [*some, *rows("f")], tmp_path / "kept", written)
    assert second.worked == ["e", "f"]
    run(Shouting(), [*some, *rows("f")], tmp_path / "other", whole)
    assert written == whole


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.workers.test_row_work import SETTINGS, Shouting, Written, rows
from workers.kept_answers import KeptAnswers
from workers.row_work import work_through
with KeptAnswers(Path(sys.argv[1]), SETTINGS) as kept:
    for now in work_through(Shouting(), lambda: rows(*"abcde"), kept, Written().write):
        if now.done == 4:
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_nothing_that_it_told(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    task, written = Shouting(), Written()
    run(task, rows(*"abcde"), path, written)
    assert task.worked == ["e"]
    assert [row.transcript for row in written] == list("ABCDE")
