"""Manifests as files: what is written is read, row by row."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.manifest_file import SUFFIXES, manifest_rows, write_manifest
from models.manifest_row import Row
from tests.models.manifest_rows import made_rows

_TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(
    lambda text: text.strip() or None
)
_ROWS = st.builds(
    Row,
    product_id=_TEXT,
    domain=st.sampled_from(["live", "video"]),
    frames=st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
    split=st.sampled_from(["train", "val", "test", "test-unseen"]),
    title=_TEXT,
    transcript=_TEXT,
    summary=_TEXT,
    media=_TEXT,
    start_ms=st.none() | st.integers(0, 2**53 - 1),
)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=20)
@given(rows=st.lists(_ROWS, max_size=5))
def test_rows_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, rows: list[Row]
) -> None:
    path = tmp_path_factory.mktemp("rows") / f"m{suffix}"
    assert write_manifest(path, rows) == len(rows)
    assert list(manifest_rows(path)) == rows


def test_rows_before_a_wrong_one_are_read(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    lines = [json.dumps({"product_id": "a", "domain": "live", "split": "train"})] * 2
    path.write_text("\n".join([*lines, '{"domain": "shelf"}']))
    found = manifest_rows(path)
    assert len(list(islice(found, 2))) == 2
    with pytest.raises(InputError, match=r"m\.jsonl, line 3: domain is 'shelf', which is none of"):
        next(found)


def test_the_writer_takes_one_row_at_a_time(tmp_path: Path) -> None:
    alive: list[int] = []

    def counted() -> Iterator[Row]:
        seen = []
        for row in made_rows(50):
            seen.append(ref(row))
            alive.append(sum(one() is not None for one in seen))
            yield row

    assert write_manifest(tmp_path / "m.jsonl", counted()) == 200
    assert max(alive) <= 3


def test_a_manifest_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "m.jsonl"

    def broken() -> Iterator[Row]:
        yield from made_rows(1)
        message = "no more"
        raise InputError(message)

    with pytest.raises(InputError, match="no more"):
        write_manifest(path, broken())
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_half_a_character_cannot_be_written(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InputError, match=r"cannot write .*surrogates not allowed"):
        write_manifest(tmp_path / f"m{suffix}", [Row("a", "live", (), "train", "\ud83d")])
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in one of \.jsonl, \.jsonl\.gz, \.parquet"):
        write_manifest(tmp_path / "m.csv", [])
    for name in ("absent.jsonl", "absent.parquet"):
        with pytest.raises(InputError, match=f"cannot read .*{name}"):
            next(manifest_rows(tmp_path / name))
    (tmp_path / "m.jsonl.gz").write_text("{}")
    with pytest.raises(InputError, match="cannot read .*Not a gzipped file"):
        next(manifest_rows(tmp_path / "m.jsonl.gz"))
    (tmp_path / "m.jsonl").write_bytes(b'{"domain": "\xff"}')
    with pytest.raises(InputError, match="line 1, cannot be read as UTF-8"):
        next(manifest_rows(tmp_path / "m.jsonl"))
    (tmp_path / "blocked").write_text("a file")
    with pytest.raises(InputError, match="cannot write"):
        write_manifest(tmp_path / "blocked" / "m.jsonl", [])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_reading_ends_by_telling_all_of_the_bytes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m{suffix}"
    write_manifest(path, made_rows(2))
    told: list[tuple[int, int]] = []
    assert len(list(manifest_rows(path, lambda done, total: told.append((done, total))))) == 8
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
