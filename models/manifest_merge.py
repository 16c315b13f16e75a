"""Two data sets as one: a manifest that there was, and rows that were collected since.

In: a manifest and rows. Out: files in a folder that `load_manifest` reads, with all paths relative
to it. Pictures stay where they are.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from models.manifest import Manifest, Row, load_manifest

ROWS, TEXTS = "manifest.jsonl", "texts.jsonl"


def write_merged(folder: Path, base: Manifest | None, rows: Sequence[Row]) -> None:
    """Write both as one manifest; the rows of the other come first.

    Args:
        folder: made if missing; the new rows' pictures are relative to it.
        base: what there was; none: nothing.
        rows: what came since.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = [_moved(row, base.folder, folder) for row in base.rows] if base is not None else []
    texts = base.texts if base is not None else ()
    _write(folder / TEXTS, (asdict(one) for one in texts))
    _write(folder / ROWS, (asdict(row) for row in [*old, *rows]))


def load_merged(folder: Path) -> Manifest:
    """Return what `write_merged` wrote.

    Raises:
        InputError: rows and texts do not fit together, or a file cannot be read.
    """
    return load_manifest(folder / ROWS, [folder / TEXTS])


def _moved(row: Row, old: Path, new: Path) -> Row:
    def to(name: str) -> str:
        return os.path.relpath((old / name).resolve(), new.resolve())

    media = to(row.media) if row.media is not None else None
    return replace(row, frames=tuple(to(name) for name in row.frames), media=media)


def _write(path: Path, items: Iterable[dict[str, Any]]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    fresh.replace(path)
