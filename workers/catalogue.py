"""A catalogue file to products, and a reason for every row that is none.

In: JSON Lines (`.jsonl`, `.ndjson`) or CSV with a header (`.csv`, `.tsv`). Fields: `product_id` (or
`id`), `title`, `images` (or `image`; in CSV separated by `|`), `attributes` (an object; in CSV JSON
or `name=value; name=value`), `shop`, `price`. Paths of images are relative to the file. Pictures
are not opened here.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.errors import InputError
from workers.events import Product
from workers.images import is_url

JSON_SUFFIXES = (".jsonl", ".ndjson")
CSV_SUFFIXES = {".csv": ",", ".tsv": "\t"}
MAX_LINE_CHARACTERS = 1_000_000
_SHOWN = 80
_LONGEST_ID = 200
_KNOWN = frozenset(("product_id", "id", "title", "images", "image", "attributes", "shop", "price"))


@dataclass(frozen=True)
class Skipped:
    """Something of a catalogue that could not be used."""

    line: int
    """Counted from 1; 0 when it is not known."""
    product_id: str
    """Empty when the row has none."""
    field: str
    value: str
    """What stands there, shortened."""
    reason: str


@dataclass(frozen=True)
class Catalogue:
    """What a file holds."""

    path: Path
    products: tuple[Product, ...]
    lines: tuple[int, ...]
    """Where each product stands."""
    skipped: tuple[Skipped, ...]
    ignored_fields: tuple[str, ...] = ()
    """Names that rows have and products do not."""


class _RowError(Exception):
    """A field of a row cannot be used."""

    def __init__(self, value: object, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


def read_catalogue(path: Path) -> Catalogue:
    """Return the products of a file, and what was skipped.

    Raises:
        InputError: the file cannot be read, is of another kind, or holds no product.
    """
    products: dict[str, tuple[Product, int]] = {}
    skipped: list[Skipped] = []
    ignored: set[str] = set()
    folder = path.resolve().parent
    for line, row in _rows(path):
        try:
            product = _product(row, folder)
            _refuse_second(product, products)
        except _RowError as error:
            found = shown(error.value)
            skipped.append(Skipped(line, _id_of(row), error.field, found, error.reason))
        else:
            products[product.product_id] = (product, line)
            ignored |= set(row) - _KNOWN if isinstance(row, dict) else set()
    if not products:
        why = f"; the first of {len(skipped)} skipped rows: {skipped[0].reason}" if skipped else ""
        message = f"the catalogue {path} holds no product{why}"
        raise InputError(message)
    return Catalogue(
        path=path,
        products=tuple(product for product, _ in products.values()),
        lines=tuple(line for _, line in products.values()),
        skipped=tuple(skipped),
        ignored_fields=tuple(sorted(ignored)),
    )


def _refuse_second(product: Product, products: dict[str, tuple[Product, int]]) -> None:
    if product.product_id in products:
        first = products[product.product_id][1]
        reason = f"this id stands in line {first} already; the first one counts"
        raise _RowError(product.product_id, "product_id", reason)


def _id_of(row: "dict[str, Any] | _RowError") -> str:
    found = _text(row.get("product_id", row.get("id"))) if isinstance(row, dict) else None
    return shown(found, _LONGEST_ID) if found is not None else ""


def shown(value: object, most: int = _SHOWN) -> str:
    """Return a value short enough for a report, and safe for a terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= most else text[:most] + "…"
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _rows(path: Path) -> Iterator[tuple[int, "dict[str, Any] | _RowError"]]:
    suffix = path.suffix.lower()
    if suffix not in (*JSON_SUFFIXES, *CSV_SUFFIXES):
        known = ", ".join((*JSON_SUFFIXES, *CSV_SUFFIXES))
        message = f"the catalogue {path} should end in one of {known}, not in {suffix!r}"
        raise InputError(message)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            if suffix in JSON_SUFFIXES:
                yield from _json_rows(stream)
            else:
                yield from _csv_rows(stream, CSV_SUFFIXES[suffix], path)
    except UnicodeDecodeError as error:
        message = f"the catalogue {path} is not UTF-8 text: {error}"
        raise InputError(message) from error
    except OSError as error:
        message = f"the catalogue {path} cannot be read: {error.strerror or error}"
        raise InputError(message) from error


def _json_rows(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, Any] | _RowError]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(line) > MAX_LINE_CHARACTERS:
            reason = f"the line has {len(line):,} characters; the limit is {MAX_LINE_CHARACTERS:,}"
            yield number, _RowError(line[:_SHOWN], "line", reason)
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, _RowError(line.strip(), "line", f"not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            yield number, _RowError(row, "line", "not a JSON object")


def _csv_rows(
    stream: Iterator[str], delimiter: str, path: Path
) -> Iterator[tuple[int, dict[str, Any] | _RowError]]:
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    names: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            if names is None:
                _check_header([], path)
            return
        except csv.Error as error:
            yield line, _RowError("", "line", f"not CSV: {error}")
            continue
        if not any(cells):
            continue
        if names is None:
            names = cells
            _check_header(names, path)
        elif any(cells[len(names) :]):
            more = cells[len(names) :]
            yield line, _RowError(more, "line", "more cells than the header names")
        else:
            pairs = zip(names, cells, strict=False)
            yield line, {name: cell for name, cell in pairs if name and cell}


def _check_header(names: list[str], path: Path) -> None:
    if not {"product_id", "id"} & set(names) or "title" not in names:
        found = ", ".join(shown(name) for name in names if name) or "nothing"
        message = (
            f"the catalogue {path} needs a header with product_id and title, but its first line "
            f"names {found}"
        )
        raise InputError(message)


def _product(row: "dict[str, Any] | _RowError", folder: Path) -> Product:
    if isinstance(row, _RowError):
        raise row
    values = {
        "product_id": _text(row.get("product_id", row.get("id"))),
        "title": _text(row.get("title")),
        "images": _images(row.get("images", row.get("image")), folder),
        "attributes": _attributes(row.get("attributes")),
        "shop": _text(row.get("shop")),
        "price": _text(row.get("price")),
    }
    try:
        return Product.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        absent = values.get(name) is None
        reason = "missing" if absent else str(first["msg"])
        raise _RowError(first["input"], name, reason) from error


def _text(value: object) -> object:
    """Return text without blanks around it, a number as text, and nothing for a blank."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else value


def _images(value: object, folder: Path) -> tuple[str, ...]:
    if value is None:
        return ()
    names = value.split("|") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _RowError(value, "images", "should be a list of paths or URLs")
    found = [name.strip() for name in names if name.strip()]
    return tuple(name if is_url(name) else str(folder / name) for name in found)


def _attributes(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, str):
        value = _attribute_cell(value)
    if not isinstance(value, dict):
        raise _RowError(value, "attributes", "should be an object of names and values")
    found: dict[str, str] = {}
    for name, one in value.items():
        if isinstance(one, bool | int | float | str):
            found[str(name)] = one if isinstance(one, str) else json.dumps(one)
        elif one is not None:
            raise _RowError(one, f"attributes.{name}", "should be text or a number")
    return found


def _attribute_cell(cell: str) -> object:
    if cell.startswith("{"):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError) as error:
            raise _RowError(cell, "attributes", f"not JSON: {error}") from error
    pairs = [part.partition("=") for part in cell.split(";") if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise _RowError(cell, "attributes", "should read name=value; name=value")
    return {name.strip(): value.strip() for name, _, value in pairs}
