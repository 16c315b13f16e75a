"""Writes the pages of a manifest as the catalogue that an index is built of."""

import json
import os
from pathlib import Path

from models.formats.layout import manifest_at


def write_catalogue(source: Path, out: Path) -> tuple[int, int]:
    """Write a line of JSON for each page with a title; return how many, and how many lack one.

    Args:
        source: a manifest, or Grocery Store's folder `dataset`.
        out: replaced; paths of pictures are relative to it, so both stay where they are.

    Raises:
        InputError: the manifest cannot be read.
    """
    manifest = manifest_at(source)
    written = untitled = 0
    folder = out.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as lines:
        for row in manifest.pages:
            if row.product_id is None or not row.title:
                untitled += 1
                continue
            images = [os.path.relpath(path.resolve(), folder) for path in manifest.paths(row)]
            told = {"product_id": row.product_id, "title": row.title, "images": images}
            if row.shop:
                told["shop"] = row.shop
            lines.write(json.dumps(told, ensure_ascii=False) + "\n")
            written += 1
    return written, untitled
