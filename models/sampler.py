"""Which rows make up a step: a pure function of seed and step, so that a run can stop anywhere.

Every epoch is a permutation of the training set's live rows with a product, cut into steps, with
the pages of their products once each. Some rows of no product join: negatives, and nothing else.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from models.errors import InputError
from models.manifest import Heard, Manifest, Row


@dataclass(frozen=True)
class SamplerOptions:
    """How a step is made up."""

    live_rows: int = 48
    """Live clips with a product in a step."""
    empty_rows: int = 4
    """Live clips without a product, if the data has any."""
    alike: float = 0.5
    """Share of a step's clips that are of neighbours by category and title: look-alikes."""
    views: int = 2
    """Clips of one product that come together, so that a step has fewer pages to encode."""
    page_views: int = 0
    """Times an epoch that the picture of a page of split train stands in for a clip; for products
    with few clips or none."""
    pairs: int = 24
    """Texts with titles of products without a page, if the data has any."""


@dataclass(frozen=True)
class Step:
    """The rows of one step."""

    live: tuple[Row, ...]
    pages: tuple[Row, ...]
    """Of the products of `live`, one each."""
    pairs: tuple[Heard, ...]
    """Texts of products without a page."""


class Sampler:
    """Steps by number."""

    def __init__(self, manifest: Manifest, options: SamplerOptions, seed: int) -> None:
        live = manifest.live("train")
        self._rows = [row for row in live if row.product_id is not None]
        standing_in = [
            replace(row, domain="live")
            for row in manifest.pages
            if row.split == "train" and row.frames
        ]
        self._rows += standing_in * options.page_views
        self._empty = [row for row in live if row.product_id is None]
        self._pages: dict[str, list[Row]] = {}
        for row in manifest.pages:
            self._pages.setdefault(str(row.product_id), []).append(row)
        self._pairs = [
            heard
            for heard in manifest.texts
            if heard.split == "train" and heard.title and heard.product_id not in self._pages
        ]
        if len({row.product_id for row in self._rows}) < 2:
            message = "training needs live rows of split train of at least two products"
            raise InputError(message)
        self._options = options
        self._seed = seed
        titles = {name: rows[0].title or name for name, rows in self._pages.items()}
        self._kin = [(row.category or "", titles[str(row.product_id)]) for row in self._rows]
        self.steps_per_epoch = max(1, len(self._rows) // options.live_rows)
        self.products = sorted({str(row.product_id) for row in self._rows})
        """Products that are trained on, in order."""

    def step(self, number: int) -> Step:
        """Return the rows of a step, counted from 0 over all epochs."""
        epoch, at = divmod(number, self.steps_per_epoch)
        draw = np.random.default_rng([self._seed, epoch])
        units = self._units(draw)
        size = min(self._options.live_rows, len(self._rows))
        close = round(size * self._options.alike)
        wide = size - close
        # Sorting one part of the epoch by kin puts look-alikes into the same steps.
        part = round(len(units) * self._options.alike)
        order = [index for unit in self._near(units[:part]) + units[part:] for index in unit]
        far = order[close * self.steps_per_epoch :]
        turn = int(draw.permutation(self.steps_per_epoch)[at])
        chosen = [*order[turn * close :][:close], *far[turn * wide :][:wide]]
        own = np.random.default_rng([self._seed, epoch, at])
        live = [self._rows[index] for index in chosen]
        names = sorted({str(row.product_id) for row in live})
        pages = tuple(
            self._pages[name][int(own.integers(len(self._pages[name])))] for name in names
        )
        if self._empty:
            drawn = own.integers(len(self._empty), size=self._options.empty_rows)
            live += [self._empty[index] for index in drawn.tolist()]
        pairs: list[Heard] = []
        if self._pairs:
            drawn = own.integers(len(self._pairs), size=self._options.pairs)
            pairs = [self._pairs[index] for index in drawn.tolist()]
        return Step(tuple(live), pages, tuple(pairs))

    def _units(self, draw: np.random.Generator) -> list[list[int]]:
        """Return an epoch's rows in a drawn order, some of one product together."""
        of: dict[str, list[int]] = {}
        for index in draw.permutation(len(self._rows)).tolist():
            of.setdefault(str(self._rows[index].product_id), []).append(index)
        views = self._options.views
        units = [rows[at : at + views] for rows in of.values() for at in range(0, len(rows), views)]
        return [units[at] for at in draw.permutation(len(units)).tolist()]

    def _near(self, units: list[list[int]]) -> list[list[int]]:
        """Return units sorted by kin, each product once before any comes again."""
        seen: Counter[tuple[str, str]] = Counter()
        keyed = []
        for unit in units:
            kin = self._kin[unit[0]]
            keyed.append((seen[kin], kin, unit))
            seen[kin] += 1
        return [unit for _, _, unit in sorted(keyed)]
