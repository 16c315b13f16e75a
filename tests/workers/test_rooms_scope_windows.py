"""Clips of rooms drawn by hand, as scopes see them; a clip is two seconds, one a second.

seconds  0    5    10   15   20
truth    [ p      ][ none   ]
"""

import numpy as np
import pytest

from models.scope_calibration import ScopeClips
from models.segments import Segment
from workers.events import Candidate, Match
from workers.rooms.fit import RoomEvidence
from workers.rooms.scope_windows import Shops, clips_of_scopes, scope_clips, sold_in
from workers.rooms.scoring import Truth

TRUTH = Truth(
    segments=(Segment("p", 0, 10_000),),
    no_product=((10_000, 20_000),),
    titles={"p": "P"},
    duration_ms=20_000,
)
Scored = tuple[str, float, float]


def clip(second: int, *scored: Scored, room: str = "room") -> Match:
    return Match(
        stream_id=room,
        slot=second,
        start_ms=1_000 * second,
        end_ms=1_000 * second + 2_000,
        watermark_ms=0,
        candidates=tuple(
            Candidate(product_id=product, score=score, by={"sounds": named})
            for product, score, named in scored
        ),
    )


def rows(clips: ScopeClips) -> list[tuple[float, bool, bool]]:
    columns = (clips.scores.round(6).tolist(), clips.right.tolist(), clips.shown.tolist())
    return list(zip(*columns, strict=True))


def seen(*clips: Match, truth: Truth = TRUTH) -> list[RoomEvidence]:
    return [RoomEvidence(clips, truth)]


@pytest.mark.parametrize(("second", "sold"), [(0, {"p"}), (8, {"p"}), (9, {"p"}), (10, set())])
def test_a_clip_shows_what_is_sold_during_half_of_it(second: int, sold: set[str]) -> None:
    assert sold_in(clip(second), TRUTH) == sold


def test_two_products_at_once_are_both_right() -> None:
    pair = Truth((Segment("p", 0, 5_000), Segment("q", 0, 5_000)), (), {}, 5_000)
    found = scope_clips(seen(clip(0, ("q", 0.9, 0.0), ("x", 0.8, 0.0)), truth=pair), 0.0,
                        taken_out=True)  # fmt: skip
    assert rows(found) == [(0.9, True, True), (0.8, False, False)]


def test_the_best_candidate_of_each_clip_is_right_or_not() -> None:
    some = seen(
        clip(0, ("q", 0.4, 0.0), ("p", 0.7, 0.0)),
        clip(1, ("p", 0.3, 0.0), ("q", 0.6, 0.0)),
        clip(12, ("p", 0.5, 0.0), ("q", 0.2, 0.0)),
        clip(13),
    )
    found = scope_clips(some, 0.0, taken_out=False)
    assert rows(found) == [(0.7, True, True), (0.6, False, True), (0.5, False, False)]
    assert found.rooms == ("room",) * 3


def test_a_product_that_is_taken_out_leaves_a_clip_without_one() -> None:
    some = seen(
        clip(0, ("p", 0.7, 0.0), ("q", 0.4, 0.0)),
        clip(1, ("p", 0.8, 0.0)),
        clip(2, ("q", 0.6, 0.0)),
        clip(12, ("q", 0.5, 0.0)),
    )
    found = scope_clips(some, 0.0, taken_out=True)
    # Of the second clip nothing is left; the third and the last have none to take out.
    expected = [(0.7, True, True), (0.4, False, False), (0.8, True, True), (0.6, False, False),
                (0.5, False, False)]  # fmt: skip
    assert rows(found) == expected


def test_names_that_were_heard_count_as_they_will_be_served() -> None:
    some = seen(clip(0, ("q", 0.6, 0.0), ("p", 0.4, 0.5)))
    assert rows(scope_clips(some, 0.0, taken_out=False)) == [(0.6, False, True)]
    # 1 − .6·.5²
    assert rows(scope_clips(some, 2.0, taken_out=False)) == [(0.85, True, True)]


def test_equal_scores_go_by_id_as_live() -> None:
    some = seen(clip(0, ("q", 0.6, 0.0), ("p", 0.6, 0.0)))
    assert rows(scope_clips(some, 0.0, taken_out=False)) == [(0.6, True, True)]


def test_each_scope_holds_its_own_products() -> None:
    cart = seen(clip(0, ("p", 0.7, 0.0)), clip(12, ("p", 0.2, 0.0)))
    wide = (("p", 0.7, 0.0), ("q", 0.75, 0.0), ("x", 0.9, 0.0))
    catalogue = seen(clip(0, *wide), clip(12, *wide))
    shops = Shops({"p": "hearth", "q": "hearth", "x": "other", "y": ""}, {})
    found = clips_of_scopes(cart, catalogue, {}, shops, taken_out=False)
    assert rows(found["cart"]) == [(0.7, True, True), (0.2, False, False)]
    assert rows(found["shop"]) == [(0.75, False, True), (0.75, False, False)]
    assert rows(found["catalogue"]) == [(0.9, False, True), (0.9, False, False)]
    named = Shops(shops.products, {"room": "other"})
    elsewhere = clips_of_scopes(cart, catalogue, {}, named, taken_out=False)["shop"]
    # What is sold is not of the room's shop: there is nothing right to find in it.
    assert rows(elsewhere) == [(0.9, False, False)] * 2


def test_a_room_in_which_nothing_is_sold_stands_in_any_shop() -> None:
    idle = Truth((), ((0, 20_000),), {}, 20_000)
    some = seen(clip(0, ("x", 0.9, 0.0)), truth=idle)
    shops = Shops({"x": "other"}, {"room": ""})
    assert rows(clips_of_scopes(some, some, {}, shops, taken_out=True)["shop"]) == [
        (0.9, False, False)
    ]


def test_rooms_without_a_candidate_have_no_clips() -> None:
    found = scope_clips(seen(clip(0), clip(1)), 0.0, taken_out=True)
    assert (found.scores.shape, found.rooms) == ((0,), ())
    assert found.right.dtype == np.bool_
