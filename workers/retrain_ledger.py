"""Who moved the alias when, from which encoder to which, and by which figures: a file to append to.

In: entries. Out: the same, in order. One JSON object per line; an entry is on disk before `append`
returns. The clock and the user's name come from the caller.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from models.errors import InputError, MismatchError

What = Literal["moved", "refused", "rolled back"]


@dataclass(frozen=True)
class Side:
    """An encoder and its collection."""

    checkpoint: str
    """Preset or folder: what `models.encoder` must say for its vectors."""
    fingerprint: str
    collection: str
    """Empty where nothing was embedded."""
    build_id: str = ""


@dataclass(frozen=True)
class Entry:
    """Something that was done, or was not."""

    when: str
    """ISO 8601, with offset."""
    who: str
    what: What
    old: Side
    """What served before."""
    new: Side
    """What serves since; of a refusal, what would have."""
    run: str = ""
    """Folder of the retraining."""
    frozen: str = ""
    """Fingerprint of the set that both encoders were examined on."""
    figures: Mapping[str, Any] = field(default_factory=dict)


_ENTRY = TypeAdapter(Entry)


class Ledger:
    """One file of entries."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: Entry) -> None:
        """Write an entry behind the others."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first.

        Raises:
            InputError: a line is no entry.
        """
        if not self.path.exists():
            return []
        found = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(_ENTRY.validate_json(line))
            except ValidationError as error:
                message = f"{self.path}, line {number} is no entry: {line[:80]!r}"
                raise InputError(message) from error
        return found

    def before(self, fingerprint: str) -> Entry:
        """Return the move that made an encoder serve.

        Raises:
            MismatchError: no move did, so that there is nothing to go back to.
        """
        for entry in reversed(self.entries()):
            if entry.what == "moved" and entry.new.fingerprint == fingerprint:
                return entry
        message = (
            f"the alias points to encoder {fingerprint[:16]}, and no retraining in {self.path} "
            "moved it there, so there is nothing to roll back to"
        )
        raise MismatchError(message)
