"""A few products of the bundled catalogue, so that a test need not index all of it."""

import json
from pathlib import Path

DEMO = Path(__file__).parents[1] / "stream" / "demo"


def small_shelf(folder: Path, cart: Path, others: int = 36) -> Path:
    """Write a catalogue of a cart's products and some more; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = json.loads(cart.read_text())["cart"]
    rows = (DEMO / "catalogue.jsonl").read_text().splitlines()
    sold = [row for row in rows if json.loads(row)["product_id"] in wanted]
    rest = [row for row in rows if row not in sold]
    path = folder / "catalogue.jsonl"
    path.write_text("\n".join([*sold, *rest[:others]]))
    if not (folder / "images").exists():
        (folder / "images").symlink_to(DEMO / "images")
    return path
