"""Files of a manifest, read and written row by row: JSON Lines, also gzipped, or Parquet.

In and out: a path, whose suffix says the form, and rows. A file is never held as a whole: JSON
Lines go line by line, Parquet by pieces of a row group.
"""

import gzip
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast
from uuid import uuid4

from models.errors import InputError
from models.manifest_row import Heard, Row, heard_of, row_of

SUFFIXES = (".jsonl", ".jsonl.gz", ".parquet")
Tell = Callable[[int, int], None]
"""Told the bytes that were read, and the bytes of the whole file."""
_TELL_EVERY = 20_000


def silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def is_parquet(path: Path) -> bool:
    """Whether a file is read and written as Parquet."""
    return path.suffix == ".parquet"


def manifest_rows(path: Path, tell: Tell = silent) -> Iterator[Row]:
    """Yield the checked rows of a manifest, in order and in bounded memory.

    What holds of rows together (a clip's product has a page) is not checked here.

    Args:
        path: `.parquet`, or JSON Lines, gzipped when it ends in `.gz`.
        tell: told now and then how far it is.

    Raises:
        InputError: the file cannot be read, or a row is wrong; the message names file and row.
    """
    if is_parquet(path):
        # Who has JSON Lines only needs no Arrow.
        from models.manifest_parquet import parquet_items

        found = parquet_items(path, tell)
    else:
        found = _lines(path, tell)
    for item, origin in found:
        yield row_of(item, origin)


def manifest_texts(path: Path) -> Iterator[Heard]:
    """Yield the checked texts of a list in JSON Lines, or of the summarizer's pairs.

    Raises:
        InputError: the list cannot be read, or a line is wrong.
    """
    for item, origin in _lines(path, silent):
        yield from heard_of(item, origin)


def write_manifest(path: Path, rows: Iterable[Row]) -> int:
    """Write rows and return their number; the file appears under its name when it is whole.

    Args:
        path: ends in one of `SUFFIXES`; replaced when it exists.
        rows: taken one by one, never held all together.

    Raises:
        InputError: the suffix is none of ours, or the file cannot be written.
    """
    if not path.name.endswith(SUFFIXES):
        message = f"{path}: a manifest ends in one of {', '.join(SUFFIXES)}"
        raise InputError(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part:
            count = _written(path, part, rows)
    except (OSError, UnicodeEncodeError) as error:
        message = f"cannot write {path}: {error}"
        raise InputError(message) from error
    return count


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield where a file is written that takes its name at the end, or is gone after an error.

    Processes that write the same file at once do not disturb each other.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _written(path: Path, part: Path, rows: Iterable[Row]) -> int:
    if is_parquet(path):
        from models.manifest_parquet import write_parquet

        return write_parquet(part, rows)
    count = 0
    with _opened(part, zipped=path.suffix == ".gz") as file:
        for row in rows:
            kept = {key: value for key, value in vars(row).items() if value is not None}
            # A clip of no product says so, rather than nothing.
            item = {"product_id": row.product_id, **kept}
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            count += 1
    return count


def _opened(path: Path, *, zipped: bool) -> TextIO:
    if zipped:
        return cast("TextIO", gzip.open(path, "wt", encoding="utf-8"))
    return path.open("w", encoding="utf-8")


def _lines(path: Path, tell: Tell) -> Iterator[tuple[dict[str, Any], str]]:
    try:
        total = path.stat().st_size
        with path.open("rb") as raw:
            lines: Iterable[bytes] = raw
            if path.suffix == ".gz":
                lines = gzip.GzipFile(fileobj=raw)
            for number, line in enumerate(lines, start=1):
                if number % _TELL_EVERY == 0:
                    tell(os.lseek(raw.fileno(), 0, os.SEEK_CUR), total)
                if line.strip():
                    yield _object(line, f"{path}, line {number}")
        tell(total, total)
    except (OSError, EOFError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error


def _object(line: bytes, origin: str) -> tuple[dict[str, Any], str]:
    try:
        item = json.loads(line)
    except UnicodeDecodeError as error:
        message = f"{origin}, cannot be read as UTF-8: {error}"
        raise InputError(message) from error
    except (json.JSONDecodeError, RecursionError) as error:
        message = f"{origin} is not JSON: {error}"
        raise InputError(message) from error
    if not isinstance(item, dict):
        message = f"{origin} should be an object"
        raise InputError(message)
    return item, origin
