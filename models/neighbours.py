"""Lists of each product's nearest other products: JSON Lines, nearest first.

    {"product_id": "oat-milk", "neighbours": ["oat-milk-barista", "soy-milk"]}

Trained on together, such products teach an encoder what tells them apart. A list may name products
that a training set lacks.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.errors import InputError

Neighbours = Mapping[str, tuple[str, ...]]


def write_neighbours(path: Path, neighbours: Neighbours) -> None:
    """Write a list, a product on each line, in order of their ids."""
    lines = [
        json.dumps({"product_id": name, "neighbours": list(near)}, ensure_ascii=False)
        for name, near in sorted(neighbours.items())
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_neighbours(path: Path) -> Neighbours:
    """Return a list.

    Raises:
        InputError: it cannot be read, or a line is not of the form above.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(_bytes(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item: Any = json.loads(line)
            name, near = item["product_id"], item["neighbours"]
        except (ValueError, TypeError, KeyError) as error:
            message = f"{path}, line {number} is no product with neighbours: {error!r}"
            raise InputError(message) from error
        if not isinstance(name, str) or not _are_ids(near):
            message = f"{path}, line {number}: want product ids, not {name!r} and {near!r}"
            raise InputError(message)
        if name in near or name in found:
            message = f"{path}, line {number}: {name!r} is its own neighbour, or there twice"
            raise InputError(message)
        found[name] = tuple(near)
    return found


def fingerprint_of(path: Path) -> str:
    """Return the SHA-256 of a list's file.

    Raises:
        InputError: it cannot be read.
    """
    return hashlib.sha256(_bytes(path)).hexdigest()


def _are_ids(near: object) -> bool:
    return isinstance(near, list) and all(isinstance(one, str) for one in near)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read the neighbours in {path}: {error}"
        raise InputError(message) from error
