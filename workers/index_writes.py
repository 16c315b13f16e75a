"""Products that are written and removed while others search, to measure an index under load.

In: an index of its own and made products. Out: how much was written and what failed. What it writes
leaves the answers as they are: products as they were, and others that lie far from every query.
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.errors import LiveShelfError
from workers.index import ProductIndex
from workers.index_schema import Floats, Row

_AT_ONCE = 50


@dataclass
class Written:
    """What became of the writes."""

    upserted: int = 0
    """Products."""
    deleted: int = 0
    """Products."""
    came_back: int = 0
    """Products that were there after their deletion had returned."""
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)
    """What was said of the calls that failed."""


class Writes:
    """Writes in a thread of its own, from `with` to its end."""

    def __init__(
        self,
        index: ProductIndex,
        fingerprint: str,
        rows: Sequence[Row],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Keep what is written.

        Args:
            index: used by nobody else.
            fingerprint: of the collection's encoder.
            rows: as they are stored already; upserted again, some at a time, in turn.
            clock: in seconds.
        """
        self.written = Written()
        self._index = index
        self._fingerprint = fingerprint
        self._rows = rows
        self._turns = itertools.cycle(rows)
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Written:
        """Begin."""
        self._thread.start()
        return self.written

    def __exit__(self, *_: object) -> None:
        """End after the round that is under way."""
        self._stop.set()
        self._thread.join()
        self._index.close()

    def _run(self) -> None:
        started = self._clock()
        draw = np.random.default_rng(0)
        extra = 0
        while not self._stop.is_set():
            guests = [_guest(self._rows[0], f"guest-{extra + at}", draw) for at in range(5)]
            extra += len(guests)
            try:
                self._round(guests)
            except LiveShelfError as error:
                self.written.failed.append(str(error))
        self.written.seconds = self._clock() - started

    def _round(self, guests: list[Row]) -> None:
        names = [row.product_id for row in guests]
        # Not the same few each time: until Milvus compacts, what an upsert replaced still takes
        # the places of neighbours in a graph.
        known = list(itertools.islice(self._turns, min(_AT_ONCE, len(self._rows))))
        self._index.upsert(self._fingerprint, [*known, *guests])
        self.written.upserted += len(known) + len(guests)
        self._index.delete(self._fingerprint, names)
        self.written.deleted += len(names)
        self.written.came_back += len(self._index.get(self._fingerprint, names))


def _guest(like: Row, product_id: str, draw: np.random.Generator) -> Row:
    """Return a product like none: in many dimensions, random directions are far from all others."""
    vector: Floats = draw.standard_normal(like.vector.shape, dtype=np.float32)
    return Row(product_id, vector / np.linalg.norm(vector), "", like.content, like.shop)
