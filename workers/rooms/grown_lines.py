"""JSON Lines that long work appends to, so that it goes on where it was stopped."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.errors import InputError


def read_grown(path: Path) -> list[dict[str, Any]]:
    """Return what is in a file so far, without a last line that a stop tore.

    Raises:
        InputError: it cannot be read, or a line is no JSON object.
    """
    try:
        content = path.read_bytes()
        whole, tail = _parted(content)
        rows = [json.loads(line) for line in whole.splitlines() if line.strip()]
        rows += [] if tail is None else [tail]
    except (OSError, ValueError) as error:
        message = f"{path} is no JSON Lines: {error}"
        raise InputError(message) from error
    if not all(isinstance(row, dict) for row in rows):
        message = f"{path} has a line that is no object"
        raise InputError(message)
    return rows


def append(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Append rows in one write, so that a stop leaves all of them or a torn last line.

    A last line that an earlier stop tore is cut off first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with path.open("a+b") as out:
        if out.tell() and out.seek(-1, os.SEEK_END) and out.read(1) != b"\n":
            out.seek(0)
            content = out.read()
            whole, tail = _parted(content)
            if tail is None:
                out.truncate(len(whole))
            else:
                out.write(b"\n")
        out.write(lines.encode())


def _parted(content: bytes) -> tuple[bytes, Any]:
    """Return the lines that end, and what the last one says if it does not but can be read."""
    at = content.rfind(b"\n") + 1
    try:
        return content[:at], json.loads(content[at:]) if content[at:].strip() else None
    except ValueError:
        return content[:at], None
