"""How a pull of weights is shown: a bar for each download, a line for every other step."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from models.weight_sources import OnProgress
from models.weight_sources import Progress as PullProgress


@contextmanager
def pull_bars() -> Iterator[OnProgress]:
    """Yield what moves the bars, on standard error; nothing is shown before the first byte."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    bars = Progress(*columns, console=Console(stderr=True))
    try:
        yield _Bars(bars)
    finally:
        if bars.tasks:
            bars.stop()


class _Bars:
    """The bars and lines of one pull or several."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._said: set[tuple[str, str]] = set()

    def __call__(self, progress: PullProgress) -> None:
        if progress.step == "downloading":
            key = (progress.model, progress.detail)
            if key not in self._tasks:
                # Not sooner: even bars without a task leave an empty line.
                self._bars.start()
                self._tasks[key] = self._bars.add_task(progress.detail, total=progress.size_bytes)
            self._bars.update(self._tasks[key], completed=progress.done_bytes)
        elif (said := (progress.step, progress.detail)) not in self._said:
            self._said.add(said)
            line = f"{progress.model}: {progress.step} {progress.detail}"
            self._bars.console.print(line, markup=False, highlight=False)
