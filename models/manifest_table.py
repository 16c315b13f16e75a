"""A manifest of any size, as a sequence of rows that lie in a file and are looked up one by one.

In: a manifest's path. It is copied once into a file beside it (`NAME.rows.arrow`, Arrow's own form)
that is mapped into memory: the system reads what is looked up, and lets go of it when memory is
short. Held are three small numbers a row and the names of the products. The copy is made anew when
the manifest's size or time of change is another one. Rows can be read from several threads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.batch import Domain
from models.errors import InputError
from models.manifest_columns import Columns, coded
from models.manifest_file import Tell, manifest_rows, silent, whole
from models.manifest_hash import ManifestHash, is_learnt, said
from models.manifest_parquet import SCHEMA, batches_of
from models.manifest_row import Row, Split

_FORM = "1"


@dataclass(frozen=True)
class _Facts:
    """What the copy says of the manifest that it was made of."""

    source: str
    fingerprint: str
    learnt: str


class RowTable(Sequence[Row]):
    """All rows of a manifest, in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        facts, batches = _opened(path)
        self._facts = facts
        self._batches = batches
        self._starts = np.cumsum([0, *(batch.num_rows for batch in batches)])
        self.columns = Columns.joined(coded(batch) for batch in batches)
        """What rows are of, without the rows."""

    @property
    def source(self) -> str:
        """Size and time of change of the manifest that it was made of."""
        return self._facts.source

    @property
    def fingerprint(self) -> str:
        """The hash of all rows."""
        return self._facts.fingerprint

    @property
    def learnt_fingerprint(self) -> str:
        """The hash of the rows that training and its validation see."""
        return self._facts.learnt

    def where(self, domain: Domain, split: Split | None = None) -> "RowView":
        """Return the rows of a domain, and of a split if one is named, in order."""
        return RowView(self, self.columns.where(domain, split))

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> "RowView": ...
    def __getitem__(self, at: int | slice) -> "Row | RowView":
        if isinstance(at, slice):
            return RowView(self, np.arange(len(self))[at])
        place = range(len(self))[at]
        group = int(np.searchsorted(self._starts, place, side="right")) - 1
        at = place - int(self._starts[group])
        return _row(*(column[at].as_py() for column in self._batches[group].columns))

    def __iter__(self) -> Iterator[Row]:
        for batch in self._batches:
            yield from map(_row, *(column.to_pylist() for column in batch.columns))


class RowView(Sequence[Row]):
    """Some rows of a table, by their places."""

    def __init__(self, table: RowTable, places: npt.NDArray[np.int64]) -> None:
        self._table = table
        self.places = places
        """(N,) places in the table."""

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> "RowView": ...
    def __getitem__(self, at: int | slice) -> "Row | RowView":
        if isinstance(at, slice):
            return RowView(self._table, self.places[at])
        return self._table[int(self.places[at])]


def table_path(manifest: Path) -> Path:
    """Return where a manifest's copy lies."""
    return manifest.with_name(f"{manifest.name}.rows.arrow")


def table_of(manifest: Path, tell: Tell = silent) -> RowTable:
    """Return a manifest's rows, after copying them where that is not yet done.

    Args:
        manifest: its path.
        tell: told of the copying, in bytes of the manifest.

    Raises:
        InputError: the manifest is wrong, or the copy cannot be written.
    """
    path = table_path(manifest)
    try:
        known = manifest.stat()
        source = f"{_FORM} {known.st_size} {known.st_mtime_ns}"
        if path.is_file():
            table = RowTable(path)
            if table.source == source:
                return table
        # Processes of one training may all come here.
        with whole(path) as part:
            _copy(manifest, part, source, tell)
    except (OSError, pa.ArrowException, UnicodeEncodeError) as error:
        message = f"{manifest} is too large to hold, and cannot be copied to {path}: {error}"
        raise InputError(message) from error
    return RowTable(path)


def _copy(manifest: Path, path: Path, source: str, tell: Tell) -> None:
    every, learnt = ManifestHash(), ManifestHash()

    def hashed() -> Iterator[Row]:
        for row in manifest_rows(manifest, tell):
            text = said(row)
            every.add(text)
            if is_learnt(row):
                learnt.add(text)
            yield row

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        for batch in batches_of(hashed()):
            writer.write_batch(batch)
        # The hashes are known only now, and an empty batch is where they still fit.
        facts = {"source": source, "fingerprint": every.finish(), "learnt": learnt.finish()}
        writer.write_batch(pa.RecordBatch.from_pylist([], SCHEMA), custom_metadata=facts)


def _opened(path: Path) -> tuple[_Facts, list[pa.RecordBatch]]:
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        last = reader.get_batch_with_custom_metadata(reader.num_record_batches - 1)
        told = {key.decode(): value.decode() for key, value in last.custom_metadata.items()}
        facts = _Facts(**told)
        batches = [reader.get_batch(at) for at in range(reader.num_record_batches - 1)]
    except (OSError, pa.ArrowException, AttributeError, TypeError) as error:
        message = f"{path} is no copy of a manifest; remove it, and it is made anew: {error}"
        raise InputError(message) from error
    return facts, batches


def _row(product_id: str | None, domain: Domain, frames: list[str], *rest: Any) -> Row:
    """Return the row of cells in the order of the columns, which is that of its fields."""
    return Row(product_id, domain, tuple(frames), *rest)
