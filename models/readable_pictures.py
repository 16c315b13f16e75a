"""Pictures that cannot be read are counted and passed over: a rotten link must not end a training.

In: paths, and what reads one. Out: the pictures that can be read, in order. A row that loses all of
its pictures is as one that never had any.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import TypeVar

from PIL import Image

from models.errors import InputError
from models.pictures import open_picture

Read = Callable[[Path], Image.Image]
Item = TypeVar("Item")
Picture = TypeVar("Picture")
NAMED = 5


class PassedOverError(InputError):
    """A picture cannot be read, and somebody counts it."""


class ReadablePictures:
    """Reads pictures as `read` does, and remembers which could not be. Safe in several threads."""

    def __init__(self, read: Read = open_picture) -> None:
        self._read = read
        self._reasons: dict[Path, str] = {}
        self._lock = Lock()

    @property
    def unreadable(self) -> int:
        """How many different pictures could not be read."""
        return len(self._reasons)

    @property
    def reasons(self) -> list[str]:
        """Why, for the first few."""
        with self._lock:
            return list(self._reasons.values())[:NAMED]

    def __call__(self, path: Path) -> Image.Image:
        """Return the picture.

        Raises:
            PassedOverError: it cannot be read; it is counted once, and not tried again.
        """
        known = self._reasons.get(path)
        if known is not None:
            raise PassedOverError(known)
        try:
            return self._read(path)
        except InputError as error:
            with self._lock:
                self._reasons[path] = str(error)
            raise PassedOverError(str(error)) from error


def readable(items: Iterable[Item], read: Callable[[Item], Picture]) -> tuple[Picture, ...]:
    """Return the pictures in order, without those that a `ReadablePictures` passes over.

    Args:
        items: what pictures are found by: paths, or places in a sequence that opens them late.
        read: leads to a `ReadablePictures`, or to what fails at the first unreadable picture.

    Raises:
        InputError: a picture cannot be read, and nobody counts it.
    """
    found = []
    for item in items:
        try:
            found.append(read(item))
        except PassedOverError:
            continue
    return tuple(found)
