"""A room's cart: from a file, with titles from the file, a catalogue or the index.

A cart may change while the room goes on: each later one holds from its media time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.errors import InputError
from workers.events import Room

_LONGEST_ID = 200
_WANT = 'want {"cart": ["product id", …]} or a list of product ids'


@dataclass(frozen=True)
class CartChange:
    """A later cart of a room."""

    from_ms: int
    """Media time from which it holds."""
    product_ids: tuple[str, ...]


@dataclass(frozen=True)
class Cart:
    """What is on sale in one room."""

    product_ids: tuple[str, ...] = ()
    shop: str | None = None
    titles: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    changes: tuple[CartChange, ...] = ()
    """Later carts, by time."""

    @property
    def every_id(self) -> tuple[str, ...]:
        """All products that are ever in it."""
        later = (key for change in self.changes for key in change.product_ids)
        return tuple(dict.fromkeys((*self.product_ids, *later)))

    def with_titles(self, titles: Mapping[str, str]) -> "Cart":
        """Return the cart with the titles of its own products added; the file's own win."""
        known = titles_of(titles, self.every_id)
        return replace(self, titles={**known, **self.titles})


def titles_of(titles: Mapping[str, str], product_ids: Sequence[str]) -> dict[str, str]:
    """Return the titles of these products: what is in no cart yet is no hotword of a room."""
    return {key: titles[key] for key in product_ids if key in titles}


def later_versions(
    room: Room, changes: Sequence[CartChange], titles: Mapping[str, str]
) -> list[Room]:
    """Return a room as it is with each later cart, in order, versions counting up from its own.

    Args:
        room: as it opens.
        changes: its later carts, by time.
        titles: of products of any of them; each version bears those of its own cart.
    """
    return [
        room.model_copy(
            update={
                "version": room.version + place,
                "cart": change.product_ids,
                "titles": titles_of(titles, change.product_ids),
                "effective_from_ms": change.from_ms,
            }
        )
        for place, change in enumerate(changes, 1)
    ]


def read_cart(path: Path | None) -> Cart:
    """Read `{"cart": [...], "shop": ..., "titles": {...}}`, or a bare list of product ids.

    Later carts stand in `"changes": [{"from_ms": 60000, "cart": [...]}, ...]`.

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
    if not isinstance(found, dict):
        message = f"cart {path}: {_WANT}"
        raise InputError(message)
    ids = _ids(found.get("cart"), path)
    for key in ("shop", "language"):
        if not isinstance(found.get(key), str | None):
            message = f"cart {path}: {key} is {found[key]!r}, want text"
            raise InputError(message)
    titles = found.get("titles", {})
    if not isinstance(titles, dict):
        message = f"cart {path}: titles is {titles!r}, want an object of product id and title"
        raise InputError(message)
    return Cart(
        ids,
        found.get("shop"),
        {str(key): str(title) for key, title in titles.items()},
        found.get("language"),
        _changes(found.get("changes", []), path),
    )


def _ids(found: object, path: Path) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(key, str) and key for key in found):
        message = f"cart {path}: {_WANT}"
        raise InputError(message)
    too_long = next((key for key in found if len(key) > _LONGEST_ID), None)
    if too_long is not None:
        message = (
            f"cart {path}: {too_long[:20]!r}… has {len(too_long)} characters, a product id has "
            f"at most {_LONGEST_ID}"
        )
        raise InputError(message)
    return tuple(dict.fromkeys(found))


def _changes(found: object, path: Path) -> tuple[CartChange, ...]:
    rows = found if isinstance(found, list) else [found]
    changes: list[CartChange] = []
    for row in rows:
        known = row if isinstance(row, dict) else {}
        from_ms = known.get("from_ms")
        least = changes[-1].from_ms if changes else 0
        if type(from_ms) is not int or from_ms <= least:
            message = (
                f'cart {path}: changes should be [{{"from_ms": …, "cart": […]}}, …], each with a '
                "media time in ms above 0 and later than the one before"
            )
            raise InputError(message)
        changes.append(CartChange(from_ms, _ids(known.get("cart"), path)))
    return tuple(changes)
