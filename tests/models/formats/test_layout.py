"""Data of a layout becomes a file of a manifest that leads to the same pictures."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.layout import LAYOUTS, convert, manifest_at
from models.manifest_file import SUFFIXES, manifest_rows, write_manifest
from tests.models.formats import test_grocery
from tests.models.manifest_rows import made_rows


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_converted_folder_says_what_the_folder_says(tmp_path: Path, suffix: str) -> None:
    source, out = tmp_path / "dataset", tmp_path / "new" / f"m{suffix}"
    source.mkdir()
    test_grocery.write(source)
    told: list[int] = []
    count, left_out = convert("grocery", source, out, ["unseen_products=2"], told.append)
    assert not left_out
    found = manifest_at(out)
    assert count == told[-1] == len(found.rows)
    pages = manifest_at(source).pages
    assert [row.product_id for row in found.pages] == [row.product_id for row in pages]
    assert found.pages[0].frames == ("../dataset/iconic/Class-0.jpg",)
    assert len({row.product_id for row in found.live("test-unseen")}) == 2


def test_a_manifest_changes_its_form(tmp_path: Path) -> None:
    write_manifest(tmp_path / "m.jsonl", made_rows(2))
    convert("manifest", tmp_path / "m.jsonl", tmp_path / "m.parquet")
    assert list(manifest_rows(tmp_path / "m.parquet")) == list(made_rows(2))
    with pytest.raises(InputError, match="cannot be written over what it is made of"):
        convert("manifest", tmp_path / "m.jsonl", tmp_path / "m.jsonl")


def test_what_is_unknown_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="layout is 'csv'; want one of rope, lpr4m, grocery"):
        convert("csv", tmp_path, tmp_path / "m.jsonl")
    with pytest.raises(InputError, match="option a: 'a' is none of nothing"):
        convert("manifest", tmp_path, tmp_path / "m.jsonl", ["a=b"])
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        convert("manifest", tmp_path, tmp_path / "file" / "m.jsonl")


def test_a_converter_that_fails_leaves_no_manifest(tmp_path: Path) -> None:
    for name in LAYOUTS:
        with pytest.raises(InputError):
            convert(name, tmp_path / "absent", tmp_path / "out" / "m.parquet")
    assert list((tmp_path / "out").iterdir()) == []
