"""How fast and how right a Milvus finds made products, through the code that serves.

In: an index, a made catalogue, and what to try. Out: figures of every try: seconds of a batch of
searches, and the share of the truly nearest products that it found. The rows lie in a collection of
their own, which no encoder has and no alias points to.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.fusion import Layout
from workers.index import ProductIndex
from workers.index_kinds import Kind, VectorIndex, index_of
from workers.index_schema import Build, Floats, Hit, Row, Scope, collection_of
from workers.index_vectors import MadeCatalogue, Places, nearest
from workers.index_writes import Writes, Written
from workers.milvus import Consistency

Progress = Callable[[str, int, int], None]
"""Told what is done, how much of it, and how much there is."""
COUNTED = 10
"""Recall is the share of so many truly nearest products that are among the first so many found."""
_ROWS = 2_000
_WARM = 5


@dataclass(frozen=True)
class Try:
    """What is measured."""

    vectors: VectorIndex
    consistency: Consistency = "Strong"
    """Of the searches."""
    in_shop: bool = False
    """Whether each batch of searches is for one shop only."""
    writes: bool = False
    """Whether products are upserted and deleted meanwhile."""


@dataclass(frozen=True)
class AskOptions:
    """How much is asked."""

    batch: int = 32
    """Searches that travel in one call."""
    calls: int = 200
    """Calls whose time is taken, each with other queries."""
    top_k: int = 50
    """Products that each search asks for; so many are asked for by matching."""


class IndexBench:
    """Measures one made catalogue in one Milvus. Not for several threads at once."""

    def __init__(
        self,
        connect: Callable[[Consistency], ProductIndex],
        catalogue: MadeCatalogue,
        options: AskOptions,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Make the queries.

        Args:
            connect: returns a new index of the same Milvus whose searches are so consistent.
            catalogue: what is searched.
            options: how much is asked.
            clock: in seconds.
        """
        self._connect = connect
        self._index = connect("Strong")
        self._catalogue = catalogue
        self._options = options
        self._clock = clock
        self._fingerprint = hashlib.sha256(f"index bench {catalogue}".encode()).hexdigest()
        self._queries = catalogue.queries(options.batch * options.calls)
        self._truth: dict[bool, Places] = {}

    def fill(self, tell: Progress) -> float:
        """Write the products that are not there yet; return the seconds that it took."""
        started = self._clock()
        dim, name = self._catalogue.dim, collection_of(self._fingerprint)
        if all(one.collection != name for one in self._index.builds()):
            # Exact while it grows: an index is built once, over all of it.
            layout = Layout("mean", dim, dim)
            self._index.store(Build(name, self._fingerprint, layout, encoder="index bench"))
        have = self._index.count(self._fingerprint)
        for first, vectors in self._catalogue.portions():
            if first + len(vectors) > have:
                for at in range(0, len(vectors), _ROWS):
                    rows = self._rows(first + at, vectors[at : at + _ROWS])
                    self._index.upsert(self._fingerprint, rows)
            tell("written", first + len(vectors), self._catalogue.count)
        return self._clock() - started

    def tune(self, kind: Kind) -> tuple[VectorIndex, float]:
        """Give the catalogue an index of a kind; return it and the seconds that it took."""
        vectors = index_of(kind, self._catalogue.count, self._catalogue.dim)
        started = self._clock()
        self._index.tune(self._fingerprint, vectors)
        return vectors, self._clock() - started

    def measure(self, what: Try, tell: Progress) -> dict[str, Any]:
        """Return figures of one try; the catalogue must have an index of its kind already."""
        self._index.tune(self._fingerprint, what.vectors)
        truth = self._true(in_shop=what.in_shop)
        asked = self._connect(what.consistency)
        rows = self._rows(0, self._catalogue.products(0)) if what.writes else []
        writes = Writes(self._connect("Strong"), self._fingerprint, rows, self._clock)
        seconds: list[float] = []
        found: list[list[Hit]] = []
        try:
            for call in range(min(_WARM, self._options.calls)):
                self._ask(asked, call, in_shop=what.in_shop)
            with writes if what.writes else nullcontext(Written()) as written:
                for call in range(self._options.calls):
                    started = self._clock()
                    hits = self._ask(asked, call, in_shop=what.in_shop)
                    seconds.append(self._clock() - started)
                    found.extend(hits)
                    tell(_name(what), call + 1, self._options.calls)
        finally:
            asked.close()
        told = _times(seconds) | _rightness(found, truth)
        return told | ({"written": asdict(written)} if what.writes else {})

    def drop(self) -> None:
        """Remove the made catalogue."""
        self._index.drop(self._fingerprint)

    def close(self) -> None:
        """Let go of the connection."""
        self._index.close()

    def _ask(self, index: ProductIndex, call: int, *, in_shop: bool) -> list[list[Hit]]:
        batch = self._options.batch
        queries = self._queries[call * batch : (call + 1) * batch]
        scope = Scope(shop=_shop(call % self._catalogue.shops)) if in_shop else Scope()
        return index.search(self._fingerprint, queries, self._options.top_k, [scope] * batch)

    def _true(self, *, in_shop: bool) -> Places:
        if in_shop not in self._truth:
            calls = np.repeat(np.arange(self._options.calls), self._options.batch)
            shops = calls % self._catalogue.shops if in_shop else None
            self._truth[in_shop] = nearest(self._catalogue, self._queries, COUNTED, shops)
        return self._truth[in_shop]

    def _rows(self, first: int, vectors: Floats) -> list[Row]:
        shops = self._catalogue.shop(np.arange(first, first + len(vectors)))
        return [
            Row(str(first + at), vector, title="", content=f"{first + at:064x}", shop=_shop(shop))
            for at, (vector, shop) in enumerate(zip(vectors, shops.tolist(), strict=True))
        ]


def _shop(number: int) -> str:
    return f"shop-{number}"


def _name(what: Try) -> str:
    effort = f" {what.vectors.effort}" if what.vectors.effort else ""
    return f"{what.vectors.kind}{effort}, {what.consistency}"


def _times(seconds: Sequence[float]) -> dict[str, Any]:
    p50, p95, p99 = np.percentile(seconds, [50, 95, 99]) * 1_000
    return {
        "calls": len(seconds),
        "p50_ms": round(float(p50), 2),
        "p95_ms": round(float(p95), 2),
        "p99_ms": round(float(p99), 2),
    }


def _rightness(found: Sequence[Sequence[Hit]], truth: Places) -> dict[str, Any]:
    shares, twice = [], 0
    for hits, places in zip(found, truth, strict=True):
        ids = [hit.product_id for hit in hits]
        twice += len(ids) - len(set(ids))
        wanted = {str(place) for place in places.tolist() if place >= 0}
        shares.append(len(wanted.intersection(ids[:COUNTED])) / max(1, len(wanted)))
    return {"recall": round(float(np.mean(shares)), 4), "found_twice": twice}
