"""What each row of a manifest is of, as numbers: enough to choose rows, and a few bytes a row.

In: rows, or their columns in Arrow's form. Out: domain, split and product of each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from models.batch import Domain
from models.manifest_row import SPLITS, Row, Split

DOMAINS: tuple[Domain, ...] = get_args(Domain)
NO_PRODUCT = -1


@dataclass(frozen=True)
class Columns:
    """N rows; nine bytes each, and the products' names once."""

    domains: npt.NDArray[np.int8]
    """(N,) numbers of `DOMAINS`."""
    splits: npt.NDArray[np.int8]
    """(N,) numbers of `SPLITS`."""
    product_of: npt.NDArray[np.int32]
    """(N,) numbers of `products`, or -1 for no product."""
    products: tuple[str, ...]
    """(P,) in the order of their first rows."""

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Columns":
        """Return the columns of rows."""
        parts = (
            np.array([DOMAINS.index(row.domain) for row in rows], dtype=np.int8),
            np.array([SPLITS.index(row.split) for row in rows], dtype=np.int8),
            [row.product_id for row in rows],
        )
        return cls.joined([parts])

    @classmethod
    def joined(cls, parts: "Iterable[Part]") -> "Columns":
        """Return the columns of parts, one after the other."""
        numbers: dict[str | None, int] = {None: NO_PRODUCT}
        domains = [np.zeros(0, np.int8)]
        splits = [np.zeros(0, np.int8)]
        product_of = [np.zeros(0, np.int32)]
        for domain, split, names in parts:
            domains.append(domain)
            splits.append(split)
            found = [numbers.setdefault(name, len(numbers) - 1) for name in names]
            product_of.append(np.array(found, dtype=np.int32))
        known = tuple(name for name in numbers if name is not None)
        return cls(
            np.concatenate(domains), np.concatenate(splits), np.concatenate(product_of), known
        )

    def where(self, domain: Domain, split: Split | None = None) -> npt.NDArray[np.int64]:
        """Return the places of a domain's rows, of one split if it is named, in order."""
        chosen = self.domains == DOMAINS.index(domain)
        if split is not None:
            chosen &= self.splits == SPLITS.index(split)
        return np.flatnonzero(chosen).astype(np.int64)

    def homeless(self) -> str | None:
        """Return a product that rows show but no page is of; none: each has its page."""
        has_page = np.zeros(len(self.products), dtype=bool)
        has_page[self.product_of[self.domains == DOMAINS.index("page")]] = True
        shown = self.product_of[self.product_of != NO_PRODUCT]
        lost = shown[~has_page[shown]]
        return self.products[int(lost[0])] if len(lost) else None


Part = tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Sequence[str | None]]
"""Domains, splits and product ids of some rows."""


def coded(batch: Any) -> Part:
    """Return the part that an Arrow record batch of rows is."""
    return (
        _numbers(batch.column("domain"), DOMAINS),
        _numbers(batch.column("split"), SPLITS),
        batch.column("product_id").to_pylist(),
    )


def _numbers(column: Any, known: Sequence[str]) -> npt.NDArray[np.int8]:
    found = column.dictionary_encode()
    names = np.array([known.index(name) for name in found.dictionary.to_pylist()], dtype=np.int8)
    numbers: npt.NDArray[np.int8] = names[found.indices.to_numpy()]
    return numbers
