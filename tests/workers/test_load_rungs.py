"""What each rung leaves out, and that the lowest one travels from the words to the tags."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError
from tests.tiny_vision import ColourAndWords, image_bytes, picture
from tests.workers.tag_rooms import RULE
from tests.workers.tag_rooms import room as shown
from tests.workers.test_align import feed, frame, in_order, room, summary
from tests.workers.test_align import transcript as heard
from tests.workers.test_rolling_text import OPTIONS, titles
from tests.workers.test_summarize import Scripted
from tests.workers.windows import transcript, window
from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.encode import ClipEncoder
from workers.events import FrameRef, GridEvent, LoadRung, Match, Summary, Tag, Vector
from workers.index import ProductIndex
from workers.ladder import RUNGS, lowest
from workers.match import Matcher
from workers.milvus import MilvusOptions
from workers.rolling_text import RollingText
from workers.summarize import Summarizer
from workers.summarizers.protocol import Draft, WindowText
from workers.tag import Tagger, TagOptions
from workers.tag_state import state_of_one_open

ALIGN = AlignOptions(words_before_ms=0, summary_reach_ms=1_000, early=False)
ANY = st.sampled_from(RUNGS)
NO_INDEX = ProductIndex(MilvusOptions("http://127.0.0.1:1"))
"""Connects when it is first asked, which it is not."""


def windows(rungs: Sequence[LoadRung]) -> list[WindowText]:
    """Windows of 6 s every 2 s, of one transcript for each rung."""
    machine = RollingText("room", OPTIONS, titles)
    events = (
        transcript(slot, last=slot == len(rungs) - 1).model_copy(update={"load_rung": rung})
        for slot, rung in enumerate(rungs)
    )
    return [job for event in events for job in machine.push(event)]


def summed_up(rung: LoadRung, text: str = "so this is the perrin kettle") -> tuple[Summary, int]:
    """Return the summary of a window at a rung, and how often the back end was asked."""
    writer = Scripted(Draft("Perrin Kettle", product_id="p0"))
    job = window(text, "Perrin Kettle", "Wool Scarf").lowered(rung)
    (outcome,) = Summarizer(writer).process([job])
    assert isinstance(outcome, list)
    (made,) = outcome
    assert isinstance(made, Summary)
    return made, len(writer.asked)


def test_window_has_the_lowest_rung_of_its_transcripts() -> None:
    # seconds    0    1    2    3    4    5    6    7    8    9   10
    # heard at   full full hop  full full full full full full full
    # windows    |----0---|
    #            |--------1---------|
    #            |-------------2-------------|
    #                      |-------------3------------|
    #                                |------------4-------------|  (last)
    rungs: list[LoadRung] = ["full"] * 10
    rungs[2] = "larger_hop"
    assert [job.load_rung for job in windows(rungs)] == [
        "full", "larger_hop", "larger_hop", "larger_hop", "full",
    ]  # fmt: skip


@given(ANY, ANY)
def test_stage_that_is_behind_itself_adds_its_own_rung(said: LoadRung, own: LoadRung) -> None:
    job = window("so this is the perrin kettle").lowered(said)
    assert job.load_rung == said
    assert job.lowered(own).load_rung == lowest(said, own)
    clip = Clip("room", 0, 0, 5_000, 5_000, load_rung=said)
    assert clip.lowered(own, frames=4).load_rung == lowest(said, own)


@pytest.mark.parametrize("rung", ["full", "fewer_frames", "larger_hop"])
def test_back_end_writes_summaries_down_to_the_larger_hop(rung: LoadRung) -> None:
    made, asked = summed_up(rung)
    assert (made.rung, made.load_rung, made.fell_back, asked) == ("llm", rung, False, 1)


def test_extractive_rung_writes_without_the_back_end_and_is_no_fall_back() -> None:
    made, asked = summed_up("extractive")
    assert (made.rung, made.load_rung, made.fell_back, asked) == (
        "extractive", "extractive", False, 0,
    )  # fmt: skip
    assert made.product_id == "p0"


def test_vision_only_leaves_summaries_empty() -> None:
    made, asked = summed_up("vision_only")
    assert (made.rung, made.load_rung, made.product_name, asked) == ("none", "vision_only", None, 0)


def test_id_of_a_summary_does_not_depend_on_the_rung() -> None:
    assert len({summed_up(rung)[0].event_id for rung in RUNGS}) == 1


def clips(events: Sequence[GridEvent]) -> list[Clip]:
    return feed(Aligner("room", ("video", "audio"), ALIGN), events)


@given(said=ANY, summed=ANY)
def test_clip_has_the_lowest_rung_of_its_words_and_its_summary(
    said: LoadRung, summed: LoadRung
) -> None:
    events = [
        *(frame(slot, last=slot == 9) for slot in range(10)),
        *(heard(slot, "w", last=slot == 4) for slot in range(4)),
        heard(4, "w", last=True).model_copy(update={"load_rung": said}),
        summary(0, last=True).model_copy(update={"load_rung": summed}),
    ]
    (clip,) = clips(events)
    assert clip.load_rung == lowest(said, summed)


@given(ANY)
def test_clip_of_a_stage_that_is_behind_has_fewer_frames_and_at_last_no_words(
    own: LoadRung,
) -> None:
    for whole in clips(in_order(room(10))):
        clip = whole.lowered(own, ALIGN.hurried_frames)
        assert len(clip.frames) == (ALIGN.frames if own == "full" else ALIGN.hurried_frames)
        assert set(clip.frames) <= set(whole.frames)
        assert bool(clip.text.transcript) == (own != "vision_only")
        assert (clip.slot, clip.end_ms) == (whole.slot, whole.end_ms)


def test_words_that_were_not_heard_for_haste_reach_the_clips_that_wanted_them() -> None:
    # heard      0 s |full|vision only|full|full|full| 5 s |full ...
    # clips          |------------- 0 --------------|
    #                              |------------- 1 ------------|      and 2 from 5 s on
    events = [
        one.model_copy(update={"load_rung": "vision_only"})
        if one.kind == "transcript" and one.slot == 1
        else one
        for one in in_order(room(10))
    ]
    assert [clip.load_rung for clip in clips(events)] == ["vision_only", "full", "full"]


def test_vector_and_match_have_the_rung_of_their_clip() -> None:
    red = image_bytes(picture("red"))
    clip = Clip("room", 0, 0, 5_000, 5_000, frames=((FrameRef(slot=0, at_ms=0), red),))
    worker = ClipEncoder(ColourAndWords("shelf"))
    (outcome,) = worker.process([clip.lowered("fewer_frames", frames=4)])
    assert isinstance(outcome, list)
    (vector,) = outcome
    assert isinstance(vector, Vector)
    assert vector.load_rung == "fewer_frames"
    empty = vector.model_copy(update={"present": ()})
    (found,) = Matcher(NO_INDEX).empty(empty, BadEventError("unreadable"))
    assert isinstance(found, Match)
    assert found.load_rung == "fewer_frames"


def tags(rungs: Sequence[LoadRung], *, restart_at: int = -1) -> list[Tag]:
    """The tags of a room that shows one product, clip by clip at these rungs."""
    tagger = Tagger("room", RULE, TagOptions(update_every=1))
    made = []
    for number, (one, rung) in enumerate(zip(shown("A" * len(rungs)), rungs, strict=True)):
        if number == restart_at:
            tagger = Tagger("room", RULE, TagOptions(update_every=1), tagger.snapshot())
        hurried = one.model_copy(update={"load_rung": rung})
        made += [tag for some in tagger.push(hurried) for tag in some]
    return made


@pytest.mark.parametrize("restart_at", [-1, 2, 4])
def test_tag_has_the_lowest_rung_of_the_clips_that_decide(restart_at: int) -> None:
    # clips     0     1     2    3    4    5      decided from the last three
    # rung      full  few   full full full full
    rungs: list[LoadRung] = ["full"] * 6
    rungs[1] = "fewer_frames"
    told = tags(rungs, restart_at=restart_at)
    assert [(tag.status, tag.slot, tag.load_rung) for tag in told] == [
        ("started", 1, "fewer_frames"),
        ("updated", 2, "fewer_frames"),
        ("updated", 3, "fewer_frames"),
        ("updated", 4, "full"),
        ("updated", 5, "full"),
        ("ended", 5, "full"),
    ]


def test_ids_of_tags_do_not_depend_on_the_rung() -> None:
    hurried = tags(["vision_only"] * 6)
    assert [tag.event_id for tag in hurried] == [tag.event_id for tag in tags(["full"] * 6)]


def test_state_that_was_saved_before_there_was_a_ladder_is_read() -> None:
    seen = {"slot": 0, "product_id": "A", "start_ms": 0, "end_ms": 5_000, "hop_ms": 0, "score": 0.9}
    saved = {"next_slot": 1, "through_ms": 5_000, "recent": [seen], "open": None, "closed": {}}
    assert state_of_one_open("room", saved).recent[0].load_rung == "full"
