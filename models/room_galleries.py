"""LPR4M's task: each clip searches the pages of its own live room only.

In: clips and pages. Out: rank-k hit rates over clips, k of 1, 3, 5 and 10 (RICE, ICCV 2023).

Pages of a room are the page rows with its `stream_id`. A room that has none searches the pages of
its shop: those whose `shop` is that of its clips. A room with neither is left out and counted.
"""

from dataclasses import dataclass

import numpy as np

from models.directions import Search, sides_of
from models.evaluate import interval_of_several
from models.exam import Exam
from models.ranking import Ints, rank
from models.score_blocks import BlockScorer
from models.sides import SEEN, Seen, Side

CUTS = (1, 3, 5, 10)


@dataclass(frozen=True)
class RoomHits:
    """How clips found their product in their room."""

    queries: int
    left_out: int
    """Clips of products whose room has no pages, or none of the product."""
    rooms: int
    rooms_without_pages: int
    gallery: float
    """Pages of a room, mean over clips."""
    hit_at: dict[str, float]
    """Share of the clips with a right page among the first k."""
    intervals: dict[str, tuple[float, float] | None]
    """95 %, by resampling rooms; none where there is but one."""


def pages_of_rooms(clips: Side, pages: Side) -> dict[str, Ints]:
    """Return which pages each room of the clips searches; empty where it has none."""
    by_room: dict[str, list[int]] = {}
    by_shop: dict[str, list[int]] = {}
    for at, row in enumerate(pages.rows):
        if row.stream_id is not None:
            by_room.setdefault(row.stream_id, []).append(at)
        if row.shop is not None:
            by_shop.setdefault(row.shop, []).append(at)
    shops: dict[str, set[str]] = {}
    for row in clips.rows:
        if row.stream_id is not None:
            shops.setdefault(row.stream_id, set()).update({row.shop} - {None})  # type: ignore[arg-type]
    found = {}
    for room, names in shops.items():
        own = by_room.get(room) or [at for name in sorted(names) for at in by_shop.get(name, [])]
        found[room] = np.array(own, dtype=np.int64)
    return found


def room_hits(exam: Exam, search: Search) -> dict[Seen, RoomHits]:
    """Return the hit rates by what is looked at; empty where clips name no rooms."""
    sides = sides_of(exam, "L2P", search)
    if sides is None:
        return {}
    clips, pages = sides
    galleries = pages_of_rooms(clips, pages)
    rooms = np.array([row.stream_id or "" for row in clips.rows])
    found: dict[Seen, RoomHits] = {}
    for how in SEEN:
        usable = clips.seen(how)[1] & (clips.products >= 0) & (rooms != "")
        if how == "textless" and not clips.parts.has_text.any():
            continue
        hits = _hits(exam, search, (clips, pages), how, galleries, np.flatnonzero(usable))
        if hits is not None:
            found[how] = hits
    return found


def _hits(
    exam: Exam,
    search: Search,
    sides: tuple[Side, Side],
    how: Seen,
    galleries: dict[str, Ints],
    chosen: Ints,
) -> RoomHits | None:
    clips, pages = sides
    vectors = exam.encoder.fuse(pages.parts)[0]
    asked = exam.encoder.fuse(clips.seen(how)[0])[0]
    before = np.full(len(clips), -1, dtype=np.int64)
    sizes, number = np.zeros(len(clips)), np.zeros(len(clips), dtype=np.int64)
    of_room = [clips.rows[at].stream_id for at in chosen]
    for turn, (room, own) in enumerate(galleries.items()):
        at = chosen[[name == room for name in of_room]]
        if not len(own) or not len(at):
            continue
        scorer = BlockScorer(exam.encoder.layout, vectors[own], search.prefix)
        before[at] = rank(scorer, asked[at], clips.products[at], pages.products[own]).before
        sizes[at], number[at] = len(own), turn
    asks = chosen[before[chosen] >= 0]
    if not len(asks):
        return None
    hits = {str(k): (before[asks] < k).astype(np.float64) for k in CUTS}
    return RoomHits(
        queries=len(asks),
        left_out=len(chosen) - len(asks),
        rooms=len(np.unique(number[asks])),
        rooms_without_pages=sum(not len(own) for own in galleries.values()),
        gallery=float(sizes[asks].mean()),
        hit_at={k: float(values.mean()) for k, values in hits.items()},
        intervals={k: interval_of_several(values, number[asks]) for k, values in hits.items()},
    )
