"""Plots are drawn where there is something to show."""

import io
from pathlib import Path

from PIL import Image

from models.evaluation import EvaluationOptions, evaluate
from models.exam import Exam
from models.exam_plots import plots
from tests.models.made_exam import made_encoder, made_shop


def test_plots_are_those_that_have_something_to_show(tmp_path: Path) -> None:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    done = evaluate(exam, "test", EvaluationOptions(prefixes=(8,), draws=2))
    drawn = plots(done.figures, done.main, exam.encoder.dim)
    assert set(drawn) == {"recall", "categories", "scores", "prefixes"}
    assert {Image.open(io.BytesIO(png)).width for png in drawn.values()} == {880}
    bare = {**done.figures, "categories": {}, "prefixes": {}}
    found = plots(bare, None, exam.encoder.dim)
    assert found == {"recall": drawn["recall"]}, "and the same figures give the same bytes"


def test_many_categories_make_a_picture_of_bounded_height(tmp_path: Path) -> None:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    done = evaluate(exam, "test", EvaluationOptions(prefixes=(8,), draws=2))
    one = done.figures["categories"]["jams"]
    heights = []
    for count in (40, 90):
        shown = {f"category {at}": one for at in range(count)}
        made = plots({"directions": {}, "categories": shown, "prefixes": {}}, None, 16)
        assert set(made) == {"categories"}
        heights.append(Image.open(io.BytesIO(made["categories"])).height)
    assert heights[0] == heights[1]
