"""Rows that stay in a file are the rows that memory would hold."""

import os
from itertools import islice
from pathlib import Path

import pytest

from models.errors import InputError
from models.manifest import load_manifest
from models.manifest_file import SUFFIXES, write_manifest
from models.manifest_parquet import GROUP_ROWS
from models.manifest_row import SPLITS, Row
from models.manifest_table import RowTable, table_of, table_path
from tests.models.manifest_rows import made_rows


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_large_manifest_says_what_a_small_one_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m{suffix}"
    write_manifest(path, made_rows(6))
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"product_id": "p1", "text": "oats", "kind": "summary", "split": "train"}')
    for more in ([], [texts]):
        held, lying = load_manifest(path, more), load_manifest(path, more, held_bytes=0)
        assert isinstance(held.rows, tuple)
        assert isinstance(lying.rows, RowTable)
        assert tuple(lying.rows) == held.rows
        assert [lying.rows[at] for at in range(-24, 24)] == [held.rows[at] for at in range(-24, 24)]
        assert tuple(lying.pages) == held.pages
        assert tuple(lying.live("train")) == held.live("train")
        assert tuple(lying.of("video", "val")) == held.of("video", "val")
        assert lying.fingerprint == held.fingerprint
        assert lying.learnt_fingerprint == held.learnt_fingerprint
        assert lying.columns.products == held.columns.products


def test_rows_are_looked_up_over_several_batches(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    rows = list(islice(made_rows(GROUP_ROWS), GROUP_ROWS + 3))
    write_manifest(path, rows)
    table = table_of(path)
    for at in (0, GROUP_ROWS - 1, GROUP_ROWS, GROUP_ROWS + 2, -1):
        assert table[at] == rows[at]
    assert list(table[GROUP_ROWS - 1 : GROUP_ROWS + 1]) == rows[GROUP_ROWS - 1 : GROUP_ROWS + 1]
    pages = table.where("page")
    assert list(pages[1:3]) == [rows[4], rows[8]]
    for beyond in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            table[beyond]


def test_the_copy_is_kept_until_the_manifest_changes(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    write_manifest(path, made_rows(2))
    first = table_of(path)
    written = table_path(path).stat().st_mtime_ns
    assert table_of(path).fingerprint == first.fingerprint
    assert table_path(path).stat().st_mtime_ns == written
    write_manifest(path, [Row("new", "page", ("a.jpg",), SPLITS[0])])
    os.utime(path, ns=(1, 1))
    assert [row.product_id for row in table_of(path)] == ["new"]


def test_a_copy_that_cannot_be_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    write_manifest(path, made_rows(1))
    table_path(path).write_bytes(b"ARROW1 or not")
    with pytest.raises(InputError, match="is no copy of a manifest; remove it"):
        table_of(path)
    table_path(path).unlink()
    table_path(path).mkdir()
    with pytest.raises(InputError, match="too large to hold, and cannot be copied to"):
        table_of(path)
    path.write_text('{"domain": "shelf"}')
    with pytest.raises(InputError, match="line 1"):
        table_of(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["m.jsonl", "m.jsonl.rows.arrow"]


def test_an_empty_manifest_has_an_empty_copy(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text("")
    assert list(table_of(path)) == []
    with pytest.raises(InputError, match="no row of domain page"):
        load_manifest(path, held_bytes=-1)
