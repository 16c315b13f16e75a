"""Files that long work appends to."""

from pathlib import Path

import pytest

from models.errors import InputError
from workers.rooms.grown_lines import append, read_grown

A, B = {"a": "ä\u2028"}, {"b": 2}


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.jsonl"
    append(path, [A])
    append(path, [B, A])
    assert read_grown(path) == [A, B, A]


@pytest.mark.parametrize("torn", ["{", '{"a": "', "\n", "  "])
def test_a_torn_last_line_is_left_out_and_written_over(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "rows.jsonl"
    append(path, [A])
    with path.open("a") as out:
        out.write(torn)
    assert read_grown(path) == [A]
    append(path, [B])
    assert read_grown(path) == [A, B]


def test_a_last_line_without_its_end_counts_if_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n{"b": 2}')
    assert read_grown(path) == [{"a": 1}, B]
    append(path, [B])
    assert read_grown(path) == [{"a": 1}, B, B]


def test_an_empty_file_can_be_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.touch()
    append(path, [A])
    assert read_grown(path) == [A]


@pytest.mark.parametrize("line", ["{\n", "[]\n", "3\n"])
def test_a_broken_line_in_the_middle_is_refused_with_the_files_name(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "{}\n")
    with pytest.raises(InputError, match=r"rows\.jsonl"):
        read_grown(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl"):
        read_grown(tmp_path / "none.jsonl")
