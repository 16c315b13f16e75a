"""A room's cart: from a file, with titles from the file, a catalogue or the index."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import InputError

_LONGEST_ID = 200


@dataclass(frozen=True)
class Cart:
    """What is on sale in one room."""

    product_ids: tuple[str, ...] = ()
    shop: str | None = None
    titles: dict[str, str] = field(default_factory=dict)
    language: str | None = None

    def with_titles(self, titles: Mapping[str, str]) -> "Cart":
        """Return the cart with the titles of its own products added; the file's own win."""
        known = {key: titles[key] for key in self.product_ids if key in titles}
        return Cart(self.product_ids, self.shop, {**known, **self.titles}, self.language)


def read_cart(path: Path | None) -> Cart:
    """Read `{"cart": [...], "shop": ..., "titles": {...}}`, or a bare list of product ids.

    Raises:
        InputError: the file is not there or says something else.
    """
    if path is None:
        return Cart()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"cart {path}: {error.strerror}"
        raise InputError(message) from error
    except ValueError as error:
        message = f"cart {path}: not JSON: {error}"
        raise InputError(message) from error
    if isinstance(found, list):
        found = {"cart": found}
    ids = found.get("cart") if isinstance(found, dict) else None
    if not isinstance(ids, list) or not all(isinstance(key, str) and key for key in ids):
        message = f'cart {path}: want {{"cart": ["product id", …]}} or a list of product ids'
        raise InputError(message)
    too_long = next((key for key in ids if len(key) > _LONGEST_ID), None)
    if too_long is not None:
        message = (
            f"cart {path}: {too_long[:20]!r}… has {len(too_long)} characters, a product id has "
            f"at most {_LONGEST_ID}"
        )
        raise InputError(message)
    for key in ("shop", "language"):
        if not isinstance(found.get(key), str | None):
            message = f"cart {path}: {key} is {found[key]!r}, want text"
            raise InputError(message)
    titles = found.get("titles", {})
    if not isinstance(titles, dict):
        message = f"cart {path}: titles is {titles!r}, want an object of product id and title"
        raise InputError(message)
    return Cart(
        tuple(dict.fromkeys(ids)),
        found.get("shop"),
        {str(key): str(title) for key, title in titles.items()},
        found.get("language"),
    )
