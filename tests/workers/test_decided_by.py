"""Which modality tells a product from the likeliest other one."""

import pytest

from models.evidence import EvidenceWeights
from tests.workers.tag_rooms import pushed
from tests.workers.test_tag_several import clip, scored
from workers.decided_by import decided_by
from workers.decision import Threshold
from workers.events import Candidate, Scope
from workers.tag import Tagger, TagOptions

RULE = Threshold(
    0.5,
    "test",
    "f1",
    evidence=(
        EvidenceWeights(-15.0, {"vision": 20.0}),
        EvidenceWeights(-5.0, {"speech": 8.0, "sounds": 10.0}),
        EvidenceWeights(-18.0, {"vision": 20.0, "speech": 4.0, "sounds": 10.0}),
    ),
)
LARGE = scored("large", 0.9, vision=0.93, speech=0.8, sounds=0.4)
SMALL = scored("small", 0.89, vision=0.93, speech=0.7, sounds=0.2)
OTHER = scored("other", 0.5, vision=0.5, speech=0.85, sounds=0.35)
SHOWN = scored("shown", 0.9, vision=0.95)
BESIDE = scored("beside", 0.6, vision=0.6)


@pytest.mark.parametrize(
    ("candidates", "modality"),
    [
        # Look-alikes differ in what is said, different things in what is seen.
        ((LARGE, SMALL, OTHER), "speech"),
        ((LARGE, OTHER), "vision"),
        ((SHOWN, BESIDE), "vision"),
        ((LARGE,), "vision"),
    ],
)
def test_the_modality_that_is_furthest_ahead_of_the_likeliest_other_decides(
    candidates: tuple[Candidate, ...], modality: str
) -> None:
    assert decided_by(candidates[0].product_id, candidates, RULE) == modality


@pytest.mark.parametrize(
    ("product_id", "candidates", "rule"),
    [
        ("gone", (LARGE, SMALL), RULE),
        ("beside", (SHOWN, BESIDE), RULE),
        ("large", (LARGE, SMALL), Threshold(0.5, "test", "f1")),
        ("large", (), RULE),
    ],
)
def test_nothing_decides_for_what_is_not_ahead_or_not_told_apart(
    product_id: str, candidates: tuple[Candidate, ...], rule: Threshold
) -> None:
    assert decided_by(product_id, candidates, rule) is None


def test_a_tag_says_what_decided_it_and_how_sure_it_is() -> None:
    rules: dict[Scope, Threshold] = {"catalogue": RULE}
    tagger = Tagger("room", rules, TagOptions(update_every=0))
    tags = pushed(tagger, [clip(slot, LARGE, SMALL) for slot in range(4)])
    assert [tag.product_id for tag in tags] == ["large"]
    assert tags[0].evidence.decided_by == "speech"
    assert 0.8 <= (tags[0].evidence.belief or 0.0) <= 1.0


def test_what_is_said_of_look_alikes_outweighs_scores_that_are_the_other_way_round() -> None:
    # The fused score is a little better for the small one, but the large one's name is heard.
    rules: dict[Scope, Threshold] = {"catalogue": RULE}
    large = LARGE.model_copy(update={"score": 0.88})
    tagger = Tagger("room", rules, TagOptions(update_every=0))
    tags = pushed(tagger, [clip(slot, SMALL, large) for slot in range(6)])
    assert [tag.product_id for tag in tags] == ["large"]
