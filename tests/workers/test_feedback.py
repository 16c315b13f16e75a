"""Which clips of which tags a trainer may believe."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from tests.workers.feedback_events import said, tag
from workers.events import Correction, Tag
from workers.feedback import FeedbackOptions, believed, read_events


def test_a_confirmed_tag_gives_a_clip_for_every_event_but_its_end() -> None:
    tags = [tag(slot=3), tag(slot=5, status="updated"), tag(slot=9, status="ended")]
    found = believed(tags, [said("right")])
    assert [(one.slot, one.product_id, one.source) for one in found.clips] == [
        (3, "a", "correction"),
        (5, "a", "correction"),
    ]
    assert found.clips[0].summary == "the a"
    assert not found.left_out


def test_a_correction_beats_the_tag_and_drops_its_summary() -> None:
    clip = believed([tag()], [said("wrong_product", product_id="b")]).clips[0]
    assert (clip.product_id, clip.summary, clip.verdict, clip.by) == (
        "b",
        None,
        "wrong_product",
        "ada",
    )
    assert clip.transcript == "so here is a 3"


def test_a_rejected_tag_becomes_a_clip_of_no_product() -> None:
    assert believed([tag()], [said("no_product")]).clips[0].product_id is None


def test_the_last_correction_counts() -> None:
    found = believed([tag()], [said("no_product"), said("wrong_product", product_id="c")])
    assert [one.product_id for one in found.clips] == ["c"]


def test_corrected_times_cut_frames_and_clips() -> None:
    # Frames at 7,500 and 8,000 ms; at 12,500 and 13,000 ms.
    tags = [tag(slot=3), tag(slot=5, status="updated")]
    found = believed(tags, [said("wrong_times", start_ms=8_000, end_ms=12_500)])
    assert [[frame.at_ms for frame in one.frames] for one in found.clips] == [[8_000]]
    outside = believed(tags, [said("wrong_times", start_ms=90_000)])
    assert list(outside.left_out) == [
        "no picture of the tag lies within the times that the correction gives"
    ]


def test_an_unreviewed_tag_needs_its_margin() -> None:
    sure, doubtful = tag(score=0.62), tag("t2", score=0.58)
    found = believed([sure, doubtful], [], FeedbackOptions(margin=0.1))
    assert [(one.tag_id, one.source) for one in found.clips] == [("t1", "tag")]
    assert sum(found.left_out.values()) == 1
    assert not believed([sure], [], FeedbackOptions(margin=None)).clips


@pytest.mark.parametrize(
    ("correction", "reason"),
    [
        (said("wrong_product"), "not which is right"),
        (said("wrong_times"), "not which are right"),
        (said("right", "t9"), "not among the tags"),
    ],
)
def test_useless_corrections_are_counted_with_their_reason(
    correction: Correction, reason: str
) -> None:
    found = believed([tag(score=0.5)], [correction])
    assert not found.clips
    assert any(reason in one for one in found.left_out)


def test_events_that_came_twice_count_once() -> None:
    assert len(believed([tag(), tag()], [said("right"), said("right")]).clips) == 1


def test_clip_that_does_not_show_the_product_teaches_nothing() -> None:
    demoted = tag(slot=5, status="updated")
    unseen = demoted.evidence.model_copy(update={"shows": False})
    demoted = demoted.model_copy(update={"primary": False, "evidence": unseen})
    found = believed([tag(slot=3, score=0.9), demoted.model_copy(update={"score": 0.9})], [])
    assert [one.slot for one in found.clips] == [3]


def test_tag_that_was_withdrawn_teaches_nothing_unless_a_person_spoke_about_it() -> None:
    gone = tag(slot=5, status="corrected", score=0.9).model_copy(update={"withdrawn": True})
    found = believed([tag(slot=3, score=0.9), gone], [])
    assert not found.clips
    assert list(found.left_out) == ["late media have shown that there was no such sale"]
    assert believed([tag(slot=3), gone], [said("no_product")]).clips[0].product_id is None


EVENTS = st.builds(
    tag,
    tag_id=st.sampled_from(["t1", "t2", "t3"]),
    status=st.sampled_from(["started", "updated", "corrected", "ended"]),
    slot=st.integers(0, 9),
    score=st.sampled_from([0.5, 0.9]),
)
WORDS = st.sampled_from(["right", "no_product", "wrong_times", "wrong_product"])
SAID = st.builds(said, WORDS, tag_id=st.sampled_from(["t1", "t2", "t4"]))


@given(st.lists(EVENTS, max_size=8), st.lists(SAID, max_size=4))
def test_every_tag_teaches_or_is_counted(tags: list[Tag], corrections: list[Correction]) -> None:
    found = believed(tags, corrections)
    named = {one.tag_id for one in tags}
    teaching = {one.tag_id for one in found.clips}
    lost = len(named - teaching) + len({one.tag_id for one in corrections} - named)
    assert sum(found.left_out.values()) == lost


def test_files_are_read_and_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_text(f"{said('right').model_dump_json()}\n\n")
    assert read_events(Correction, path) == [said("right")]
    path.write_text('{"stream_id": "monday", "tag_id": "t1", "verdict": "maybe"}\n')
    with pytest.raises(InputError, match="line 1 is no correction: verdict"):
        read_events(Correction, path)
    with pytest.raises(InputError, match="cannot read"):
        read_events(Tag, tmp_path / "none.jsonl")
