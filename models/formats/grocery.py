"""Grocery Store as a manifest: photos taken in shops are the live rows, iconic pictures the pages.

In: the data set's `dataset` folder. Out: rows for `models.manifest`. `train.txt` gives the rows of
split train and, every `val_every`th photo of a class, val; `val.txt` gives test. Classes without
photos are pages all the same.

Klasson, Zhang and Kjellström, 2019, "A Hierarchical Grocery Store Image Dataset with Visual and
Semantic Labels".
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import InputError
from models.manifest import Manifest, Row, Split, checked_manifest


@dataclass(frozen=True)
class GroceryOptions:
    """How the photos are split."""

    val_every: int = 10
    """Every so manieth photo of a class in `train.txt` validates; 0: none."""
    unseen: float = 0.0
    """Share of the classes that no training sees; their photos in `val.txt` are test-unseen."""


@dataclass(frozen=True)
class _Class:
    name: str
    coarse: str
    page: str


def grocery_rows(dataset: Path, options: GroceryOptions | None = None) -> list[Row]:
    """Return the rows; frames are relative to the data set's folder.

    Raises:
        InputError: the folder is not laid out like Grocery Store.
    """
    options = options or GroceryOptions()
    try:
        with (dataset / "classes.csv").open(encoding="utf-8", newline="") as stream:
            classes = {row["Class ID (int)"]: _class(row) for row in csv.DictReader(stream)}
        photos = {name: _photos(dataset / name) for name in ("train.txt", "val.txt")}
    except (OSError, KeyError, ValueError) as error:
        message = f"{dataset} is not laid out like Grocery Store: {type(error).__name__} {error}"
        raise InputError(message) from error
    rows = [_page(one, options) for one in classes.values()]
    seen: Counter[str] = Counter()
    for listed, found in photos.items():
        for path, number in found:
            one = classes[number]
            seen[number] += 1
            split = _split(listed, one.name, seen[number], options)
            if split is not None:
                rows.append(Row(product_id(one.name), "live", (path,), split, category=one.coarse))
    return rows


def is_grocery(path: Path) -> bool:
    """Whether a path is a folder of this data set."""
    return (path / "classes.csv").is_file()


def grocery_manifest(
    dataset: Path, texts: Sequence[Path] = (), options: GroceryOptions | None = None
) -> Manifest:
    """Return the data set as a manifest.

    Raises:
        InputError: the folder is not laid out like Grocery Store, or a list of texts is wrong.
    """
    return checked_manifest(dataset, dataset, grocery_rows(dataset, options), texts)


def product_id(name: str) -> str:
    """Return a class's name as a product id."""
    return name.lower()


def title_of(name: str) -> str:
    """Return a class's name as a title."""
    return name.replace("-", " ")


def _page(one: _Class, options: GroceryOptions) -> Row:
    split: Split = "test-unseen" if _unseen(one.name, options) else "train"
    name = product_id(one.name)
    return Row(name, "page", (one.page,), split, title_of(one.name), category=one.coarse)


def _class(row: dict[str, str]) -> _Class:
    page = row["Iconic Image Path (str)"].lstrip("/")
    return _Class(row["Class Name (str)"], row["Coarse Class Name (str)"], page)


def _photos(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()]
    return [(name, number) for name, number, *_ in cells]


def _split(listed: str, name: str, count: int, options: GroceryOptions) -> Split | None:
    unseen = _unseen(name, options)
    if listed == "val.txt":
        return "test-unseen" if unseen else "test"
    if unseen:
        return None
    return "val" if options.val_every and count % options.val_every == 0 else "train"


def _unseen(name: str, options: GroceryOptions) -> bool:
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < options.unseen
