"""What a retraining is told, and what its folder remembers between two starts.

    order.json  collected/  train/  trained.json  answers-old.json  answers-new.json  served.json

In: the order. Out: the same, written once; a folder of another order is refused. What was finished
is not done again.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.errors import InputError

_ORDER = "order.json"
TRAINED, SERVED = "trained.json", "served.json"
_FREE = frozenset(
    [
        "folder",
        "start",
        "catalogue",
        "rooms",
        "live",
        "allow_private",
        "allow_drop",
        "new_frozen",
        "without_sounds",
        "who",
    ]
)
"""What may change between two starts: where things are found, and what is let pass."""


@dataclass(frozen=True)
class RetrainOrder:
    """What to learn from, what to be examined on, and where to keep it."""

    folder: Path
    """Of this retraining."""
    frozen: Path
    """Manifest of the frozen evaluation set."""
    frozen_texts: tuple[Path, ...] = ()
    """Lists of texts of `frozen`."""
    catalogue: Path | None = None
    """Products with their pages; what is served need not be in it."""
    base: Path | None = None
    """Manifest that is learnt from as well; none: only the feedback."""
    texts: tuple[Path, ...] = ()
    """Lists of texts of `base`."""
    corrections: tuple[Path, ...] = ()
    """JSON Lines."""
    tags: tuple[Path, ...] = ()
    """JSON Lines, as `run --tags-out` writes them."""
    rooms: Path | None = None
    """Folder with recordings of rooms."""
    live: bool = False
    """Whether Kafka is read too."""
    allow_private: bool = False
    """Whether pictures are fetched from private networks too."""
    margin: float | None = 0.1
    """See `workers.feedback.FeedbackOptions`."""
    val_share: float = 0.2
    """Of the rooms that were in no split before, from 0 to 1."""
    options: tuple[str, ...] = ()
    """KEY=VALUE of the trainer."""
    name: str = "liveshelf"
    """Of the encoder."""
    start: str = ""
    """Checkpoint to go on from; empty: the one that the settings name."""
    allow_drop: float = 0.0
    """How far any figure may fall, from 0 to 1."""
    new_frozen: bool = False
    """Whether the set may be another than that of the last retraining."""
    without_sounds: bool = False
    """Whether it may serve although heard names no longer count."""
    who: str = ""
    """For the ledger."""


class RetrainFolder:
    """A retraining's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.collected = path / "collected"
        self.train = path / "train"

    def started_with(self, item: Mapping[str, Any]) -> str | None:
        """Return the checkpoint that this retraining goes on from; none: it has not begun.

        Args:
            item: what may not change between two starts.

        Raises:
            InputError: the folder holds a retraining that was told something else.
        """
        path = self.path / _ORDER
        if not path.exists():
            return None
        known = json.loads(path.read_text(encoding="utf-8"))
        same = json.loads(json.dumps(item))
        changed = [key for key, value in same.items() if known.get(key) != value]
        if changed:
            message = (
                f"{self.path} holds a retraining with another {' and '.join(changed)}; go on with "
                "the same, or name another --folder"
            )
            raise InputError(message)
        return str(known["start"])

    def begin(self, item: Mapping[str, Any], start: str) -> None:
        """Remember what was told, unless it is remembered."""
        if not self.has(_ORDER):
            self.write(_ORDER, {"start": start, **item})

    def clear(self) -> None:
        """Remove what was collected by a start that was stopped before it was remembered."""
        if not self.has(_ORDER):
            shutil.rmtree(self.collected, ignore_errors=True)

    def has(self, name: str) -> bool:
        """Whether a file was written."""
        return (self.path / name).is_file()

    def read(self, name: str) -> Any:
        """Return the JSON in a file."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def write(self, name: str, item: Any) -> None:
        """Write JSON whole or not at all."""
        _write(self.path / name, item)


def unchanging(order: RetrainOrder) -> dict[str, Any]:
    """Return what decides the data and the weights, and so may not change between two starts."""
    return {key: _plain(value) for key, value in asdict(order).items() if key not in _FREE}


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.resolve())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def _write(path: Path, item: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(item, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)
