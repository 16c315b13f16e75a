"""How an error is told on the command line: one line on standard error and an exit code."""

import errno
import os
import sys

from rich.console import Console
from rich.markup import escape

from models.errors import LiveShelfError

_IO_ERROR = 74
"""Exit code of what the system refuses: a folder that is not there, no permission, a full disk."""


def complain(error: Exception) -> int | None:
    """Tell an error that a user can act on.

    Returns:
        The exit code; none for a bug of ours, which deserves its traceback.
    """
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone, as `head` does; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    cause = _actionable(error)
    if cause is None:
        return None
    words = _words(cause)
    Console(stderr=True).print(
        f"[bold red]error:[/] {escape(words)}", highlight=False, soft_wrap=True
    )
    return cause.exit_code if isinstance(cause, LiveShelfError) else _IO_ERROR


def _actionable(error: Exception) -> LiveShelfError | OSError | None:
    """Return the error itself, or the first of a group, that is not a bug of ours."""
    if isinstance(error, ExceptionGroup):
        found = [_actionable(one) for one in error.exceptions]
        return next((one for one in found if one is not None), None)
    if isinstance(error, LiveShelfError):
        return error
    # One with a file's name or a full disk is the world's; any other says nothing to a user.
    if isinstance(error, OSError) and (error.filename is not None or error.errno == errno.ENOSPC):
        return error
    return None


def _words(error: LiveShelfError | OSError) -> str:
    if isinstance(error, LiveShelfError):
        return str(error)
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{error.strerror}"
