"""What a catalogue file gives, and what is said of the rows that give nothing."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from workers.catalogue import Catalogue, read_catalogue
from workers.events import Product

MUG = {
    "product_id": "mug-1",
    "title": 'Mug, "deep" blue',
    "images": ["mug.png", "https://shop.example/mug.jpg"],
    "attributes": {"colour": "deep blue", "size": "350 ml"},
    "shop": "hearth",
    "price": "4.50 EUR",
}
SOAP = {"product_id": "soap", "title": "Savon d'été"}


def write(folder: Path, rows: list[dict[str, Any] | str], name: str = "c.jsonl") -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(folder: Path, *rows: dict[str, Any] | str, name: str = "c.jsonl") -> Catalogue:
    return read_catalogue(write(folder, list(rows), name))


def skipped(found: Catalogue) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.product_id, one.field, one.reason) for one in found.skipped]


@pytest.mark.parametrize(("name", "delimiter"), [("c.csv", ","), ("c.tsv", "\t")])
def test_json_lines_and_csv_of_the_same_products_are_the_same(
    tmp_path: Path, name: str, delimiter: str
) -> None:
    lines = read(tmp_path, MUG, SOAP)
    with (tmp_path / name).open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, delimiter=delimiter)
        table.writerow(["product_id", "title", "images", "attributes", "shop", "price"])
        images = "mug.png | https://shop.example/mug.jpg"
        attributes = "colour=deep blue; size=350 ml"
        table.writerow(["mug-1", MUG["title"], images, attributes, "hearth", "4.50 EUR"])
        table.writerow([" soap ", "Savon d'été", "", "", "", ""])
    cells = read_catalogue(tmp_path / name)
    assert cells.products == lines.products
    assert cells.lines == (2, 3)
    assert lines.lines == (1, 2)
    mug = lines.products[0]
    assert mug.images == (str(tmp_path / "mug.png"), "https://shop.example/mug.jpg")
    assert mug.attributes == MUG["attributes"]
    assert (mug.shop, mug.price) == ("hearth", "4.50 EUR")
    assert lines.products[1] == Product(product_id="soap", title="Savon d'été")


def test_attributes_in_a_cell_may_be_json(tmp_path: Path) -> None:
    header = "id,title,attributes"
    found = read(tmp_path, header, 'a,A,"{""size"": 3, ""vegan"": true}"', name="c.csv")
    assert found.products[0].attributes == {"size": "3", "vegan": "true"}


def test_short_names_numbers_and_blanks_are_understood(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"id": 17, "title": " Tea ", "image": "tea.webp", "price": 2.5, "shop": " ", "stock": 4},
    )
    tea = found.products[0]
    assert (tea.product_id, tea.title, tea.price, tea.shop) == ("17", "Tea", "2.5", None)
    assert tea.images == (str(tmp_path / "tea.webp"),)
    assert found.ignored_fields == ("stock",)


def test_bad_rows_are_skipped_with_line_and_reason_and_good_ones_kept(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        MUG,
        "",
        {"title": "no id"},
        {"product_id": "untitled", "title": " "},
        "{broken",
        "[1, 2]",
        {**SOAP, "product_id": "mug-1"},
        {"product_id": "x" * 201, "title": "long id"},
        {**SOAP, "images": [3]},
        {**SOAP, "attributes": {"size": [1]}},
        {**SOAP, "attributes": "red"},
        SOAP,
    )
    assert [one.product_id for one in found.products] == ["mug-1", "soap"]
    assert found.lines == (1, 12)
    reasons = skipped(found)
    assert reasons[0] == (3, "", "product_id", "missing")
    assert reasons[1] == (4, "untitled", "title", "missing")
    assert reasons[2][:3] == (5, "", "line")
    assert reasons[2][3].startswith("not JSON: Expecting property name")
    assert reasons[3] == (6, "", "line", "not a JSON object")
    assert reasons[4][:3] == (7, "mug-1", "product_id")
    assert reasons[4][3] == "this id stands in line 1 already; the first one counts"
    assert reasons[5][2:] == ("product_id", "String should have at most 200 characters")
    assert reasons[6][2:] == ("images", "should be a list of paths or URLs")
    assert reasons[7][2:] == ("attributes.size", "should be text or a number")
    assert reasons[8][2:] == ("attributes", "should read name=value; name=value")
    assert found.skipped[4].value == "mug-1"
    assert len(found.skipped[5].value) < 100


def test_bad_csv_rows_are_skipped_with_the_line_that_they_begin_in(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "product_id,title",
        'a,"over\ntwo lines"',
        "b,B,more",
        "",
        'c,"C" and more',
        "d,",
        "e,E",
        'f,"never closed',
        "g,G",
        name="c.csv",
    )
    assert [one.product_id for one in found.products] == ["a", "e"]
    assert found.lines == (2, 8)
    told = skipped(found)
    assert told[0] == (4, "", "line", "more cells than the header names")
    assert found.skipped[0].value == '["more"]'
    assert (told[1][0], told[1][3][:7]) == (6, "not CSV")
    assert told[2] == (7, "d", "title", "missing")
    assert (told[3][0], told[3][3]) == (9, "not CSV: unexpected end of data")


def test_columns_without_a_name_do_no_harm(tmp_path: Path) -> None:
    found = read(tmp_path, "product_id,title,", "a,A,", "b,B", "c,C,note,", name="c.csv")
    assert [one.title for one in found.products] == ["A", "B", "C"]
    assert found.skipped == ()


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbfid,title\r\na,A\r\n")
    assert read_catalogue(path).products == (Product(product_id="a", title="A"),)
    path = tmp_path / "excel.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "title": "A"}\r\n')
    assert read_catalogue(path).products == (Product(product_id="a", title="A"),)


@pytest.mark.parametrize("name", ["c.jsonl", "c.ndjson", "c.csv", "c.tsv"])
def test_an_empty_catalogue_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"no product$|its first line names nothing") as caught:
        read_catalogue(path)
    assert str(path) in str(caught.value)


def test_a_catalogue_of_bad_rows_only_says_how_many_and_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no product; the first of 2 skipped rows: missing"):
        read(tmp_path, {"id": "a"}, {"id": "b"})


def test_a_header_without_titles_is_refused_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a header with product_id and title.* sku, name"):
        read(tmp_path, "sku,name", "a,A", name="c.csv")


def test_files_that_are_no_catalogue_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"one of \.jsonl, \.ndjson, \.csv, \.tsv, not in '\.xls"):
        read_catalogue(tmp_path / "c.xlsx")
    with pytest.raises(InputError, match=r"cannot be read: No such file"):
        read_catalogue(tmp_path / "absent.jsonl")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"cannot be read: Is a directory"):
        read_catalogue(tmp_path / "folder.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("id,title\na,Été\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.csv is not UTF-8 text: .*0xc9"):
        read_catalogue(latin)


def test_endless_lines_and_deep_brackets_cost_only_themselves(tmp_path: Path) -> None:
    endless = json.dumps({"product_id": "long", "title": "x" * 1_000_000})
    found = read(tmp_path, endless, "[" * 100_000, SOAP)
    assert [one.product_id for one in found.products] == ["soap"]
    assert "the limit is 1,000,000" in found.skipped[0].reason
    assert found.skipped[1].reason.startswith("not JSON: ")


def test_what_is_shown_of_a_row_cannot_move_a_terminal(tmp_path: Path) -> None:
    row = json.dumps({"product_id": "a\x1b[2J\ud800", "title": ["\x07"]})
    found = read(tmp_path, row, SOAP)
    assert found.skipped[0].product_id == "a\\x1b[2J\\ud800"
    assert found.skipped[0].product_id.isprintable()
    assert found.skipped[0].value.isprintable()


@given(st.lists(st.text(max_size=12), max_size=6))
def test_no_lines_of_text_break_the_reader(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    good = {"c.jsonl": json.dumps(SOAP), "c.csv": "soap,Savon"}
    for name, row in good.items():
        path = folder / name
        head = "product_id,title\n" if name == "c.csv" else ""
        text = head + row + "\n" + "\n".join(lines)
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        found = read_catalogue(path)
        assert found.products[0].product_id == "soap"
        assert all(one.reason and one.line > 1 for one in found.skipped)
