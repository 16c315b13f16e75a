"""What is in a manifest, and what is missing, from one pass over its rows.

In: a manifest's path. Out: plain figures. Rows are not held: a few numbers for each product, and
eight bytes for each picture that is named.
"""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from models.manifest_columns import DOMAINS
from models.manifest_file import Tell, manifest_rows, silent
from models.manifest_row import Row

NAMED = 5
"""Of what is missing or doubled, so many are named."""
_TITLE = 1 << len(DOMAINS)
_FLAGS: dict[str, int] = {domain: 1 << at for at, domain in enumerate(DOMAINS)}
_TEXTS = ("title", "transcript", "summary")


@dataclass
class Some:
    """How many there are, and the first of them."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one."""
        self.count += 1
        if len(self.names) < NAMED:
            self.names.append(name)


@dataclass
class Lengths:
    """Of texts, in characters."""

    texts: int = 0
    characters: int = 0
    longest: int = 0

    def add(self, text: str) -> None:
        """Take in a text."""
        self.texts += 1
        self.characters += len(text)
        self.longest = max(self.longest, len(text))


@dataclass
class Stats:
    """A manifest's figures."""

    rows: dict[str, dict[str, int]]
    """Of each split, by domain."""
    products: int
    no_product: int
    """Rows that are of no product."""
    lacking: dict[str, Some]
    """Products without a page, live clip, video or title, by what they lack."""
    without: dict[str, dict[str, int]]
    """Rows of each domain without frames, title, transcript, summary or any of these."""
    several_pages: Some
    """Products of more than one page."""
    frames: int
    repeated_frames: Some
    """Names of pictures that come more than once; `count` says by how many too often."""
    texts: dict[str, Lengths]
    """By kind."""


class Counting:
    """Figures that grow row by row."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str]] = Counter()
        self._without: Counter[tuple[str, str]] = Counter()
        self._texts = {kind: Lengths() for kind in _TEXTS}
        self._numbers: dict[str, int] = {}
        self._flags = bytearray()
        self._pages = array("I")
        self._frames = array("q")
        self._no_product = 0

    def add(self, row: Row) -> None:
        """Take in a row."""
        self._rows[row.split, row.domain] += 1
        self._frames.extend(map(hash, row.frames))
        flags = _FLAGS[row.domain] | (_TITLE if row.title else 0)
        if not row.frames:
            self._without[row.domain, "frames"] += 1
        for kind in _TEXTS:
            text = getattr(row, kind)
            if text is None:
                self._without[row.domain, kind] += 1
            else:
                self._texts[kind].add(text)
        if not (row.frames or row.title or row.transcript or row.summary):
            self._without[row.domain, "anything"] += 1
        if row.product_id is None:
            self._no_product += 1
            return
        number = self._numbers.setdefault(row.product_id, len(self._numbers))
        if number == len(self._flags):
            self._flags.append(0)
            self._pages.append(0)
        self._flags[number] |= flags
        self._pages[number] += row.domain == "page"

    def finish(self) -> tuple[Stats, frozenset[int]]:
        """Return the figures, and the hashes of a few pictures that are named several times."""
        lacking = {what: Some() for what in (*DOMAINS, "title")}
        several = Some()
        wanted = {**_FLAGS, "title": _TITLE}
        for name, number in self._numbers.items():
            for what, flag in wanted.items():
                if not self._flags[number] & flag:
                    lacking[what].add(name)
            if self._pages[number] > 1:
                several.add(name)
        frames = np.frombuffer(self._frames, dtype=np.int64) if self._frames else np.zeros(0)
        known, times = np.unique(frames, return_counts=True)
        doubled = frozenset(int(one) for one in known[times > 1][:NAMED])
        splits = sorted({split for split, _ in self._rows})
        stats = Stats(
            rows={split: {one: self._rows[split, one] for one in DOMAINS} for split in splits},
            products=len(self._numbers),
            no_product=self._no_product,
            lacking=lacking,
            without={
                one: {what: self._without[one, what] for what in ("frames", *_TEXTS, "anything")}
                for one in DOMAINS
            },
            several_pages=several,
            frames=len(frames),
            repeated_frames=Some(len(frames) - len(known)),
            texts=self._texts,
        )
        return stats, doubled


def manifest_stats(path: Path, tell: Tell = silent) -> Stats:
    """Return a manifest's figures.

    Raises:
        InputError: the manifest cannot be read, or a row is wrong.
    """
    counting = Counting()
    for row in manifest_rows(path, tell):
        counting.add(row)
    stats, doubled = counting.finish()
    if doubled:
        found = (name for row in manifest_rows(path) for name in row.frames)
        named = dict.fromkeys(islice(_repeated(found, doubled), len(doubled)))
        stats.repeated_frames.names.extend(named)
    return stats


def _repeated(names: Iterable[str], doubled: frozenset[int]) -> Iterable[str]:
    seen: set[str] = set()
    for name in names:
        if hash(name) in doubled and name not in seen:
            seen.add(name)
            yield name
