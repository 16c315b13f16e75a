"""Which rows make up a step: a pure function of seed and step, so that a run can stop anywhere.

Every epoch is a permutation of the training set's live rows with a product, cut into steps, with
the pages of their products once each, and with short videos of them where these are wanted. Some
rows of no product join: negatives, and nothing else. A share of every step may be look-alikes, the
negatives that are hard to tell apart: neighbours by category and title, of one shop, with nearly
the same title, or near for an encoder (`models.hard_negatives`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from models.errors import InputError
from models.look_alikes import in_groups, in_neighbourhoods
from models.manifest import Heard, Manifest, Row
from models.near_titles import near_titles
from models.neighbours import Neighbours, read_neighbours
from models.row_pool import RowPool


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
    videos: int = 0
    """Short videos that come along with each product of a step, at most. From 1 on, the short
    videos of products without clips take the place of clips."""
    same_shop: float = 0.0
    """Share of a step's clips that are of products of one shop, or of few."""
    near_title: float = 0.0
    """Share that are of products with nearly the same title, by characters and sounds."""
    mined: float = 0.0
    """Share that are of neighbours in the list `negatives`."""
    negatives: str = ""
    """Path of that list, as `models.hard_negatives` makes it; refreshed, it is of another run."""
    neighbours: int = 7
    """Neighbours of a product, by title or list, that come together with it at most."""

    def __post_init__(self) -> None:
        shares = (self.alike, self.same_shop, self.near_title, self.mined)
        if min(shares) < 0.0 or sum(shares) > 1.0 + 1e-9:
            message = "shares alike, same_shop, near_title and mined should sum to at most 1, but "
            raise InputError(message + f"are {', '.join(f'{one:g}' for one in shares)}")
        if (self.mined > 0.0) != bool(self.negatives):
            message = f"mined is {self.mined:g} with the list {self.negatives!r}: give both"
            raise InputError(message)
        if self.neighbours < 1 or self.videos < 0:
            message = f"neighbours {self.neighbours} and videos {self.videos}: want 1 and 0 or more"
            raise InputError(message)


@dataclass(frozen=True)
class Step:
    """The rows of one step."""

    live: tuple[Row, ...]
    pages: tuple[Row, ...]
    """Of the products of `live` and `videos`, one each."""
    pairs: tuple[Heard, ...]
    """Texts of products without a page."""
    videos: tuple[Row, ...] = ()
    """Short videos, of products of `live` or in their place."""


_Units = list[list[int]]
_Order = Callable[[_Units], _Units]


