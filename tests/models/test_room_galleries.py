"""Clips search the pages of their own room."""

from pathlib import Path

import pytest

from models.directions import Search
from models.exam import Exam
from models.room_galleries import room_hits
from tests.models.made_exam import made_encoder, made_rows, made_shop


def test_a_clip_searches_its_own_room_only(tmp_path: Path) -> None:
    # Nobody has said rose as rose: against all pages red wins, in its own room rose does.
    rows = made_rows(tmp_path)
    for row in rows:
        if row["domain"] == "live" and row["product_id"] == "p-rose":
            row |= {"frames": ["red.png"], "transcript": "red"}
    exam = Exam(made_encoder(), made_shop(tmp_path, rows))
    found = room_hits(exam, Search("test"))["whole"]
    assert (found.queries, found.rooms, found.gallery) == (8, 2, 2.0)
    assert found.hit_at == {"1": 1.0, "3": 1.0, "5": 1.0, "10": 1.0}
    assert exam.figures("test")["recall"]["both"]["recall_at_1"] < 0.9


def test_hits_are_counted_by_the_loop(tmp_path: Path) -> None:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    side = exam.side("live", "test")
    assert side is not None
    scores = exam.clips("test").scores["text"]
    pages = exam.manifest.pages
    hits = []
    for at, row in enumerate(side.rows):
        if row.product_id is None:
            continue
        own = [page for page in range(4) if pages[page].stream_id == row.stream_id]
        right = max(scores[at, page] for page in own if pages[page].product_id == row.product_id)
        others = [page for page in own if pages[page].product_id != row.product_id]
        hits.append(all(scores[at, page] < right for page in others))
    found = room_hits(exam, Search("test"))["text"]
    assert found.hit_at["1"] == pytest.approx(sum(hits) / len(hits))


def test_a_room_without_pages_searches_its_shop_and_without_one_is_left_out(
    tmp_path: Path,
) -> None:
    rows = made_rows(tmp_path)
    for row in rows:
        if row["domain"] == "page":
            del row["stream_id"]
        if row.get("stream_id") == "room-0" or row["domain"] == "page":
            row["shop"] = "corner"
    exam = Exam(made_encoder(), made_shop(tmp_path, rows))
    found = room_hits(exam, Search("test"))["picture"]
    assert (found.rooms, found.rooms_without_pages, found.gallery) == (1, 1, 4.0)
    assert (found.queries, found.left_out) == (4, 4)


def test_clips_without_rooms_have_no_such_figure(tmp_path: Path) -> None:
    rows = [{**row, "stream_id": None} for row in made_rows(tmp_path)]
    assert room_hits(Exam(made_encoder(), made_shop(tmp_path, rows)), Search("test")) == {}
