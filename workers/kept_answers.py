"""Answers of long work in one SQLite file, so that work that was stopped in any way goes on.

In: questions with keys, and their answers as they are found. Out: the questions still without an
answer, in the order of their places, and any answer by its key. All is on disk but one batch, so
that neither number nor length of the questions is bounded by memory. Must not know what is asked.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from models.errors import InputError

Settings = Mapping[str, str | int | float | None]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """Something to find out."""

    key: str
    """Names all that the answer depends on but the settings."""
    place: str
    """Questions are worked on in the order of this."""
    what: Answer
    """What must be known to answer; JSON."""


class KeptAnswers:
    """One file of answers that were all found with the same settings. Not for several threads.

    Args:
        path: of the file; made if it is not there.
        settings: what all answers depend on.

    Raises:
        InputError: the file is of something else, or of other settings.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path)
        try:
            self._open(settings)
        except InputError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def ask(self, questions: Iterable[Question]) -> tuple[int, int]:
        """Take questions; return how many different ones there are, and how many were answered."""
        known = 0
        with self._translated(), self._file:
            for one in questions:
                answered = self.answer(one.key) is not None
                row = (one.key, one.place, None if answered else json.dumps(one.what))
                added = self._file.execute("INSERT OR IGNORE INTO questions VALUES (?, ?, ?)", row)
                known += answered and added.rowcount > 0
            (total,) = self._file.execute("SELECT count(*) FROM questions").fetchone()
        return int(total), known

    def waiting(self) -> Iterator[Question]:
        """Yield the questions that had no answer when they were asked, in the order of places."""
        with self._translated():
            rows = self._file.execute(
                "SELECT key, place, what FROM questions WHERE what IS NOT NULL ORDER BY place, key"
            )
            for key, place, what in rows:
                yield Question(key, place, json.loads(what))

    def keep(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Write answers by their keys; they are there after any stop from now on."""
        rows = [(key, json.dumps(answer, ensure_ascii=False)) for key, answer in answers]
        with self._translated(), self._file:
            self._file.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?)", rows)

    def answer(self, key: str) -> Answer | None:
        """Return an answer; none where there is none yet."""
        with self._translated():
            row = self._file.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        found: Answer | None = None if row is None else json.loads(row[0])
        return found

    def _open(self, settings: Settings) -> None:
        with self._translated(), self._file:
            # After a loss of power the last answers may be gone, never the file.
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute("CREATE TABLE IF NOT EXISTS settings (name PRIMARY KEY, value)")
            self._file.execute("CREATE TABLE IF NOT EXISTS answers (key PRIMARY KEY, answer)")
            self._file.execute("CREATE TEMP TABLE questions (key PRIMARY KEY, place, what)")
            rows = self._file.execute("SELECT name, value FROM settings").fetchall()
            self._check({name: json.loads(value) for name, value in rows}, settings)
            self._file.executemany(
                "INSERT OR IGNORE INTO settings VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in settings.items()],
            )

    def _check(self, before: Settings, now: Settings) -> None:
        names = sorted({*before, *now}) if before else []
        differing = [name for name in names if before.get(name) != now.get(name)]
        if differing:
            told = ", ".join(
                f"{name} {before.get(name)!r}, now {now.get(name)!r}" for name in differing
            )
            message = f"{self._path} was made with {told}: name another OUT, or remove the file"
            raise InputError(message)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = f"{self._path} cannot be used to keep what was found: {error}"
            raise InputError(message) from error
