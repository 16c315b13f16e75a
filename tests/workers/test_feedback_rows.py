"""Believed clips become rows: each thing once, rooms apart, nothing of the frozen set."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny_vision import products
from tests.workers.feedback_events import said, tag
from tests.workers.test_evidence import frame
from workers.events import Tag
from workers.evidence import Evidence
from workers.feedback import Believed, believed
from workers.feedback_rows import Collected, Known, clip_rows, page_rows, split_of
from workers.images import ImageSource

ROOMS = [f"room-{number}" for number in range(200)]


def rows(folder: Path, clips: Sequence[Believed], known: Known | None = None) -> Collected:
    evidence = Evidence(folder / "frames", clips)
    evidence.offer(frame(15))
    evidence.offer(frame(15, stream_id="tuesday"))
    return clip_rows(clips, evidence, {"a", "b"}, known or Known(), 0.0)


def test_a_row_says_room_words_and_pictures_and_where_they_are_from(tmp_path: Path) -> None:
    found = rows(tmp_path, believed([tag()], [said("right")]).clips)
    (row,) = found.rows
    assert (row.product_id, row.domain, row.split, row.stream_id) == (
        "a",
        "live",
        "train",
        "monday",
    )
    assert row.transcript == "so here is a 3"
    assert row.summary == "the a"
    assert (tmp_path / row.frames[0]).is_file()
    (about,) = found.provenance
    assert (about["tag_id"], about["verdict"], about["by"]) == ("t1", "right", "ada")
    assert sum(found.frames_lost.values()) == 1


def test_no_room_is_in_train_and_val_and_a_room_never_changes_sides() -> None:
    before = {room: split_of(room, Known(), 0.2) for room in ROOMS}
    assert 20 <= Counter(before.values())["val"] <= 60
    assert before == {room: split_of(room, Known(), 0.2) for room in reversed(ROOMS)}
    assert {split_of(room, Known(), 0.0) for room in ROOMS} == {"train"}
    assert {split_of(room, Known(), 1.0) for room in ROOMS} == {"val"}
    assert split_of("room-1", Known(rooms={"room-1": "val"}), 0.0) == "val"


def test_the_same_pictures_count_once_and_a_person_beats_a_tag(tmp_path: Path) -> None:
    tags = [tag(frames=(15,)), tag("t2", room="tuesday", product_id="b", frames=(15,), words="")]
    clips = believed(tags, [said("right")]).clips
    found = rows(tmp_path, clips)
    assert [row.product_id for row in found.rows] == ["a"]
    assert found.left_out["its pictures are those of another clip"] == 1
    contradicted = rows(tmp_path, [replace(one, source="tag") for one in clips])
    assert contradicted.rows == []
    assert sum(contradicted.left_out.values()) == 2


@pytest.mark.parametrize(
    ("clip", "known", "reason"),
    [
        (tag(), Known(frozen_rooms=frozenset({"monday"})), "of the frozen set"),
        (tag(), Known(rooms={"monday": "test"}), "split test of the other manifest"),
        (tag(product_id="z"), Known(), "no page"),
        (tag(frames=(77,), words=" "), Known(), "none of its frames could be had"),
    ],
    ids=["frozen", "test", "no page", "nothing"],
)
def test_what_teaches_nothing_is_counted(
    tmp_path: Path, clip: Tag, known: Known, reason: str
) -> None:
    found = rows(tmp_path, believed([clip], []).clips, known)
    assert found.rows == []
    assert [reason in one for one in found.left_out] == [True]


def test_pages_bring_their_pictures_and_lost_ones_are_counted(tmp_path: Path) -> None:
    some = {one.product_id: one for one in products(tmp_path, "jams")}
    lame = some["p-red"].model_copy(update={"images": ("/none.png",)})
    found = page_rows(
        {**some, "p-red": lame}, Known(frozenset({"p-blue"})), tmp_path / "out", ImageSource()
    )
    assert [(row.product_id, row.title, row.shop) for row in found.rows] == [
        ("p-green", "oat milk", "jams"),
        ("p-red", "apricot jam", "jams"),
    ]
    assert (tmp_path / "out" / found.rows[0].frames[0]).is_file()
    assert found.rows[1].frames == ()
    assert sum(found.pages_left_out.values()) == 1
