"""The rows that a sampler chooses from, kept as numbers: of ten million, a step wants fifty.

In: sequences of rows, which may lie in a file. Out: a row when it is asked for, and of every row
what choosing needs.
"""

from array import array
from collections.abc import Sequence
from dataclasses import replace

from models.batch import Domain
from models.manifest import Row


class RowPool:
    """Rows of several sequences, one after the other."""

    def __init__(self, *sources: tuple[Sequence[Row], Domain]) -> None:
        """Keep the sequences; a row of each is taken for one of the domain beside it."""
        self._sources = sources
        self._source = array("b")
        self._place = array("q")
        self._shared: dict[str, str] = {"": ""}
        self.products: list[str] = []
        """Of each row."""
        self.categories: list[str] = []
        """Of each row; empty for none."""
        self.shops: list[str] = []
        """Of each row; empty for none."""

    def take(self, source: int, place: int, row: Row) -> None:
        """Add a row.

        Args:
            source: number of its sequence.
            place: of the row there.
            row: itself, which is not kept.
        """
        self._source.append(source)
        self._place.append(place)
        kept = (
            (self.products, row.product_id),
            (self.categories, row.category),
            (self.shops, row.shop),
        )
        for column, value in kept:
            text = value or ""
            column.append(self._shared.setdefault(text, text))

    def __len__(self) -> int:
        return len(self._place)

    def __getitem__(self, at: int) -> Row:
        """Look a row up."""
        rows, domain = self._sources[self._source[at]]
        row = rows[self._place[at]]
        return row if row.domain == domain else replace(row, domain=domain)
