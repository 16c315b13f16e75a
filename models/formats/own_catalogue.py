"""A catalogue file of one's own as a manifest, with clips in a folder for each product.

In: JSON Lines (`.jsonl`) or CSV with a header (`.csv`), as `liveshelf index build` takes them:
`product_id` (or `id`), `title`, `images` (a list; in CSV separated by `|`; or `image`), `shop`,
`category`. Paths are relative to the file. Clips lie in `clips/PRODUCT_ID/live` and `.../video`
beside it, laid out as `models.formats.own_folder` says, those of no product in `clips/_none`. Out:
rows for `models.manifest`, pages first. Addresses of pictures on a network are counted and left
out: nothing is fetched.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.errors import InputError
from models.formats.conversion import Converted, LeftOut
from models.formats.own_folder import OwnOptions, clips, entries, product_split
from models.manifest_row import Row

_NONE = "_none"


@dataclass(frozen=True)
class CatalogueOptions:
    """Where clips lie, and how they are split."""

    clips: str = "clips"
    """Folder of the clips, relative to the catalogue; it may be absent."""
    split: OwnOptions = field(default_factory=OwnOptions)
    """Of clips and products."""


def own_catalogue(
    source: Path, _folder: Path, options: CatalogueOptions, left_out: LeftOut
) -> Converted:
    """Return the rows.

    Raises:
        InputError: the file is neither of the two, or a row of it is wrong.
    """
    if source.suffix not in {".csv", ".jsonl"}:
        message = f"{source}: a catalogue ends in .csv or .jsonl"
        raise InputError(message)
    return Converted(source.parent, _rows(source, options, left_out))


def _rows(source: Path, options: CatalogueOptions, left_out: LeftOut) -> Iterator[Row]:
    known = {_NONE}
    for item, origin in _items(source):
        row = _page(item, origin, options, left_out)
        if row.product_id in known:
            message = f"{origin}: product_id {row.product_id!r} is there twice, or is {_NONE}"
            raise InputError(message)
        known.add(str(row.product_id))
        if row.frames or row.title:
            yield row
        else:
            left_out["products without title and picture"] += 1
            known.discard(str(row.product_id))
    folder = source.parent / options.clips
    for path in entries(folder) if folder.is_dir() else []:
        if path.name not in known or not path.is_dir():
            left_out[f"entries of {options.clips}/ that are no product's"] += 1
            continue
        product_id = None if path.name == _NONE else path.name
        yield from clips(source.parent, path, product_id, options.split, left_out)


def _page(item: dict[str, Any], origin: str, options: CatalogueOptions, left_out: LeftOut) -> Row:
    texts: dict[str, str | None] = {}
    for key, value in (
        ("product_id", item.get("product_id", item.get("id"))),
        ("title", item.get("title")),
        ("shop", item.get("shop")),
        ("category", item.get("category")),
    ):
        if value is not None and not isinstance(value, str):
            message = f"{origin}: {key} should be text, not {value!r}"
            raise InputError(message)
        texts[key] = (value or "").strip() or None
    name = texts["product_id"]
    if name is None:
        message = f"{origin}: a product needs a product_id"
        raise InputError(message)
    local = []
    for image in _images(item.get("images", item.get("image")), origin):
        if image.startswith(("http://", "https://")):
            left_out["pictures that lie on a network"] += 1
        else:
            local.append(image)
    return Row(
        product_id=name,
        domain="page",
        frames=tuple(local),
        split=product_split(name, options.split),
        title=texts["title"],
        category=texts["category"],
        shop=texts["shop"],
    )


def _images(value: object, origin: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [image.strip() for image in value.split("|") if image.strip()]
    if isinstance(value, list) and all(isinstance(image, str) for image in value):
        return [str(image) for image in value]
    message = f"{origin}: images should be a list of paths, not {value!r}"
    raise InputError(message)


def _items(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            if path.suffix == ".csv":
                for number, row in enumerate(csv.DictReader(lines), start=2):
                    yield row, f"{path}, row {number}"
                return
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _object(line, f"{path}, line {number}"), f"{path}, line {number}"
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error


def _object(line: str, origin: str) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        message = f"{origin} is not JSON: {error}"
        raise InputError(message) from error
    if not isinstance(item, dict):
        message = f"{origin} should be an object"
        raise InputError(message)
    return item
