"""Clips of made rooms as a scope sees them: with its product, without, and with it taken out.

In: matches of whole rooms by the vector alone, with every candidate, and the rooms' truth. Out: the
best candidate of each clip, and whether it is what is being sold. What a clip shows is what is sold
during at least half of it; a clip that shows less is one without product. Rooms have few of those,
so every clip with a product can count a second time as if the scope did not hold it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.calibrate import Scope
from models.scope_calibration import ScopeClips
from models.sound_scores import combined
from workers.events import Candidate, Match
from workers.rooms.fit import RoomEvidence
from workers.rooms.scoring import Truth

Within = Callable[[Match, Truth], Collection[str] | None]
"""The products of the scope at a clip; none: all candidates."""


@dataclass(frozen=True)
class Shops:
    """Who sells what."""

    products: Mapping[str, str]
    """The shop of each product, perhaps empty."""
    rooms: Mapping[str, str]
    """The shop that each room names, perhaps empty."""

    def within(self, match: Match, truth: Truth) -> Collection[str] | None:
        """Return the products of a room's shop: that of what is sold, if the room names none."""
        sold = [*sorted(sold_in(match, truth)), *(one.product_id for one in truth.segments)]
        named = [self.rooms.get(match.stream_id), *(self.products.get(one) for one in sold)]
        shop = next((one for one in named if one), None)
        # A room in which nothing is sold may stand in any shop.
        return None if shop is None else {one for one, of in self.products.items() if of == shop}


def everything(match: Match, truth: Truth) -> None:
    """Let every candidate be in the scope."""
    del match, truth


def scope_clips(
    rooms: Sequence[RoomEvidence], weight: float, *, taken_out: bool, within: Within = everything
) -> ScopeClips:
    """Return the clips that have a candidate.

    Args:
        rooms: matches made with a sound weight of 0.
        weight: of heard names, as it will be served with.
        taken_out: whether a clip with a product counts again without it.
        within: what the scope holds.
    """
    rows = [row for room in rooms for row in _rows(room, weight, taken_out, within)]
    scores, right, shown, names = zip(*rows, strict=True) if rows else ((), (), (), ())
    return ScopeClips(
        np.array(scores, dtype=np.float64),
        np.array(right, dtype=bool),
        np.array(shown, dtype=bool),
        tuple(names),
    )


def sold_in(match: Match, truth: Truth) -> frozenset[str]:
    """Return what is sold during at least half of a clip."""
    half_ms = (match.end_ms - match.start_ms) / 2
    return frozenset(
        one.product_id
        for one in truth.segments
        if min(one.end_ms, match.end_ms) - max(one.start_ms, match.start_ms) >= half_ms > 0
    )


def clips_of_scopes(
    cart: Sequence[RoomEvidence],
    catalogue: Sequence[RoomEvidence],
    weights: Mapping[str, float],
    shops: Shops,
    *,
    taken_out: bool,
) -> dict[Scope, ScopeClips]:
    """Return the clips of every scope.

    Args:
        cart: matches of rooms in their carts, made with a sound weight of 0.
        catalogue: the same in the whole catalogue; a shop's are those of its products among them.
        weights: of heard names, by scope; none: 0.
        shops: who sells what.
        taken_out: whether a clip with a product counts again without it.
    """
    return {
        scope: scope_clips(rooms, weights.get(scope, 0.0), taken_out=taken_out, within=within)
        for scope, (rooms, within) in scope_sides(cart, catalogue, shops).items()
    }


def scope_sides(
    cart: Sequence[RoomEvidence], catalogue: Sequence[RoomEvidence], shops: Shops
) -> dict[Scope, tuple[Sequence[RoomEvidence], Within]]:
    """Return which matches each scope is judged by, and what it holds.

    Args:
        cart: matches of rooms in their carts.
        catalogue: the same in the whole catalogue; a shop's are those of its products among them.
        shops: who sells what.
    """
    return {
        "cart": (cart, everything),
        "shop": (catalogue, shops.within),
        "catalogue": (catalogue, everything),
    }


def _rows(
    room: RoomEvidence, weight: float, taken_out: bool, within: Within
) -> Iterator[tuple[float, bool, bool, str]]:
    for match in room.matches:
        sold, held = sold_in(match, room.truth), within(match, room.truth)
        found = [one for one in match.candidates if held is None or one.product_id in held]
        shown = sold & {one.product_id for one in found}
        for some in [found, *([_without(found, shown)] if taken_out and shown else [])]:
            if some:
                score, name = min(
                    (-combined(one.score, one.by.get("sounds", 0.0), weight), one.product_id)
                    for one in some
                )
                yield -score, name in shown, bool(shown) and some is found, match.stream_id


def _without(candidates: Sequence[Candidate], ids: Collection[str]) -> list[Candidate]:
    return [one for one in candidates if one.product_id not in ids]
