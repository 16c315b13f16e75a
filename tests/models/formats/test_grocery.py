"""Grocery Store, on a folder of its layout: how photos are split."""

from collections import Counter
from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.grocery import GroceryOptions, grocery_manifest, grocery_rows
from models.manifest_row import Row

HEADER = (
    "Class Name (str),Class ID (int),Coarse Class Name (str),Coarse Class ID (int),"
    "Iconic Image Path (str),Product Description Path (str)\n"
)
CLASSES = 12


def write(folder: Path, photos: int = 20) -> Path:
    """Write twelve classes; the last one has no photo in `val.txt`."""
    names = [f"Class-{number}" for number in range(CLASSES)]
    lines = [f"{name},{at},Fruit,0,/iconic/{name}.jpg,/x.txt\n" for at, name in enumerate(names)]
    (folder / "classes.csv").write_text(HEADER + "".join(lines))
    for listed, count in (("train", photos), ("val", 3)):
        found = [
            f"{listed}/{name}_{photo:03d}.jpg, {at}, 0\n"
            for at, name in enumerate(names[: CLASSES - (listed == "val")])
            for photo in range(1, count + 1)
        ]
        (folder / f"{listed}.txt").write_text("".join(found))
    return folder


def live(rows: list[Row], split: str) -> list[Row]:
    return [row for row in rows if row.domain == "live" and row.split == split]


def test_every_tenth_photo_validates_by_default(tmp_path: Path) -> None:
    rows = grocery_rows(write(tmp_path))
    assert {row.frames[0][-7:] for row in live(rows, "val")} == {"010.jpg", "020.jpg"}
    assert len(live(rows, "val")) == 2 * CLASSES
    assert len(live(rows, "train")) == 18 * CLASSES
    assert len(live(rows, "test")) == 3 * (CLASSES - 1)
    page = grocery_manifest(tmp_path).pages[0]
    assert page == Row(
        "class-0", "page", ("iconic/Class-0.jpg",), "train", "Class 0", category="Fruit"
    )


def test_a_block_is_the_last_photos_of_each_class(tmp_path: Path) -> None:
    rows = grocery_rows(write(tmp_path), GroceryOptions(val_block=0.15))
    validating = {row.frames[0][-7:] for row in live(rows, "val")}
    assert validating == {"018.jpg", "019.jpg", "020.jpg"}
    training = {row.frames[0][-7:] for row in live(rows, "train")}
    assert max(training) < min(validating)
    assert set(Counter(row.product_id for row in live(rows, "val")).values()) == {3}


def test_unseen_products_are_exactly_so_many(tmp_path: Path) -> None:
    rows = grocery_rows(write(tmp_path), GroceryOptions(unseen_products=5))
    unseen = {row.product_id for row in rows if row.domain == "page" and row.split == "test-unseen"}
    assert len(unseen) == 5
    assert {row.product_id for row in live(rows, "test-unseen")} == unseen
    for split in ("train", "val", "test"):
        assert not unseen & {row.product_id for row in live(rows, split)}
    fewer = grocery_rows(tmp_path, GroceryOptions(unseen_products=2))
    assert {row.product_id for row in live(fewer, "test-unseen")} < unseen


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"val_block": 1.0}, r"val_block is 1\.0; want a share"),
        ({"val_every": -1}, "val_every -1 and unseen_products 0 should be 0 or more"),
        ({"unseen_products": CLASSES}, "unseen_products is 12; there are 11 classes with"),
    ],
)
def test_options_out_of_range_are_named(
    tmp_path: Path, options: dict[str, int], reason: str
) -> None:
    write(tmp_path)
    with pytest.raises(InputError, match=reason):
        grocery_rows(tmp_path, GroceryOptions(**options))


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not laid out like Grocery Store: FileNotFoundError"):
        grocery_rows(tmp_path)
