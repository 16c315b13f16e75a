"""The six directions between pages, short videos and live clips: who asks, who is searched.

In: an examined encoder and a split. Out: one ranking for each direction and each thing that may be
looked at. P, V and L stand for page, video and live, as in COPE and AMPere (papers: ICCV 2023;
arXiv 2408.02978).

What a search may look at is cut from the query alone; the gallery shows all that it has. Clips of
no product stay in a gallery, where they are never right. Queries without a right row in the
gallery are ranked, but are in no figure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from models.batch import Domain
from models.exam import Exam
from models.found import Groups, groups_of
from models.manifest import Split
from models.ranking import Ints, Ranked, rank
from models.score_blocks import BlockScorer
from models.sides import SEEN, Seen, Side

Direction = Literal["P2V", "V2P", "P2L", "L2P", "V2L", "L2V"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
PageRange = Literal["all", "split"]
PAGE_RANGES: tuple[PageRange, ...] = get_args(PageRange)
_DOMAIN: dict[str, Domain] = {"P": "page", "V": "video", "L": "live"}


@dataclass(frozen=True)
class Search:
    """Which rows meet."""

    split: Split
    pages: PageRange = "all"
    """`all` pages of the manifest, as a shop has them, or those of the split, as in ROPE's test."""
    most: int | None = None
    """Clips of a domain at most; none: all."""
    prefix: int | None = None
    """First numbers of every vector that are looked at; none: all."""


@dataclass(frozen=True)
class Answered:
    """One direction, looked at in one way."""

    direction: Direction
    seen: Seen
    queries: Side
    """Those that have what is looked at."""
    gallery: Side
    ranked: Ranked
    """(Q,)."""
    groups: Groups
    """Of the queries."""

    @property
    def of_product(self) -> Ints:
        """Queries that are of a product."""
        return np.flatnonzero(self.queries.products >= 0)


def sides_of(exam: Exam, direction: Direction, search: Search) -> tuple[Side, Side] | None:
    """Return who asks and who is searched; none where there are no such rows."""
    asks = _side(exam, _DOMAIN[direction[0]], search)
    searched = _side(exam, _DOMAIN[direction[2]], search)
    return None if asks is None or searched is None else (asks, searched)


def answers(
    exam: Exam,
    search: Search,
    directions: Sequence[Direction] = DIRECTIONS,
    ways: Sequence[Seen] = SEEN,
) -> Iterator[Answered]:
    """Yield a ranking for each direction and way that there are rows for.

    Raises:
        InputError: vectors of this encoder have no such prefix.
    """
    for direction in directions:
        sides = sides_of(exam, direction, search)
        if sides is None:
            continue
        asks, searched = sides
        vectors = exam.encoder.fuse(searched.parts)[0]
        scorer = BlockScorer(exam.encoder.layout, vectors, search.prefix)
        for how in ways:
            parts, usable = asks.seen(how)
            chosen = np.flatnonzero(usable)
            products = asks.products[chosen]
            answerable = np.isin(products[products >= 0], searched.products)
            if not _worth(how, asks) or not answerable.any():
                continue
            queries = asks.take(chosen)
            asked = exam.encoder.fuse(parts)[0][chosen]
            ranked = rank(scorer, asked, queries.products, searched.products)
            yield Answered(direction, how, queries, searched, ranked, groups_of(queries.rows))


def _worth(how: Seen, asks: Side) -> bool:
    """Whether a way says more than the picture alone does."""
    return how != "textless" or bool(asks.parts.has_text.any())


def _side(exam: Exam, domain: Domain, search: Search) -> Side | None:
    side = exam.side(domain, search.split, search.most)
    if side is None or domain != "page" or search.pages == "all":
        return side
    chosen = [at for at, row in enumerate(side.rows) if row.split == search.split]
    return side.take(np.array(chosen, dtype=np.int64)) if chosen else None
