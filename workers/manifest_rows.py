"""Rows of a manifest in, rows of a manifest out: the one place where long work meets its form.

In: a list of rows, or the folder of a known data set. Out: JSON Lines that `models.manifest` reads.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from models.formats.layout import manifest_at
from models.manifest import Row


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a manifest, in order.

    Raises:
        InputError: it is no manifest.
    """
    yield from manifest_at(path).rows


def folder_of(path: Path) -> Path:
    """Return the folder that the paths in a manifest are relative to."""
    return path if path.is_dir() else path.parent


def write_rows(path: Path, rows: Iterable[Row], folder: Path) -> None:
    """Write a manifest in one step: a stop leaves the file that was there, or none.

    Args:
        path: of the file.
        rows: are written as they come.
        folder: that the rows' paths are relative to; they are written relative to the file's own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    base, here = folder.resolve(), path.parent.resolve()
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            for row in rows:
                out.write(json.dumps(_told(_moved(row, base, here)), ensure_ascii=False) + "\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _moved(row: Row, base: Path, here: Path) -> Row:
    if base == here:
        return row
    frames = tuple(_from_here(name, base, here) for name in row.frames)
    return replace(row, frames=frames, media=row.media and _from_here(row.media, base, here))


def _from_here(name: str, base: Path, here: Path) -> str:
    return name if Path(name).is_absolute() else os.path.relpath(base / name, here)


def _told(row: Row) -> dict[str, object]:
    """Return what a row says; what it does not is left out."""
    return {
        key: value
        for key, value in asdict(row).items()
        if key == "product_id" or (value is not None and value != ())
    }
