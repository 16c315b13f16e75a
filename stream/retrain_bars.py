"""How a retraining shows where it stands: a bar for people, lines for logs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from stream.count_bar import count_bar

if TYPE_CHECKING:
    from models.train_options import Told

_LINE_EVERY_S = 30.0


@contextmanager
def counted(what: str, total: int | None = None) -> Iterator[Callable[[int, int], None]]:
    """Yield what takes things done and things to do."""
    with count_bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of)


@contextmanager
def training(say: Callable[[str], None]) -> "Iterator[Callable[[Told], None]]":
    """Yield what takes every step of a training."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(say)
        return
    with count_bar(console) as bar:
        task = bar.add_task("training", total=100)

        def tell(told: "Told") -> None:
            bar.update(task, completed=round(100 * told.part), description=_words(told))

        yield tell


def _lines(say: Callable[[str], None]) -> "Callable[[Told], None]":
    last_s = -_LINE_EVERY_S

    def tell(told: "Told") -> None:
        nonlocal last_s
        if told.elapsed_s - last_s >= _LINE_EVERY_S or told.validation is not None:
            last_s = told.elapsed_s
            say(f"{told.part:.0%}, {_words(told)}")

    return tell


def _words(told: "Told") -> str:
    pace = told.samples / max(told.elapsed_s, 1e-9)
    validated = f", validation {told.validation:.3f}" if told.validation is not None else ""
    return f"step {told.step}, loss {told.loss:.2f}{validated}, {pace:.0f} samples/s"
