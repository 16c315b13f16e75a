"""Lists of neighbours: what is written is read, and what is wrong is named."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.neighbours import fingerprint_of, read_neighbours, write_neighbours


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "near.jsonl"
    made = {"b": ("a", "ø, 'é\u2028"), "a": (), "ø, 'é\u2028": ("b",)}
    write_neighbours(path, made)
    assert read_neighbours(path) == made


def test_a_list_is_told_from_another(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    write_neighbours(one, {"a": ("b",), "b": ()})
    write_neighbours(other, {"b": (), "a": ("b",)})
    assert fingerprint_of(one) == fingerprint_of(other)
    write_neighbours(other, {"a": (), "b": ("a",)})
    assert fingerprint_of(one) != fingerprint_of(other)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", "line 2 is no product with neighbours"),
        ("{", "line 2 is no product with neighbours"),
        ('{"product_id": "a"}', "line 2 is no product with neighbours"),
        ('{"product_id": "a", "neighbours": "b"}', "want product ids, not 'a' and 'b'"),
        ('{"product_id": "a", "neighbours": [3]}', "want product ids"),
        ('{"product_id": "a", "neighbours": ["a"]}', "'a' is its own neighbour, or there twice"),
        ('{"product_id": "x", "neighbours": []}', "'x' is its own neighbour, or there twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "near.jsonl"
    path.write_text('{"product_id": "x", "neighbours": ["a"]}\n' + line)
    with pytest.raises(InputError, match=reason):
        read_neighbours(path)


def test_an_absent_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the neighbours in .*none\.jsonl"):
        read_neighbours(tmp_path / "none.jsonl")
