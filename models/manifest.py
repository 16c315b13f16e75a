"""The encoder's data as a list: one page, short video or live clip per row.

As JSON Lines (`.jsonl`, `.jsonl.gz`) or, with the same columns, as Parquet (`.parquet`):

    {"product_id": "oat-milk", "domain": "live", "frames": ["a.jpg"], "title": "Oat milk",
     "transcript": "so this oat milk", "summary": null, "split": "train", "category": "cartons",
     "shop": null, "stream_id": "room-7", "media": "room-7.mp4", "start_ms": 0, "end_ms": 5000}

`frames` and `media` are relative to the list's folder; `product_id` null: a clip that shows no
product. All keys but product_id, domain and split may be left out; `text` is an old name of
`transcript`.

Further lists may add texts for clips: {"product_id", "text", "kind", "split"}, kind `summary`,
`transcript` or, with product_id null, `chatter`; or the summarizer's pairs: {"transcript",
"answer", "product_id", "title", "split"}. A text with a title of its own may be of a product that
has no page: the two are trained on as words against words.

A manifest of any size can be loaded: large ones stay in a file (`models.manifest_table`), and
`rows`, `pages`, `live` and `of` are then sequences that look rows up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from models.batch import Domain
from models.errors import InputError
from models.manifest_columns import Columns
from models.manifest_file import Tell, is_parquet, manifest_rows, manifest_texts, silent
from models.manifest_hash import LEARNT, hash_of, is_learnt
from models.manifest_row import SPLITS, Heard, Row, Split, TextKind

if TYPE_CHECKING:
    from models.manifest_table import RowTable

__all__ = [
    "SPLITS",
    "Heard",
    "Manifest",
    "Row",
    "Split",
    "TextKind",
    "checked_manifest",
    "load_manifest",
]

HELD_BYTES = 64 * 2**20
"""Size of a JSON Lines manifest up to which its rows are held in memory; about 300,000 rows."""
_ZIPPED = 8
"""How many times smaller a list is when gzipped, roughly."""
_ROW_BYTES = 200
"""Of a row of Parquet as JSON Lines, roughly."""


@dataclass(frozen=True)
class Manifest:
    """Rows and texts of one data set."""

    folder: Path
    rows: "tuple[Row, ...] | RowTable"
    texts: tuple[Heard, ...] = ()
    fingerprint: str = ""
    """SHA-256 over rows and texts, not over the pictures that they name."""
    pages: Sequence[Row] = field(init=False)
    """Rows of domain `page`, in order: the gallery, whatever their split."""

    def __post_init__(self) -> None:
        if isinstance(self.rows, tuple):
            pages: Sequence[Row] = tuple(row for row in self.rows if row.domain == "page")
        else:
            pages = self.rows.where("page")
        object.__setattr__(self, "pages", pages)

    @property
    def learnt_fingerprint(self) -> str:
        """SHA-256 over what training and its validation see: all pages, and splits train and val.

        More to examine on may be added to a run that has begun.
        """
        texts = [one for one in self.texts if one.split in LEARNT]
        if not isinstance(self.rows, tuple) and not texts:
            return self.rows.learnt_fingerprint
        return hash_of((row for row in self.rows if is_learnt(row)), texts)

    @cached_property
    def columns(self) -> Columns:
        """Domain, split and product of every row, as numbers: for choosing among many."""
        return Columns.of(self.rows) if isinstance(self.rows, tuple) else self.rows.columns

    def live(self, split: Split) -> Sequence[Row]:
        """Return the live rows of a split, those of no product included."""
        return self.of("live", split)

    def of(self, domain: Domain, split: Split) -> Sequence[Row]:
        """Return the rows of a domain and a split, those of no product included."""
        if not isinstance(self.rows, tuple):
            return self.rows.where(domain, split)
        return tuple(row for row in self.rows if row.domain == domain and row.split == split)

    def paths(self, row: Row) -> list[Path]:
        """Return where the row's pictures lie."""
        return [self.folder / name for name in row.frames]


def load_manifest(
    path: Path, texts: Sequence[Path] = (), held_bytes: int = HELD_BYTES, tell: Tell = silent
) -> Manifest:
    """Return a checked manifest.

    Args:
        path: `.jsonl`, `.jsonl.gz` or `.parquet`.
        texts: lists of texts or of pairs.
        held_bytes: from which size on, as JSON Lines, rows stay in a file beside the manifest.
        tell: told of the reading, in bytes.

    Raises:
        InputError: a file cannot be read, or a row is not of the form above.
    """
    if _size(path) <= held_bytes:
        return checked_manifest(path, path.parent, tuple(manifest_rows(path, tell)), texts)
    # Who holds rows in memory needs no Arrow.
    from models.manifest_table import table_of

    table, heard = table_of(path, tell), _heard(texts)
    _check(path, table.columns, heard)
    fingerprint = hash_of(table, heard) if heard else table.fingerprint
    return Manifest(path.parent, table, heard, fingerprint)


def checked_manifest(
    origin: Path, folder: Path, rows: Sequence[Row], texts: Sequence[Path] = ()
) -> Manifest:
    """Return rows with texts to them, all held in memory.

    Args:
        origin: for messages.
        folder: that the rows' frames are relative to.
        rows: pages and clips.
        texts: lists of texts or of pairs.

    Raises:
        InputError: a list cannot be read, or rows and texts do not fit together.
    """
    heard = _heard(texts)
    _check(origin, Columns.of(rows), heard)
    return Manifest(folder, tuple(rows), heard, hash_of(rows, heard))


def _size(path: Path) -> int:
    """Return about how many bytes a file has as JSON Lines."""
    try:
        size = path.stat().st_size
    except OSError as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error
    if is_parquet(path):
        from models.manifest_parquet import parquet_rows

        return parquet_rows(path) * _ROW_BYTES
    return size * _ZIPPED if path.suffix == ".gz" else size


def _heard(texts: Sequence[Path]) -> tuple[Heard, ...]:
    return tuple(one for path in texts for one in manifest_texts(path))


def _check(origin: Path, columns: Columns, heard: Sequence[Heard]) -> None:
    homeless = columns.homeless()
    if homeless is not None:
        message = f"{origin} has live rows of {homeless!r}, but no page of it"
        raise InputError(message)
    if not columns.products:
        message = f"{origin} has no row of domain page, so nothing can be found"
        raise InputError(message)
    named = set(columns.products) if heard else set()
    for one in heard:
        if one.product_id is not None and one.product_id not in named and one.title is None:
            message = f"a text of {one.product_id!r} has neither a page in {origin} nor a title"
            raise InputError(message)
