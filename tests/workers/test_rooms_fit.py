"""Sound weight and threshold of a scope, fitted on rooms drawn by hand; a clip is one second.

clip     0    5    10   15   20
truth    [ p      ][ none   ]
"""

import pytest

from models.errors import InputError
from models.segments import Segment
from workers.decision import Threshold
from workers.events import Candidate, Match
from workers.rooms.fit import RoomEvidence, fit_scope
from workers.rooms.scoring import Truth
from workers.tag import Tagger, TagOptions

CLIPS, SOLD = 20, 10
Scored = tuple[str, float, float]


def tagger(stream_id: str, threshold: float) -> Tagger:
    return Tagger(stream_id, {"cart": Threshold(threshold, "tried")}, TagOptions())


def room(name: str, sold: list[Scored], after: list[Scored]) -> RoomEvidence:
    """`sold` are the candidates of the first ten clips, `after` those of the others."""
    matches = [
        Match(
            stream_id=name,
            slot=slot,
            start_ms=1_000 * slot,
            end_ms=1_000 * (slot + 1),
            watermark_ms=1_000 * (slot + 1),
            scope="cart",
            last=slot == CLIPS - 1,
            candidates=tuple(
                Candidate(product_id=product, score=score, by={"sounds": named})
                for product, score, named in (sold if slot < SOLD else after)
            ),
        )
        for slot in range(CLIPS)
    ]
    truth = Truth(
        segments=(Segment("p", 0, 1_000 * SOLD),),
        no_product=((1_000 * SOLD, 1_000 * CLIPS),),
        titles={"p": "P"},
        duration_ms=1_000 * CLIPS,
    )
    return RoomEvidence(matches, truth)


SEEN = room("seen", [("p", 0.7, 0.0), ("q", 0.4, 0.0)], [("p", 0.2, 0.0), ("q", 0.3, 0.0)])
NAMED = room("named", [("p", 0.4, 0.5), ("q", 0.5, 0.0)], [("p", 0.2, 0.0), ("q", 0.1, 0.0)])


def test_where_pictures_tell_all_sounds_get_no_weight() -> None:
    fitted = fit_scope([SEEN], tagger)
    assert (fitted.weight, fitted.mean_f1, fitted.rooms) == (0.0, 1.0, 1)
    assert 0.3 < fitted.threshold <= 0.7


def test_where_only_the_name_tells_sounds_get_the_least_weight_that_does_it() -> None:
    fitted = fit_scope([SEEN, NAMED], tagger)
    assert fitted.weight == 0.5
    assert fitted.mean_f1 == 1.0
    assert fitted.mean_f1_without_sounds == 0.5


def test_a_product_that_is_not_sold_lies_below_the_threshold() -> None:
    loud = room("loud", [("p", 0.7, 0.0), ("q", 0.4, 0.0)], [("p", 0.2, 0.0), ("q", 0.6, 0.0)])
    fitted = fit_scope([loud, SEEN], tagger)
    assert 0.6 < fitted.threshold <= 0.7


def test_clips_without_candidates_accept_nothing() -> None:
    silent = room("silent", [("p", 0.7, 0.0)], [])
    assert fit_scope([silent], tagger).mean_f1 == 1.0


@pytest.mark.parametrize("rooms", [[], [room("empty", [], [])]])
def test_rooms_without_any_candidate_are_refused(rooms: list[RoomEvidence]) -> None:
    with pytest.raises(InputError, match="nothing to fit"):
        fit_scope(rooms, tagger)
