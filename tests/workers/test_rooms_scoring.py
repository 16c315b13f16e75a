"""Files of tags and truth: what is read, what counts of it, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.errors import InputError
from models.segment_scores import Told
from models.segments import Segment
from workers.events import Candidate, Evidence, FrameRef, Tag
from workers.rooms.scoring import (
    Hard,
    Point,
    points_of_tags,
    read_tags,
    read_truth,
    score,
    titles_of,
    told,
    told_at,
)

MINI = Path(__file__).parents[1] / "data" / "mini_room"


def tag(tag_id: str, status: str, product_id: str, slot: int, **more: Any) -> Tag:
    fields = {"stream_id": "room", "score": 0.5, "start_ms": 1_000, "decided_ms": slot * 1_000}
    return Tag(tag_id=tag_id, status=status, product_id=product_id, slot=slot, **fields | more)  # type: ignore[arg-type]


def written(path: Path, *tags: Tag) -> Path:
    path.write_text("".join(f"{one.model_dump_json()}\n" for one in tags), encoding="utf-8")
    return path


def cue(start_ms: int, product_id: str, length_ms: int = 2_000, **more: Any) -> dict[str, Any]:
    span = {"start_ms": start_ms, "end_ms": start_ms + length_ms}
    return {**span, "product_id": product_id, **more}


def test_the_last_word_about_a_tag_wins_and_the_first_says_when(tmp_path: Path) -> None:
    path = written(
        tmp_path / "tags.jsonl",
        tag("one", "started", "A", 4),
        tag("two", "started", "B", 6, start_ms=5_000),
        tag("one", "updated", "A", 8),
        tag("one", "ended", "A", 9, start_ms=1_500, end_ms=7_000),
    )
    events = read_tags(path)
    assert [event.status for event in events] == ["started", "started", "updated", "ended"]
    assert told(events, 60_000) == [
        Told("A", 1_500, 7_000, decided_ms=4_000),
        Told("B", 5_000, 60_000, decided_ms=6_000),
    ]


def test_a_corrected_tag_was_said_when_its_product_was() -> None:
    events = [tag("one", "started", "A", 4), tag("one", "corrected", "B", 7, end_ms=9_000)]
    assert told(events, 60_000) == [Told("B", 1_000, 9_000, decided_ms=7_000)]
    late = [(event, 10 * event.decided_ms) for event in events]
    assert told_at(late, 60_000) == [Told("B", 1_000, 9_000, decided_ms=70_000)]


def test_a_withdrawn_tag_does_not_count_and_one_that_is_delivered_again_counts_as_it_stands() -> (
    None
):
    ended = tag("one", "ended", "A", 7, end_ms=9_000)
    mended = tag("one", "corrected", "A", 5, end_ms=8_000, revision=1)
    gone = tag("two", "corrected", "B", 5, end_ms=1_000, revision=1, withdrawn=True)
    events = [tag("one", "started", "A", 4), ended, tag("two", "started", "B", 6), mended, gone]
    expected = [Told("A", 1_000, 8_000, decided_ms=4_000)]
    assert told(events, 60_000) == told([*events, ended], 60_000) == expected


def test_truth_of_a_made_room_is_read() -> None:
    truth = read_truth(MINI / "truth.json")
    assert truth.duration_ms == 18_887
    assert [one.product_id.split("-")[0] for one in truth.segments] == ["pomarrow", "lumivane"]
    assert truth.no_product == ((8_493, 12_602),)
    assert truth.titles[truth.segments[1].product_id] == "Lumivane Rose Hand Cream, 75 ml"


def test_a_product_has_its_cue_when_it_is_first_shown_or_spoken_of_while_for_sale(
    tmp_path: Path,
) -> None:
    #  seconds   0    5    10   15   20   25   30
    #  truth          A--------->    B-------->    C (nobody shows or names it)
    #  shown                A         B->
    #  said     A           A    B          A about B
    shown = [cue(9_000, "A"), cue(19_000, "B"), {"start_ms": 0, "end_ms": 90, "view": None}]
    said = [cue(1_000, "A"), cue(8_000, "A"), cue(14_000, "B"), cue(24_000, "A", about="B")]
    sold = [cue(5_000, "A", 10_000), cue(20_000, "B", 9_000), cue(31_000, "C")]
    path = tmp_path / "truth.json"
    room = {"duration_ms": 60_000, "products": sold, "sentences": said, "shown": shown}
    path.write_text(json.dumps(room))
    assert read_truth(path).first_cues_ms == (8_000, 20_000, 31_000)
    path.write_text(json.dumps({"duration_ms": 60_000, "products": sold}))
    assert read_truth(path).first_cues_ms == (5_000, 20_000, 31_000)
    sold[0] |= {"first_seen_ms": 9_500, "first_named_ms": 9_200}
    sold[1] |= {"first_seen_ms": None, "first_named_ms": 21_000}
    path.write_text(json.dumps(room))
    assert read_truth(path).first_cues_ms == (9_200, 21_000, 31_000)


def test_what_makes_a_room_hard_is_read(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    hard = [
        cue(3_000, "A", hardship="bad-light"),
        {"hardship": "rivals", "start_ms": 0, "end_ms": 9},
    ]
    path.write_text(json.dumps({"duration_ms": 60_000, "products": [], "hardships": hard}))
    assert read_truth(path).hardships == (
        Hard("bad-light", 3_000, 5_000, "A"),
        Hard("rivals", 0, 9),
    )


def test_a_room_is_scored_from_its_files(tmp_path: Path) -> None:
    truth = read_truth(MINI / "truth.json")
    first, second = truth.segments
    path = written(
        tmp_path / "tags.jsonl",
        tag("1", "started", first.product_id, 5, start_ms=0),
        tag("1", "ended", first.product_id, 9, start_ms=0, end_ms=9_000),
        tag("2", "started", second.product_id, 16, start_ms=12_000),
    )
    scores = score(read_tags(path), truth)
    assert (scores.f1, scores.edit_distance, scores.false_tags) == (1.0, 0, 0)
    assert scores.first_tag is not None
    assert scores.first_tag.worst_ms == 5_000 - first.start_ms


def test_points_stand_where_the_pictures_are() -> None:
    best = Candidate(product_id="A", score=0.6, title="Apricot jam")
    frames = (FrameRef(slot=1, at_ms=2_000), FrameRef(slot=2, at_ms=3_000))
    seen = Evidence(frames=frames, candidates=(best,), threshold=0.4)
    heard = Evidence(candidates=(best,), threshold=0.4)
    events = [
        tag("1", "started", "A", 5, evidence=seen),
        tag("1", "updated", "A", 6, evidence=heard),
        tag("1", "ended", "A", 7),
    ]
    assert points_of_tags(events) == [Point(2_500, "A", 0.6, 0.4), Point(6_000, "A", 0.6, 0.4)]
    assert titles_of(events) == {"A": "Apricot jam"}


def test_tags_of_several_rooms_are_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path / "tags.jsonl",
        tag("one", "started", "A", 4),
        tag("two", "started", "B", 6, stream_id="other"),
    )
    with pytest.raises(InputError, match=r"tags of 2 rooms \(other, room …\)"):
        read_tags(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "line 1 is no tag event: stream_id: Field required"),
        ("\nno json", "line 2 is no tag event: Invalid JSON"),
        ("\xff", "is no text"),
    ],
)
def test_a_file_that_holds_no_tags_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=reason):
        read_tags(path)


@pytest.mark.parametrize(
    ("truth", "reason"),
    [
        ({"products": []}, "duration_ms: Field required"),
        ({"duration_ms": 0, "products": []}, "duration_ms: Input should be greater than 0"),
        ([], "is no truth of a room"),
        (
            {
                "duration_ms": 9,
                "products": [{"product_id": "A", "start_ms": 5, "end_ms": 5}],
            },
            "a stretch goes from 5 to 5 ms",
        ),
    ],
)
def test_a_file_that_is_no_truth_is_refused(tmp_path: Path, truth: object, reason: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(truth), encoding="utf-8")
    with pytest.raises(InputError, match=reason):
        read_truth(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: No such file"):
        read_tags(tmp_path / "none.jsonl")


def test_truth_may_say_more_than_is_scored(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    sold = {"product_id": "A", "start_ms": 0, "end_ms": 5, "shelf": 3}
    path.write_text(json.dumps({"duration_ms": 9, "products": [sold], "shown": []}))
    assert read_truth(path).segments == (Segment("A", 0, 5),)
