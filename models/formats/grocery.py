"""Grocery Store as a manifest: photos taken in shops are the live rows, iconic pictures the pages.

In: the data set's `dataset` folder. Out: rows for `models.manifest`. `train.txt` gives the rows of
split train and, every `val_every`th photo of a class (or its last ones), val; `val.txt` gives test.
Classes without photos are pages all the same.

Klasson, Zhang and Kjellström, 2019, "A Hierarchical Grocery Store Image Dataset with Visual and
Semantic Labels".
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import InputError
from models.formats.conversion import share_of
from models.manifest import Manifest, Row, Split, checked_manifest


@dataclass(frozen=True)
class GroceryOptions:
    """How the photos are split."""

    val_every: int = 10
    """Every so manieth photo of a class in `train.txt` validates; 0: none."""
    val_block: float = 0.0
    """Share of a class's photos in `train.txt` that validates instead: its last ones, in one block.
    Photos that follow each other are nearly the same, so every tenth is too easy; 0: `val_every`.
    """
    unseen: float = 0.0
    """Share of the classes that no training sees; their photos in `val.txt` are test-unseen."""
    unseen_products: int = 0
    """Number of classes with photos in `val.txt` that no training sees, instead of a share; 0:
    `unseen` says."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.val_block < 1.0:
            message = f"val_block is {self.val_block}; want a share from 0 to below 1"
            raise InputError(message)
        if self.val_every < 0 or self.unseen_products < 0:
            message = (
                f"val_every {self.val_every} and unseen_products {self.unseen_products} "
                "should be 0 or more"
            )
            raise InputError(message)


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
    examined = {number for _, number in photos["val.txt"]}
    unseen = _unseen(classes, examined, options)
    rows = [_page(one, unseen) for one in classes.values()]
    of = Counter(number for _, number in photos["train.txt"])
    seen: Counter[str] = Counter()
    for listed, found in photos.items():
        for path, number in found:
            one = classes[number]
            seen[number] += 1
            if one.name in unseen:
                split: Split | None = "test-unseen" if listed == "val.txt" else None
            elif listed == "val.txt":
                split = "test"
            else:
                split = "val" if _validates(seen[number], of[number], options) else "train"
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


def _page(one: _Class, unseen: frozenset[str]) -> Row:
    split: Split = "test-unseen" if one.name in unseen else "train"
    name = product_id(one.name)
    return Row(name, "page", (one.page,), split, title_of(one.name), category=one.coarse)


def _class(row: dict[str, str]) -> _Class:
    page = row["Iconic Image Path (str)"].lstrip("/")
    return _Class(row["Class Name (str)"], row["Coarse Class Name (str)"], page)


def _photos(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()]
    return [(name, number) for name, number, *_ in cells]


def _validates(count: int, photos: int, options: GroceryOptions) -> bool:
    """Whether the so manieth of a class's training photos, counted from 1, validates."""
    if options.val_block:
        return count > photos - round(photos * options.val_block)
    return bool(options.val_every) and count % options.val_every == 0


def _unseen(
    classes: dict[str, _Class], examined: set[str], options: GroceryOptions
) -> frozenset[str]:
    """Return the names of the classes that no training sees."""
    if not options.unseen_products:
        names = (one.name for one in classes.values())
        return frozenset(name for name in names if share_of(name) < options.unseen)
    known = [one.name for number, one in classes.items() if number in examined]
    if options.unseen_products >= len(known):
        message = (
            f"unseen_products is {options.unseen_products}; there are {len(known)} classes with "
            "photos in val.txt"
        )
        raise InputError(message)
    return frozenset(sorted(known, key=share_of)[: options.unseen_products])
