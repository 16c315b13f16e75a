"""What a manifest says, as a SHA-256 that grows row by row; pictures are not part of it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from models.manifest_row import Heard, Row, Split

LEARNT: tuple[Split, ...] = ("train", "val")


def is_learnt(row: Row) -> bool:
    """Whether training or its validation sees a row: all pages, and splits train and val."""
    return row.domain == "page" or row.split in LEARNT


class ManifestHash:
    """The hash of the JSON list of rows and texts, without ever holding that list."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"[[")
        self._begun = False

    def add(self, item: str) -> None:
        """Take in the next row, as `said` gives it."""
        self._hash.update(f", {item}".encode() if self._begun else item.encode())
        self._begun = True

    def finish(self, texts: Iterable[Heard] = ()) -> str:
        """Return the hash of what was added, with texts to it; nothing may be added after."""
        heard = ", ".join(said(one) for one in texts)
        self._hash.update(f"], [{heard}]]".encode())
        return self._hash.hexdigest()


def said(item: Row | Heard) -> str:
    """Return a row or a text as JSON."""
    told: dict[str, Any] = vars(item)
    return json.dumps(told)


def hash_of(rows: Iterable[Row], texts: Iterable[Heard]) -> str:
    """Return the hash of rows and texts."""
    found = ManifestHash()
    for row in rows:
        found.add(said(row))
    return found.finish(texts)
