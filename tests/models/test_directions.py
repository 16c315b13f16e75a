"""The six directions, on a shop small enough to know every answer."""

from pathlib import Path

import pytest

from models.directions import DIRECTIONS, Search, answers, sides_of
from models.errors import InputError
from models.exam import Exam
from tests.models.made_exam import made_encoder, made_rows, made_shop


@pytest.fixture
def exam(tmp_path: Path) -> Exam:
    return Exam(made_encoder(), made_shop(tmp_path))


def test_all_directions_are_searched_and_each_way_that_rows_allow(exam: Exam) -> None:
    found = list(answers(exam, Search("test")))
    assert {one.direction for one in found} == set(DIRECTIONS)
    # All clips were heard, so there are none without words.
    assert {one.seen for one in found} == {"whole", "picture", "text", "both"}
    sizes = {one.direction: (len(one.queries), len(one.gallery)) for one in found}
    assert sizes == {"P2V": (4, 4), "V2P": (4, 4), "P2L": (4, 10), "L2P": (10, 4),
                     "V2L": (4, 10), "L2V": (10, 4)}  # fmt: skip


def test_pictures_alone_find_colours_and_words_alone_find_titles(exam: Exam) -> None:
    found = {(one.direction, one.seen): one for one in answers(exam, Search("test"))}
    by_picture = found["L2P", "picture"]
    own = by_picture.of_product
    assert by_picture.ranked.take(own).hit(1).mean() == 1.0
    by_text = found["L2P", "text"]
    said = [text != "so so" for text in by_text.queries.texts]
    assert (by_text.ranked.hit(1)[own] == [said[at] for at in own]).all()
    # A page has two right clips: one of them is named, and the other is of the same colour.
    assert found["P2L", "whole"].ranked.average_precision.min() > 0.5
    assert by_picture.groups.by == "rooms"


def test_clips_without_words_are_told_apart_from_those_with(tmp_path: Path) -> None:
    rows = made_rows(tmp_path)
    for row in rows:
        if row.get("transcript") == "so so":
            row["transcript"] = None
    exam = Exam(made_encoder(), made_shop(tmp_path, rows))
    found = {one.seen: one for one in answers(exam, Search("test"), ("L2P",))}
    assert len(found["textless"].queries) == 4
    assert len(found["both"].queries) == 6
    assert len(found["whole"].queries) == 10


def test_pages_may_be_those_of_the_split_alone(tmp_path: Path) -> None:
    rows = made_rows(tmp_path)
    rows[0]["split"] = "train"
    exam = Exam(made_encoder(), made_shop(tmp_path, rows))
    every = sides_of(exam, "L2P", Search("test"))
    some = sides_of(exam, "L2P", Search("test", pages="split"))
    assert every is not None
    assert some is not None
    assert (len(every[1]), len(some[1])) == (4, 3)
    assert sides_of(exam, "L2P", Search("val", pages="split")) is None


def test_a_prefix_sees_no_more_than_its_numbers(exam: Exam) -> None:
    # The first three numbers are the colour, so words are gone.
    by_text = next(answers(exam, Search("test", prefix=3), ("L2P",), ("text",)))
    assert set(by_text.ranked.best_score.tolist()) == {0.0}
    side_by_side = Exam(made_encoder(mean=False), exam.manifest)
    with pytest.raises(InputError, match="side by side"):
        list(answers(side_by_side, Search("test", prefix=3)))