class Sampler:
    """Steps by number."""

    def __init__(self, manifest: Manifest, options: SamplerOptions, seed: int) -> None:
        """Keep the rows of split train.

        Raises:
            InputError: they are of fewer than two products, or `negatives` cannot be read.
        """
        self._live = manifest.live("train")
        self._shown = manifest.of("video", "train") if options.videos else ()
        self._gallery = manifest.pages
        self._rows = RowPool((self._live, "live"), (self._gallery, "live"), (self._shown, "video"))
        self._empty: list[int] = []
        for at, row in enumerate(self._live):
            if row.product_id is None:
                self._empty.append(at)
            else:
                self._rows.take(0, at, row)
        titles = self._take_pages(options.page_views)
        self._videos: dict[str, list[int]] = {}
        self._take_videos()
        self._pairs = [
            heard
            for heard in manifest.texts
            if heard.split == "train" and heard.title and heard.product_id not in titles
        ]
        self.products = sorted(set(self._rows.products))
        """Products that are trained on, in order."""
        if len(self.products) < 2:
            message = "training needs live rows of split train of at least two products"
            raise InputError(message)
        self._options = options
        self._seed = seed
        self._titles = {name: titles[name] for name in self.products}
        self._orders = self._look_alikes()
        self.steps_per_epoch = max(1, len(self._rows) // options.live_rows)
        self._epoch = lru_cache(2)(self._drawn_epoch)

    def step(self, number: int) -> Step:
        """Return the rows of a step, counted from 0 over all epochs."""
        epoch, at = divmod(number, self.steps_per_epoch)
        order, turns = self._epoch(epoch)
        size = min(self._options.live_rows, len(self._rows))
        chosen: list[int] = []
        # Rounded sums, not summed roundings: the parts make up the size.
        ends = [round(size * total) for total in accumulate(share for share, _ in self._orders)]
        for first, end in pairwise([0, *ends, size]):
            begin = first * self.steps_per_epoch + turns[at] * (end - first)
            chosen += order[begin : begin + end - first]
        own = np.random.default_rng([self._seed, epoch, at])
        rows = [self._rows[index] for index in chosen]
        live = [row for row in rows if row.domain != "video"]
        names = sorted({str(row.product_id) for row in rows})
        pages = tuple(
            self._gallery[self._pages[name][int(own.integers(len(self._pages[name])))]]
            for name in names
        )
        if self._empty:
            drawn = own.integers(len(self._empty), size=self._options.empty_rows)
            live += [self._live[self._empty[index]] for index in drawn.tolist()]
        pairs: list[Heard] = []
        if self._pairs:
            drawn = own.integers(len(self._pairs), size=self._options.pairs)
            pairs = [self._pairs[index] for index in drawn.tolist()]
        videos = [row for row in rows if row.domain == "video"]
        videos += self._along(names, {row.product_id for row in videos}, own)
        return Step(tuple(live), pages, tuple(pairs), tuple(videos))

    def _take_pages(self, views: int) -> dict[str, str]:
        """Keep where each product's pages are, and those that stand in; return titles."""
        self._pages: dict[str, list[int]] = {}
        titles: dict[str, str] = {}
        standing_in: list[int] = []
        for at, row in enumerate(self._gallery):
            name = str(row.product_id)
            self._pages.setdefault(name, []).append(at)
            titles.setdefault(name, row.title or name)
            if views and row.split == "train" and row.frames:
                standing_in.append(at)
        for at in standing_in * views:
            self._rows.take(1, at, self._gallery[at])
        return titles

    def _take_videos(self) -> None:
        """Keep where short videos are; those of products without clips are rows of their own."""
        clips = set(self._rows.products)
        for at, row in enumerate(self._shown):
            if row.product_id is not None:
                self._videos.setdefault(row.product_id, []).append(at)
                if row.product_id not in clips:
                    self._rows.take(2, at, row)

    def _along(
        self, names: list[str], without: set[str | None], draw: np.random.Generator
    ) -> list[Row]:
        """Draw short videos of products, each product's all different."""
        found: list[Row] = []
        for name in names:
            known = [] if name in without else self._videos.get(name, [])
            if known:
                picked = draw.permutation(len(known))[: self._options.videos]
                found += [self._shown[known[at]] for at in picked.tolist()]
        return found

    def _look_alikes(self) -> list[tuple[float, _Order]]:
        """Return what share of the units comes in which order; the rest stays as drawn."""
        options = self._options
        found: list[tuple[float, _Order]] = [(options.alike, self._near)]
        if options.same_shop:
            found.append((options.same_shop, self._of_shops))
        if options.near_title:
            near = near_titles(self._titles, options.neighbours)
            found.append((options.near_title, lambda units: self._beside(units, near)))
        if options.mined:
            mined = read_neighbours(Path(options.negatives))
            known = {name: mined.get(name, ()) for name in self.products}
            kept = {
                name: tuple(one for one in others if one in known) for name, others in known.items()
            }
            found.append((options.mined, lambda units: self._beside(units, kept)))
        return found

    def _drawn_epoch(self, epoch: int) -> tuple[list[int], list[int]]:
        """Return an epoch's rows in order, those of each share of the steps together, and turns."""
        draw = np.random.default_rng([self._seed, epoch])
        units = self._units(draw)
        order: list[int] = []
        begin = 0
        total = 0.0
        for share, arranged in self._orders:
            total += share
            end = round(len(units) * total)
            order += [index for unit in arranged(units[begin:end]) for index in unit]
            begin = end
        order += [index for unit in units[begin:] for index in unit]
        return order, draw.permutation(self.steps_per_epoch).tolist()

    def _units(self, draw: np.random.Generator) -> _Units:
        """Return an epoch's rows in a drawn order, some of one product together."""
        of: dict[str, list[int]] = {}
        for index in draw.permutation(len(self._rows)).tolist():
            of.setdefault(self._rows.products[index], []).append(index)
        views = self._options.views
        units = [rows[at : at + views] for rows in of.values() for at in range(0, len(rows), views)]
        return [units[at] for at in draw.permutation(len(units)).tolist()]

    def _near(self, units: _Units) -> _Units:
        """Return units sorted by kin, each product once before any comes again."""
        seen: Counter[tuple[str, str]] = Counter()
        keyed = []
        for unit in units:
            kin = self._rows.categories[unit[0]], self._titles[self._rows.products[unit[0]]]
            keyed.append((seen[kin], kin, unit))
            seen[kin] += 1
        return [unit for _, _, unit in sorted(keyed)]

    def _of_shops(self, units: _Units) -> _Units:
        names = self._products_of(units)
        shops = [
            self._rows.shops[unit[0]] or self._gallery[self._pages[name][0]].shop
            for unit, name in zip(units, names, strict=True)
        ]
        return [units[at] for at in in_groups(names, shops)]

    def _beside(self, units: _Units, near: Neighbours) -> _Units:
        order = in_neighbourhoods(self._products_of(units), near, self._options.neighbours)
        return [units[at] for at in order]

    def _products_of(self, units: _Units) -> list[str]:
        return [self._rows.products[unit[0]] for unit in units]
