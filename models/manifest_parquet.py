"""A manifest in Parquet: the columns of a `Row`, in row groups of a size that memory always holds.

In and out: a path, rows, or objects as JSON would have them; `models.manifest_file` checks them.
Columns that a `Row` does not know are not read; all but domain and split may be absent.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import InputError
from models.manifest_row import Row

GROUP_ROWS = 20_000
"""Rows of a group that is written, and rows that are held at most when one is read."""
_TYPES = {"frames": pa.list_(pa.string()), "start_ms": pa.int64(), "end_ms": pa.int64()}
SCHEMA = pa.schema([(item.name, _TYPES.get(item.name, pa.string())) for item in fields(Row)])


def batches_of(rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
    """Yield rows as columns, `GROUP_ROWS` at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, GROUP_ROWS)):
        yield pa.RecordBatch.from_arrays(
            [pa.array([getattr(row, item.name) for row in some], item.type) for item in SCHEMA],
            schema=SCHEMA,
        )


def write_parquet(path: Path, rows: Iterable[Row]) -> int:
    """Write rows and return their number; one group is held at a time."""
    count = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for batch in batches_of(rows):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def parquet_rows(path: Path) -> int:
    """Return how many rows a file says that it has.

    Raises:
        InputError: it is no Parquet.
    """
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        message = f"cannot read {path} as Parquet: {error}"
        raise InputError(message) from error


def parquet_items(
    path: Path, tell: Callable[[int, int], None]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each row as an object, and where it stands, for messages.

    Args:
        path: of the file.
        tell: told the share that was read, in bytes of the file.

    Raises:
        InputError: it is no Parquet, or a column is of a type that no manifest has.
    """
    try:
        with pq.ParquetFile(path, memory_map=True, pre_buffer=False) as file:
            names = _checked(path, file.schema_arrow)
            total, rows, number = path.stat().st_size, max(1, file.metadata.num_rows), 0
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(GROUP_ROWS, [group], names):
                    cells = [column.to_pylist() for column in batch.columns]
                    found = batch.schema.names
                    for values in zip(*cells, strict=True):
                        number += 1
                        yield dict(zip(found, values, strict=True)), f"{path}, row {number}"
                    tell(total * number // rows, total)
    except (OSError, pa.ArrowException) as error:
        message = f"cannot read {path} as Parquet: {error}"
        raise InputError(message) from error


def _checked(path: Path, schema: pa.Schema) -> list[str]:
    """Return the columns that a manifest has; refuse one of another type."""
    names = [name for name in (*SCHEMA.names, "text") if name in schema.names]
    for name in names:
        found = schema.field(name).type
        plain = found.value_type if pa.types.is_dictionary(found) else found
        wanted = "a list of texts" if name == "frames" else "milliseconds"
        right = _is_list(plain) if name == "frames" else pa.types.is_integer(plain)
        if name not in _TYPES:
            wanted, right = "text", pa.types.is_string(plain) or pa.types.is_large_string(plain)
        if not (right or pa.types.is_null(plain)):
            message = f"{path}: column {name} should be {wanted}, but is {found}"
            raise InputError(message)
    return names


def _is_list(found: pa.DataType) -> bool:
    return bool(pa.types.is_list(found) or pa.types.is_large_list(found))
