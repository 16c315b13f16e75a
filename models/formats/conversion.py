"""What a converter gives, and how the rows' names are made to fit the manifest's own folder.

In: rows whose pictures and sounds are relative to the data's folder. Out: the same rows, relative
to the folder of the manifest that is written.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models.manifest_row import Row

LeftOut = Counter[str]
"""How many of what a converter could not use, by a few words on each kind."""


@dataclass(frozen=True)
class Converted:
    """Rows as a converter gives them, one by one."""

    folder: Path
    """That the rows' frames and media are relative to."""
    rows: Iterable[Row]


def rebased(found: Converted, folder: Path) -> Iterator[Row]:
    """Yield the rows with names relative to another folder; absolute ones stay."""
    base, here = found.folder.resolve(), folder.resolve()

    def moved(name: str) -> str:
        # By the whole path, since what lies in the new folder already needs no way out of it.
        alone = Path(name).is_absolute()
        return name if alone else Path(os.path.relpath(base / name, here)).as_posix()

    for row in found.rows:
        frames = tuple(moved(name) for name in row.frames)
        media = None if row.media is None else moved(row.media)
        yield replace(row, frames=frames, media=media)


def share_of(name: str) -> float:
    """Return a number of [0, 1) that depends on a name only: for splits that never move."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def spread(frames: list[str], most: int) -> tuple[str, ...]:
    """Return at most so many frames, spread evenly from first to last; 0: all."""
    if not most or len(frames) <= most:
        return tuple(frames)
    if most == 1:
        return (frames[len(frames) // 2],)
    return tuple(frames[round(at * (len(frames) - 1) / (most - 1))] for at in range(most))
