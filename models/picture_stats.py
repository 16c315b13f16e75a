"""Which pictures of a manifest are not there, or are none: every one is opened and decoded.

In: a manifest's path. Out: counts, and the first few names. Nothing of a picture is kept.
"""

from dataclasses import dataclass, field
from pathlib import Path

from models.errors import InputError
from models.manifest_file import Tell, manifest_rows, silent
from models.manifest_stats import Some
from models.readable_pictures import Read


@dataclass
class PictureStats:
    """Of all names of pictures; one that comes twice counts twice."""

    readable: int = 0
    absent: Some = field(default_factory=Some)
    unreadable: Some = field(default_factory=Some)
    """There, but no picture."""
    emptied: int = 0
    """Rows that name pictures of which none can be read."""


def picture_stats(path: Path, read: Read, tell: Tell = silent) -> PictureStats:
    """Return which pictures can be read.

    Args:
        path: of the manifest.
        read: of one picture; raises InputError for one that is none.
        tell: told of the reading, in bytes of the manifest.

    Raises:
        InputError: the manifest cannot be read; never because of a picture.
    """
    stats = PictureStats()
    for row in manifest_rows(path, tell):
        before = stats.readable
        for name in row.frames:
            if _reads(path.parent / name, read):
                stats.readable += 1
            elif (path.parent / name).is_file():
                stats.unreadable.add(name)
            else:
                stats.absent.add(name)
        stats.emptied += bool(row.frames) and stats.readable == before
    return stats


def _reads(path: Path, read: Read) -> bool:
    try:
        read(path)
    except InputError:
        return False
    return True
