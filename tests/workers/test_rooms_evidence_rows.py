"""Which candidates of made rooms the weights of evidence are fitted on."""

import numpy as np
import pytest

from models.evidence_fit import fit_evidence
from models.segments import Segment
from workers.events import Candidate, Match
from workers.rooms.evidence_rows import evidence_of_scopes, scope_evidence
from workers.rooms.fit import RoomEvidence
from workers.rooms.scope_windows import Shops
from workers.rooms.scoring import Truth

# clip      0     1     2     3     4     5     6        one every 2.5 s, 5 s long
# sold      |--- A, 0 to 10 s ---|   nothing   |         clips 0 to 2 are of A, 4 on of nothing,
TRUTH = Truth((Segment("A", 0, 10_000),), (), {}, 22_500)  # and clip 3 is of both


def match(slot: int, *candidates: Candidate) -> Match:
    return Match(
        stream_id="room", slot=slot, start_ms=slot * 2_500, end_ms=slot * 2_500 + 5_000,
        watermark_ms=slot * 2_500 + 5_000, candidates=candidates, fingerprint="f1",
    )  # fmt: skip


def candidate(product: str, **by: float) -> Candidate:
    return Candidate(product_id=product, score=0.5, by=by)


def room(*senses: str) -> RoomEvidence:
    draws = np.random.default_rng(1)

    def by(level: float) -> dict[str, float]:
        return {one: round(level + float(draws.normal(0, 0.1)), 2) for one in senses}

    clips = [
        match(slot, candidate("A", **by(0.7 if slot < 4 else 0.5)), candidate("B", **by(0.5)))
        for slot in range(7)
    ]
    return RoomEvidence(clips, TRUTH)


def test_clips_at_a_change_do_not_count_and_what_is_not_sold_is_wrong() -> None:
    seen = room("vision")
    rows = [
        (one.by["vision"], one.product_id == "A" and clip.slot < 3)
        for clip in seen.matches
        if clip.slot != 3
        for one in clip.candidates
    ]
    scores, right = zip(*rows, strict=True)
    assert sum(right) == 3
    assert scope_evidence([seen]) == (fit_evidence(np.array(scores)[:, None], right, ["vision"]),)


def test_clips_with_both_are_weighed_by_each_and_by_both() -> None:
    fitted = scope_evidence([room("vision", "speech", "sounds")])
    assert [sorted(one.weights) for one in fitted] == [
        ["vision"], ["sounds", "speech", "variant"], ["sounds", "speech", "variant", "vision"]
    ]  # fmt: skip


def test_room_without_words_says_nothing_of_them() -> None:
    assert [sorted(one.weights) for one in scope_evidence([room("vision")])] == [["vision"]]


def test_nothing_is_fitted_where_no_clip_is_right() -> None:
    nothing = RoomEvidence([match(0, candidate("A", vision=0.9))], Truth((), (), {}, 22_500))
    assert scope_evidence([nothing]) == ()


def test_a_shop_is_fitted_on_its_own_products_alone() -> None:
    rooms = [room("vision")]
    shops = Shops({"A": "tea", "B": "toys"}, {"room": "tea"})
    found = evidence_of_scopes(rooms, rooms, shops)
    assert found["cart"] == found["catalogue"] == scope_evidence(rooms)
    own = [
        RoomEvidence([one.model_copy(update={"candidates": one.candidates[:1]})
                      for one in rooms[0].matches], TRUTH)
    ]  # fmt: skip
    assert found["shop"][0].weights["vision"] == pytest.approx(
        scope_evidence(own)[0].weights["vision"]
    )
