"""How far a training run is: a bar for people, lines for logs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from models.train_options import Told

_LINE_EVERY_S = 30.0


@contextmanager
def train_bar() -> "Iterator[Callable[[Told], None]]":
    """Yield what shows where a run stands: a bar, or lines now and then where nobody looks."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(lambda line: typer.echo(line, err=True))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("training", total=1.0)
        yield lambda told: bar.update(task, completed=told.part, description=_words(told))


def unheard(_: "Told") -> None:
    """Say nothing: the first of the processes speaks for all."""


def _lines(say: Callable[[str], None]) -> "Callable[[Told], None]":
    last_s = -_LINE_EVERY_S
    first: float | None = None

    def tell(told: "Told") -> None:
        nonlocal last_s, first
        first = told.part if first is None else first
        if told.elapsed_s - last_s < _LINE_EVERY_S and told.validation is None and told.part < 1.0:
            return
        last_s = told.elapsed_s
        left_s = told.elapsed_s * (1.0 - told.part) / max(told.part - first, 1e-9)
        left = f", {left_s / 60:.0f} min left" if told.part > first else ""
        say(f"{told.part:.1%}, {_words(told)}{left}")

    return tell


def _words(told: "Told") -> str:
    pace = told.samples / max(told.elapsed_s, 1e-9)
    validated = f", validation {told.validation:.3f}" if told.validation is not None else ""
    return f"step {told.step}, loss {told.loss:.2f}{validated}, {pace:.0f} samples/s"
