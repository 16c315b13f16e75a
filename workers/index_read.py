"""Products as they are stored, by id, and how many; each once, whatever Milvus kept twice.

Reads are strongly consistent unless said otherwise. Milvus does not enforce that an id is there
once: rows that were inserted rather than upserted, or upserted at the same time (milvus#38947), may
be there twice.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from workers.index_schema import Scope, collection_of
from workers.milvus import Consistency, Milvus

_PORTION = 500
_MOST_ROWS = 16_384
"""Milvus answers no query with more."""


class ProductReader:
    """Reads products of one Milvus. Not for several threads at once."""

    def __init__(self, milvus: Milvus) -> None:
        """Keep the connection."""
        self.milvus = milvus

    def get(
        self, fingerprint: str, ids: Sequence[str], fields: Sequence[str] = ("title",)
    ) -> dict[str, dict[str, Any]]:
        """Return the named fields of the products that exist, by id."""
        name = collection_of(fingerprint)
        found: dict[str, dict[str, Any]] = {}
        for some in portions(ids):
            where = Scope(ids=tuple(some)).filter
            rows = self.query(name, where, fields)
            found.update({row["product_id"]: dict(row) for row in rows})
        return found

    def stored(self, fingerprint: str, ids: Sequence[str]) -> int:
        """Return the number of rows of some products; more than products where one is twice."""
        # A count, since Milvus answers any other query with each id once.
        name = collection_of(fingerprint)
        counts = (
            self.query(name, Scope(ids=tuple(some)).filter, ["count(*)"], None)
            for some in portions(ids)
        )
        return sum(int(rows[0]["count(*)"]) for rows in counts)

    def named(
        self, name: str, ids: Sequence[str], fields: Sequence[str], consistency: Consistency
    ) -> list[dict[str, Any]]:
        """Return fields of some products of a collection; at most as many as `portions` gives."""
        return self.query(name, Scope(ids=tuple(ids)).filter, fields, consistency=consistency)

    def some(self, fingerprint: str, most: int, fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return fields of a few products, whichever come first."""
        return self.query(collection_of(fingerprint), "", fields, most)

    def ids(self, fingerprint: str) -> set[str]:
        """Return the ids of all products."""
        name = collection_of(fingerprint)
        count = self.count(fingerprint)
        parts = [""]
        if count >= _MOST_ROWS:
            # pymilvus has an iterator, but it breaks on ids with quotes. Content is a hash, whose
            # first digits make even parts; half full, since even is not equal.
            digits = math.ceil(math.log(2 * count / _MOST_ROWS, 16))
            parts = [f'content like "{value:0{digits}x}%"' for value in range(16**digits)]
        return {row["product_id"] for part in parts for row in self.query(name, part, [])}

    def count(self, fingerprint: str) -> int:
        """Return the number of rows; more than ids where Milvus kept one twice."""
        rows = self.query(collection_of(fingerprint), "", ["count(*)"], None)
        return int(rows[0]["count(*)"])

    def query(
        self,
        name: str,
        where: str,
        fields: Sequence[str],
        most: int | None = _MOST_ROWS,
        consistency: Consistency = "Strong",
    ) -> list[dict[str, Any]]:
        """Return fields of the rows of a collection, or their count.

        Args:
            name: of the collection.
            where: an expression of Milvus; empty: all rows.
            fields: beside the id.
            most: rows; none: `fields` is a count, which takes neither a limit nor the id.
            consistency: of this read.
        """
        limit = {} if most is None else {"limit": most}
        extra = [] if most is None else ["product_id"]

        def ask(client: Any, timeout_s: float) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = client.query(
                name,
                filter=where,
                output_fields=[*extra, *fields],
                consistency_level=consistency,
                timeout=timeout_s,
                **limit,
            )
            return rows

        return self.milvus.call(ask, name)


def portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Return ids in lists that one expression can name."""
    for start in range(0, len(ids), _PORTION):
        yield ids[start : start + _PORTION]
