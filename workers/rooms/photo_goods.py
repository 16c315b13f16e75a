"""Finds products and photos of them: in a manifest, in Grocery Store's folder, or in any folder.

In: a path. Out: for each product a title and where its photos lie; no photo is opened here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import InputError
from models.formats.grocery import is_grocery
from models.formats.layout import manifest_at
from models.formats.own_folder import entries, is_picture
from models.manifest import Manifest, Split

_TITLE = "page.txt"


@dataclass(frozen=True)
class PhotoGoods:
    """One product of which there are photos."""

    product_id: str
    title: str
    photos: tuple[Path, ...]
    """In a fixed order; none where it only fills a cart."""
    category: str = ""
    """What near-duplicates have in common; empty where nobody says."""
    shop: str = ""


def photo_goods(path: Path, split: Split) -> list[PhotoGoods]:
    """Return the products of a manifest or folder that have a title.

    A folder has one folder for each product. Its title is the first line of `page.txt`, or else the
    folder's name; its photos are the pictures under `live`, or else those beside it.

    Args:
        path: a manifest, Grocery Store's folder `dataset`, or any folder.
        split: of a manifest's photos; a folder has none.

    Raises:
        InputError: nothing there has both a title and a photo.
    """
    if path.is_dir() and not is_grocery(path):
        found = _of_folder(path)
    else:
        found = _of_manifest(manifest_at(path), split)
    if not any(one.photos for one in found):
        message = f"{path} has {len(found)} products with a title, and none of them has a photo"
        raise InputError(message)
    return found


def _of_manifest(manifest: Manifest, split: Split) -> list[PhotoGoods]:
    photos: dict[str, list[Path]] = {}
    for row in manifest.live(split):
        if row.product_id is not None:
            photos.setdefault(row.product_id, []).extend(manifest.paths(row))
    return [
        PhotoGoods(
            row.product_id,
            row.title,
            tuple(sorted(photos.get(row.product_id, ()))),
            row.category or "",
            row.shop or "",
        )
        for row in manifest.pages
        if row.product_id and row.title
    ]


def _of_folder(folder: Path) -> list[PhotoGoods]:
    found = []
    for product in entries(folder):
        if product.is_dir() and not product.name.startswith("_"):
            live = [path for path in sorted(product.glob("live/**/*")) if is_picture(path)]
            beside = [path for path in entries(product) if is_picture(path)]
            found.append(PhotoGoods(product.name, _title(product), tuple(live or beside)))
    return found


def _title(product: Path) -> str:
    path = product / _TITLE
    lines: Sequence[str] = ()
    if path.is_file():
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    first = lines[0].strip() if lines else ""
    return first or product.name.replace("-", " ").replace("_", " ")
