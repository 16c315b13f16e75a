"""What the summarize stage makes of windows, kept as it is found, so that a stopped bench goes on.

In: windows, and back ends with and without the room's cart. Out: for each window what the back end
says when it is asked alone, what the stage tells, and how long that took. Counts nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby, islice
from typing import Any

from models.errors import InputError
from workers.events import Summary
from workers.kept_answers import Answer as Row
from workers.kept_answers import KeptAnswers, Question
from workers.machine import Outcome
from workers.summarize import Summarizer
from workers.summarizers.protocol import Broken, Draft, SummaryWriter, WindowText
from workers.summing_up.recorder import Recorder


@dataclass(frozen=True)
class Reader:
    """One way to read windows."""

    name: str
    load: Callable[[], SummaryWriter]
    """Gives its back end; called when a window waits for it."""
    cart: bool = False
    """Whether it is told the room's cart."""


@dataclass(frozen=True)
class Answer:
    """What was made of one window."""

    alone: Draft | Broken
    """By the back end, asked without the stage's guards."""
    told: Draft
    """In the summary: product, attributes and product id of it."""
    fell_back: bool
    """Whether the stage did not believe the back end."""
    verdicts: tuple[str, ...]
    """Of the stage's guards."""
    seconds: float
    """Of the stage, for this window; of several at once each has its share."""


class Readings:
    """Asks every reader about its windows. Not for several threads.

    Args:
        kept: answers that are there are not found again.
        readers: in the order in which they are asked.
        windows: of each reader, by its name.
        clock: seconds, from any beginning.
        batch: windows that the stage is given at once.
    """

    def __init__(
        self,
        kept: KeptAnswers,
        readers: Sequence[Reader],
        windows: Mapping[str, Sequence[WindowText]],
        clock: Callable[[], float],
        batch: int = 1,
    ) -> None:
        self._kept, self._windows, self._clock, self._batch = kept, windows, clock, batch
        self._load = {reader.name: reader.load for reader in readers}
        asked = [
            Question(_key(one.name, window), f"{at:02d}/{number:06d}", _what(one.name, number))
            for at, one in enumerate(readers)
            for number, window in enumerate(windows[one.name])
        ]
        self.total, self.known = kept.ask(asked)
        """Windows over all readers, and how many of them were answered before."""

    def read(self) -> Iterator[int]:
        """Find the answers that are missing; yield how many were found by each step."""
        waiting = self._kept.waiting()
        for name, questions in groupby(waiting, key=lambda one: str(one.what["reader"])):
            writer = self._load[name]()
            windows = self._windows[name]
            # The first answer of a model takes longer than all that follow.
            writer.write(windows[:1])
            while some := list(islice(questions, self._batch)):
                chosen = [windows[int(one.what["at"])] for one in some]
                rows = _rows(writer, chosen, self._clock)
                self._kept.keep(zip((one.key for one in some), rows, strict=True))
                yield len(some)

    def answers(self, name: str) -> list[Answer]:
        """Return a reader's answers, one for each window.

        Raises:
            InputError: one was not found yet.
        """
        return [self._answer(name, window) for window in self._windows[name]]

    def _answer(self, name: str, window: WindowText) -> Answer:
        row = self._kept.answer(_key(name, window))
        if row is None:
            message = f"{name} was not asked about window {window.slot} of {window.stream_id}"
            raise InputError(message)
        written = row["alone"]
        return Answer(
            Broken(**written) if "reason" in written else _draft(written),
            _draft(row["told"]),
            bool(row["fell_back"]),
            tuple(row["verdicts"]),
            float(row["seconds"]),
        )


def _key(name: str, window: WindowText) -> str:
    return f"{name}/{hashlib.sha256(repr(window).encode()).hexdigest()[:24]}"


def _what(name: str, at: int) -> dict[str, Any]:
    return {"reader": name, "at": at}


def _draft(row: Mapping[str, Any]) -> Draft:
    return Draft(**{**row, "attributes": tuple(row["attributes"])})


def _rows(
    writer: SummaryWriter, windows: Sequence[WindowText], clock: Callable[[], float]
) -> list[Row]:
    recorder = Recorder(writer)
    began = clock()
    outcomes = Summarizer(recorder).process(windows)
    seconds = (clock() - began) / len(windows)
    return [
        _row(recorder.alone(window), _summary(outcome), seconds)
        for window, outcome in zip(windows, outcomes, strict=True)
    ]


def _summary(outcome: Outcome) -> Summary:
    if isinstance(outcome, list):
        for event in outcome:
            if isinstance(event, Summary):
                return event
    message = f"the summarize stage gave {outcome!r} for a window that has words"
    raise InputError(message)


def _row(alone: Draft | Broken, summary: Summary, seconds: float) -> Row:
    told = Draft(summary.product_name, summary.attributes, summary.product_id)
    return {
        "alone": asdict(alone),
        "told": asdict(told),
        "fell_back": summary.fell_back,
        "verdicts": list(summary.verdicts),
        "seconds": seconds,
    }
