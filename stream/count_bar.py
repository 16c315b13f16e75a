"""The bar of a command that counts things: what, how many of how many, how long still."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def count_bar(console: Console | None = None) -> Progress:
    """Return the bar, to be opened with `with`.

    Args:
        console: where it is drawn; none: stderr.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console or Console(stderr=True))
