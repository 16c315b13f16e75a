"""Fashion titles as a manifest: photos of 60×80 pixels, and the title of each.

In: a folder of `products_*.csv` (product_id, title, category, and more that is left alone) and
`images_*.zip` with ID.jpg. Out: rows for `models.manifest`, and the photos unpacked into `photos/`
beside the manifest. A tenth of the products, by a hash of the id, is test and never trained on.

Title and photo of a product must not stand on one row, or the title would find itself. So the photo
is the page, and the title what is said of it in a clip without picture: clips find pages by words,
among the photos of all products. Or, with `photo_on=live`, the page has nothing but the title, and
the photo is the clip.
"""

import csv
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import InputError
from models.formats.conversion import Converted, LeftOut, share_of
from models.manifest_row import Row, Split

_PHOTOS = "photos"


@dataclass(frozen=True)
class FashionOptions:
    """Which side is what, and how products are split."""

    photo_on: Literal["page", "live"] = "page"
    """The row that has the photo; the other one has the title."""
    test_share: float = 0.1
    """Share of the products that is never trained on."""
    val_share: float = 0.05
    """Share of the products that validates."""


def fashion(source: Path, folder: Path, options: FashionOptions, left_out: LeftOut) -> Converted:
    """Return the rows, and unpack their photos into the manifest's folder.

    Raises:
        InputError: there are no lists or no photos, or one cannot be read.
    """
    lists, archives = sorted(source.glob("products_*.csv")), sorted(source.glob("images_*.zip"))
    if not (lists and archives):
        message = f"{source} should hold products_*.csv and images_*.zip"
        raise InputError(message)
    return Converted(folder, _rows(lists, archives, folder, options, left_out))


def _rows(
    lists: list[Path],
    archives: list[Path],
    folder: Path,
    options: FashionOptions,
    left_out: LeftOut,
) -> Iterator[Row]:
    products = [product for path in lists for product in _products(path)]
    names = {f"{product['product_id']}.jpg" for product in products}
    photos = {name for path in archives for name in _unpacked(path, names, folder / _PHOTOS)}
    seen: set[str] = set()
    for product in products:
        name, title = product["product_id"], product["title"].strip()
        if f"{name}.jpg" not in photos or not title or name in seen:
            left_out["products without photo, without title or listed twice"] += 1
            continue
        seen.add(name)
        split, category = _split(name, options), product.get("category") or None
        frames = (f"{_PHOTOS}/{name}.jpg",)
        if options.photo_on == "page":
            yield Row(name, "page", frames, split, category=category)
            yield Row(name, "live", (), split, transcript=title, category=category)
        else:
            yield Row(name, "page", (), split, title=title, category=category)
            yield Row(name, "live", frames, split, category=category)


def _split(name: str, options: FashionOptions) -> Split:
    share = share_of(name)
    if share < options.test_share:
        return "test"
    return "val" if share < options.test_share + options.val_share else "train"


def _products(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                if not row.get("product_id") or row.get("title") is None:
                    message = f"{path}, line {number}: want product_id and title, not {row}"
                    raise InputError(message)
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error


def _unpacked(path: Path, names: set[str], folder: Path) -> Iterator[str]:
    """Unpack the photos that are wanted and not yet there, and yield the names of all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path) as archive:
            for item in archive.infolist():
                # Plain names of products only: no archive says where a file is written.
                if item.filename not in names or "/" in item.filename:
                    continue
                at = folder / item.filename
                if not at.is_file() or at.stat().st_size != item.file_size:
                    with archive.open(item) as packed, at.open("wb") as file:
                        shutil.copyfileobj(packed, file)
                yield item.filename
    except (OSError, zipfile.BadZipFile) as error:
        message = f"cannot unpack {path} to {folder}: {error}"
        raise InputError(message) from error
