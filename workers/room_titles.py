"""The titles that a manifest's clips are heard and summed up with: what a cart is to a live room.

In: the rows of a manifest. Out: for a row, product ids with titles. Holds a title for each product
and the products of each room, no row.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Literal, get_args

from models.manifest import Row

TitlesOf = Literal["none", "room", "catalogue"]
"""`room`: the products that any row of the same `stream_id` is of; `catalogue`: those of all pages.
"""
TITLES_OF: tuple[TitlesOf, ...] = get_args(TitlesOf)
Titles = tuple[tuple[str, str], ...]


class RoomTitles:
    """Titles by room.

    Args:
        of: which titles.
        rows: of the whole manifest; not read where no titles are wanted.
    """

    def __init__(self, of: TitlesOf, rows: Iterable[Row] = ()) -> None:
        self.of = of
        self._rooms: dict[str, Titles] = {}
        self._fingerprints: dict[str, str] = {}
        if of != "none":
            self._rooms = self._read(rows)

    def room_of(self, row: Row) -> str:
        """Return what names the row's titles; rows of one name have the same."""
        return (row.stream_id or "") if self.of == "room" else ""

    def titles(self, room: str) -> Titles:
        """Return product ids and titles, in the manifest's order; empty for a room not known."""
        return self._rooms.get(room, ())

    def fingerprint(self, room: str) -> str:
        """Return what names these very titles."""
        if room not in self._fingerprints:
            told = json.dumps(self.titles(room)).encode()
            self._fingerprints[room] = hashlib.sha256(told).hexdigest()[:16]
        return self._fingerprints[room]

    def _read(self, rows: Iterable[Row]) -> dict[str, Titles]:
        titles: dict[str, str] = {}
        shown: dict[str, dict[str, None]] = {}
        for row in rows:
            if row.product_id is None:
                continue
            if row.domain == "page" and row.title:
                titles.setdefault(row.product_id, row.title)
            if self.of == "room" and row.stream_id:
                shown.setdefault(row.stream_id, {})[row.product_id] = None
        if self.of == "catalogue":
            return {"": tuple(titles.items())}
        return {
            room: tuple((one, titles[one]) for one in products if one in titles)
            for room, products in shown.items()
        }
