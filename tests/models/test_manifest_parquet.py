"""Parquet: one row group at a time, and columns that are of another type are named."""

import gc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import InputError
from models.manifest_file import manifest_rows
from models.manifest_parquet import GROUP_ROWS, batches_of, parquet_rows, write_parquet
from models.manifest_row import Row
from tests.models.manifest_rows import made_rows


def clip(number: int) -> Row:
    return Row(f"p{number}", "live", (), "train")


def test_the_writer_holds_one_row_group(tmp_path: Path) -> None:
    taken = 0

    def counted() -> Iterator[Row]:
        nonlocal taken
        for number in range(2 * GROUP_ROWS + 1):
            taken += 1
            yield clip(number)

    batches = batches_of(counted())
    next(batches)
    assert taken == GROUP_ROWS
    del batches
    gc.collect()
    path = tmp_path / "m.parquet"
    assert write_parquet(path, (clip(number) for number in range(2 * GROUP_ROWS + 1))) == 40_001
    assert parquet_rows(path) == 40_001
    told = pq.ParquetFile(path).metadata
    assert [told.row_group(at).num_rows for at in range(3)] == [GROUP_ROWS, GROUP_ROWS, 1]


def test_the_reader_looks_at_a_row_group_when_it_comes_to_it(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    good = pa.table({"product_id": ["a"] * 3, "domain": ["live"] * 3, "split": ["train"] * 3})
    wrong = pa.table({"product_id": ["b"], "domain": ["shelf"], "split": ["train"]})
    with pq.ParquetWriter(path, good.schema) as writer:
        writer.write_table(good)
        writer.write_table(wrong)
    found = manifest_rows(path)
    assert list(islice(found, 3)) == [Row("a", "live", (), "train")] * 3
    with pytest.raises(InputError, match=r"m\.parquet, row 4: domain is 'shelf'"):
        next(found)


def test_one_large_row_group_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    size = 2 * GROUP_ROWS + 5
    names = [f"p{number}" for number in range(size)]
    table = pa.table({"product_id": names, "domain": ["live"] * size, "split": ["train"] * size})
    pq.write_table(table, path, row_group_size=size)
    told: list[int] = []
    found = manifest_rows(path, lambda done, _total: told.append(done))
    next(found)
    assert told == []
    assert [row.product_id for row in islice(found, size)] == names[1:]
    assert len(told) == 3


def test_a_column_of_another_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    plain: dict[str, list[object]] = {"product_id": ["a"], "domain": ["page"], "split": ["train"]}
    for change, reason in (
        ({"frames": ["a.jpg"]}, "column frames should be a list of texts, but is string"),
        ({"start_ms": ["1"]}, "column start_ms should be milliseconds, but is string"),
        ({"title": [3]}, "column title should be text, but is int64"),
    ):
        pq.write_table(pa.table({**plain, **change}), path)
        with pytest.raises(InputError, match=reason):
            next(manifest_rows(path))
    path.write_bytes(b"PAR1 not at all PAR1")
    with pytest.raises(InputError, match=r"cannot read .*m\.parquet as Parquet"):
        next(manifest_rows(path))
    with pytest.raises(InputError, match=r"cannot read .*m\.parquet as Parquet"):
        parquet_rows(path)


def test_columns_of_others_and_dictionaries_are_read(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    rows = list(made_rows(2))
    table = pa.Table.from_batches(batches_of(rows))
    at = table.schema.get_field_index("domain")
    table = table.set_column(at, "domain", table.column("domain").dictionary_encode())
    pq.write_table(table.append_column("likes", pa.array([1] * len(rows))), path)
    assert list(manifest_rows(path)) == rows
