"""All figures of a split together."""

import json
from pathlib import Path

import pytest

from models.evaluation import EvaluationOptions, evaluate
from models.exam import Exam
from models.near_duplicates import AlikeOptions
from tests.models.made_exam import made_encoder, made_rows, made_shop


def test_a_split_has_every_figure_and_json_can_hold_them(tmp_path: Path) -> None:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    done = evaluate(exam, "test", EvaluationOptions(prefixes=(8,), draws=3))
    figures = json.loads(json.dumps(done.figures, allow_nan=False))
    assert set(figures["directions"]) == {"P2V", "V2P", "P2L", "L2P", "V2L", "L2V"}
    whole = figures["directions"]["L2P"]["whole"]
    assert whole["recall_at_1"] == 1.0
    assert (whole["queries"], whole["grouped_by"]) == (8, "rooms")
    assert whole["curve"] == {"1": 1.0, "2": 1.0, "3": 1.0}
    assert figures["prefixes"]["8"]["L2P"]["recall_at_1"] == 1.0
    assert figures["rooms"]["whole"]["rooms"] == 2
    assert figures["one_shot"]["P2L"]["picture"]["accuracy"] == 1.0
    assert done.main is not None
    assert (done.main.direction, done.main.seen) == ("L2P", "whole")


def test_silence_is_about_clips_of_no_product(tmp_path: Path) -> None:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    silence = evaluate(exam, "test").figures["silence"]["L2P"]["picture"]
    assert (silence["products"], silence["nothings"]) == (8, 2)
    # Grey is like no colour, so nothing need be said of it.
    assert (silence["auroc"], silence["fpr_at_95_tpr"]) == (1.0, 0.0)
    assert [one["coverage"] for one in silence["coverage"]] == [0.8, 0.8]
    assert [one["recall"] for one in silence["coverage"]] == [1.0, 1.0]


def test_categories_and_near_duplicates_are_parts_of_the_whole(tmp_path: Path) -> None:
    rows = made_rows(tmp_path)
    for row in rows:
        if row["domain"] == "live" and row["product_id"] == "p-rose":
            row |= {"frames": ["red.png"], "transcript": "red"}
    exam = Exam(made_encoder(), made_shop(tmp_path, rows))
    # Pages of red and rose are alike by their colour, and no others are.
    alike = AlikeOptions(title=None, vector=0.49)
    figures = evaluate(exam, "test", EvaluationOptions(alike=alike)).figures
    found = figures["categories"]
    assert {name: one["queries"] for name, one in found.items()} == {"jams": 4, "teas": 4}
    assert (found["jams"]["recall_at_1"], found["teas"]["recall_at_1"]) == (0.5, 1.0)
    near = figures["near_duplicates"]
    assert (near["groups"], near["products"]) == (1, 2)
    assert near["largest"] == [["red jam", "rose jam"]]
    assert (near["queries"]["recall_at_1"], near["others"]["recall_at_1"]) == (0.5, 1.0)
    assert (near["errors"], near["errors_that_stay"]) == (2, 1.0)
    assert near["within_recall_at_1"] == 0.5


def test_an_encoder_without_prefixes_has_no_such_figures(tmp_path: Path) -> None:
    exam = Exam(made_encoder(mean=False), made_shop(tmp_path))
    assert evaluate(exam, "test").figures["prefixes"] == {}


@pytest.mark.parametrize("dropped", ["live", "video"])
def test_what_there_is_is_examined(tmp_path: Path, dropped: str) -> None:
    rows = [row for row in made_rows(tmp_path) if row["domain"] != dropped]
    done = evaluate(Exam(made_encoder(), made_shop(tmp_path, rows)), "test")
    kept = {"live": {"P2V", "V2P"}, "video": {"P2L", "L2P"}}[dropped]
    assert set(done.figures["directions"]) == kept
