"""What variants are called, and how low each stage has to go for a rung to be felt."""

import pytest

from workers.events import LoadRung
from workers.rooms.variants import StageName, Variant, felt


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        (Variant(), "cart-both"),
        (Variant("catalogue", "speech", sounds=False), "catalogue-speech-no-sounds"),
        (Variant(modality="vision", sounds=False), "cart-vision"),
        (Variant(rung="larger_hop"), "cart-both-larger_hop"),
        (Variant(sets=("tag.enter=3", "tag.leave=2")), "cart-both-tag.enter=3-tag.leave=2"),
    ],
)
def test_a_name_tells_what_is_not_as_ever(variant: Variant, name: str) -> None:
    assert variant.name == name


@pytest.mark.parametrize(
    ("stage", "rung", "as_at"),
    [
        ("asr", "fewer_frames", "full"),
        ("asr", "extractive", "larger_hop"),
        ("asr", "vision_only", "vision_only"),
        ("summarize", "larger_hop", "full"),
        ("summarize", "extractive", "extractive"),
        ("embed", "extractive", "fewer_frames"),
        ("tag", "vision_only", "full"),
    ],
)
def test_a_rung_that_a_stage_does_not_feel_costs_no_new_recording(
    stage: StageName, rung: LoadRung, as_at: LoadRung
) -> None:
    assert felt(stage, rung) == as_at
