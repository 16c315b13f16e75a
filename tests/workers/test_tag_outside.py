"""Products outside of a room's cart: weighed beside those in it, and less likely from the start."""

import pytest

from models.evidence import EvidenceWeights
from tests.workers.tag_rooms import OPTIONS, pushed
from tests.workers.test_tag_several import clip, scored
from workers.decision import Threshold
from workers.events import Candidate, Match, Scope, ScopeStep, Tag
from workers.tag import Tagger

EVIDENCE = (EvidenceWeights(-15.0, {"vision": 20.0}),)
RULES: dict[Scope, Threshold] = {
    "cart": Threshold(0.8, "cart-1", "f1", precision=0.8, evidence=EVIDENCE),
    "catalogue": Threshold(0.85, "catalogue-1", "f1", precision=0.9, evidence=EVIDENCE),
}
STEPS = (
    ScopeStep(scope="cart", outcome="believed"),
    ScopeStep(scope="catalogue", outcome="believed"),
)


def tags(*candidates: Candidate, beside: Candidate) -> list[Tag]:
    there = beside.model_copy(update={"scope": "catalogue"})
    extra = {"scope": "cart", "steps": STEPS, "beside": (there,)}
    matches: list[Match] = [
        clip(slot, *candidates, last=slot == 7).model_copy(update=extra) for slot in range(8)
    ]
    return pushed(Tagger("room", RULES, OPTIONS), matches)


def test_a_much_better_product_outside_of_the_cart_is_told_with_its_own_scope() -> None:
    told = tags(
        scored("small", 0.9, vision=0.82), scored("other", 0.5, vision=0.5),
        beside=scored("large", 0.97, vision=0.98),
    )  # fmt: skip
    assert {tag.product_id for tag in told} == {"large"}
    evidence = told[0].evidence
    assert (evidence.scope, evidence.threshold_version) == ("catalogue", "catalogue-1")
    assert (evidence.threshold, evidence.precision) == (0.85, 0.9)
    assert [one.product_id for one in evidence.candidates] == ["small", "other", "large"]
    assert evidence.decided_by == "vision"


def test_a_product_outside_that_is_a_little_better_is_not_believed() -> None:
    told = tags(scored("small", 0.9, vision=0.88), beside=scored("large", 0.91, vision=0.905))
    assert {tag.product_id for tag in told} == {"small"}
    assert told[0].evidence.scope == "cart"
    assert [one.product_id for one in told[0].evidence.candidates] == ["small"]


@pytest.mark.parametrize("steps", [STEPS[1:], (ScopeStep(scope="cart", outcome="empty"), STEPS[1])])
def test_nothing_is_outside_where_there_is_no_cart_or_none_of_it_is_indexed(
    steps: tuple[ScopeStep, ...],
) -> None:
    wide = {"scope": "catalogue", "steps": steps}
    two = scored("small", 0.9, vision=0.88), scored("large", 0.91, vision=0.905)
    matches = [clip(slot, *two[::-1]).model_copy(update=wide) for slot in range(6)]
    told = pushed(Tagger("room", RULES, OPTIONS), matches)
    started = [(tag.product_id, tag.slot) for tag in told if tag.status == "started"]
    assert started == [("large", 3)]


def test_a_clip_of_another_index_says_nothing_of_what_is_beside_either() -> None:
    far = scored("large", 0.97, vision=0.98).model_copy(update={"scope": "catalogue"})
    last = clip(0, scored("small", 0.9, vision=0.9), last=True).model_copy(
        update={"scope": "cart", "steps": STEPS, "beside": (far,), "fingerprint": "another"}
    )
    assert pushed(Tagger("room", RULES, OPTIONS), [last]) == []
