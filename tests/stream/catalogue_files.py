"""Small catalogues with pictures on disk."""

import json
from pathlib import Path

from tests.tiny_vision import image_bytes, picture

TITLES = {"red": "apricot jam", "green": "oat milk", "blue": "dark roast coffee"}


def row(colour: str, **fields: object) -> dict[str, object]:
    return {
        "product_id": f"p-{colour}",
        "title": TITLES[colour],
        "images": [f"{colour}.png"],
        "shop": "hearth" if colour == "red" else "elsewhere",
        **fields,
    }


def catalogue(folder: Path, *more: object, colours: tuple[str, ...] = tuple(TITLES)) -> Path:
    """Write products with their pictures, and other rows; text is written as it is."""
    for colour in colours:
        (folder / f"{colour}.png").write_bytes(image_bytes(picture(colour), "PNG"))
    rows = [*(row(colour) for colour in colours), *more]
    path = folder / "catalogue.jsonl"
    lines = (one if isinstance(one, str) else json.dumps(one) for one in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
