"""An examined encoder: what is scored, in one piece and in blocks."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import InputError
from models.exam import Exam, recalls, report, told_apart
from models.manifest import Row
from models.row_texts import TextChoice
from tests.models.made_exam import made_encoder, made_shop


@pytest.fixture
def exam(tmp_path: Path) -> Exam:
    return Exam(made_encoder(), made_shop(tmp_path))


def test_figures_without_all_scores_at_once_are_those_of_all_scores(exam: Exam) -> None:
    clips = exam.clips("test")
    found = report(exam, ["test", "val"])
    assert set(found) == {"test"}
    recalled = {mode: asdict(one) for mode, one in recalls(clips, exam.pages).items()}
    assert found["test"]["recall"] == recalled
    assert found["test"]["no_product"] == told_apart(clips)
    assert recalled["picture"]["recall_at_1"] == 1.0
    assert recalled["text"]["recall_at_1"] == 0.5, "half of the clips say nothing of use"


def test_scores_are_those_of_the_layout(exam: Exam) -> None:
    layout, clips = exam.encoder.layout, exam.clips("test")
    side = exam.side("live", "test")
    assert side is not None
    vectors = exam.encoder.fuse(side.parts)[0]
    slow = [[one.score for one in layout.compare(one, exam.pages.vectors)] for one in vectors]
    assert clips.scores["both"] == pytest.approx(np.array(slow), abs=1e-6)


def test_rows_are_encoded_once(exam: Exam) -> None:
    assert exam.side("live", "test") is exam.side("live", "test")
    assert exam.side("page", "val") is exam.side("page", "test")
    assert exam.side("video", "val") is None
    few = exam.side("live", "test", most=3)
    assert few is not None
    assert len(few) == 3


def test_what_is_not_to_be_read_is_not(tmp_path: Path) -> None:
    blind = Exam(made_encoder(), made_shop(tmp_path), choice=TextChoice("none", "none"))
    found = recalls(blind.clips("test"), blind.pages)
    assert set(found) == {"picture", "chatter"}


def test_a_clip_of_a_product_without_a_page_is_one_of_no_product(tmp_path: Path) -> None:
    shop = made_shop(tmp_path)
    lost = replace(shop, rows=(*shop.rows, Row("elsewhere", "live", ("blue.png",), "test")))
    exam = Exam(made_encoder(), lost)
    assert exam.clips("test").numbers.tolist().count(-1) == 3
    side = exam.side("live", "test")
    assert side is not None
    assert side.products.tolist().count(-1) == 2, "among clips it is a product all the same"
    assert exam.figures("test")["recall"]["picture"]["queries"] == 8


def test_a_split_without_clips_is_refused(exam: Exam) -> None:
    with pytest.raises(InputError, match="no live rows of split val"):
        exam.clips("val")
