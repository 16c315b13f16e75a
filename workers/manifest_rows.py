"""Rows of a manifest in, rows of a manifest out: the one place where long work meets its form.

In: a manifest, or the folder of a known data set. Out: a manifest; both row by row.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from models.formats.conversion import Converted, rebased
from models.formats.layout import manifest_at
from models.manifest import Row
from models.manifest_file import manifest_rows, write_manifest


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a manifest, in order.

    Raises:
        InputError: it is no manifest.
    """
    yield from manifest_at(path).rows if path.is_dir() else manifest_rows(path)


def folder_of(path: Path) -> Path:
    """Return the folder that the paths in a manifest are relative to."""
    return path if path.is_dir() else path.parent


def write_rows(path: Path, rows: Iterable[Row], folder: Path) -> None:
    """Write a manifest in one step: a stop leaves the file that was there, or none.

    Args:
        path: of the file; its suffix says the form.
        rows: are written as they come.
        folder: that the rows' paths are relative to; they are written relative to the file's own.

    Raises:
        InputError: the suffix is none of a manifest, or the file cannot be written.
    """
    write_manifest(path, rebased(Converted(folder, rows), path.parent))
