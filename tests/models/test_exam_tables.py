"""Figures as cells."""

from pathlib import Path

import pytest

from models.evaluation import EvaluationOptions, evaluate
from models.exam import Exam
from models.exam_tables import TextTable, tables
from tests.models.made_exam import made_encoder, made_rows, made_shop


@pytest.fixture
def shown(tmp_path: Path) -> dict[str, TextTable]:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    figures = evaluate(exam, "test", EvaluationOptions(prefixes=(8,), draws=2)).figures
    return {table.title: table for table in tables(figures)}


def test_every_row_fits_under_its_heads(shown: dict[str, TextTable]) -> None:
    assert set(shown) == {
        "Directions", "In the clip's own room", "One shot", "Prefixes of the vectors", "Silence",
        "Near duplicates", "Categories",
    }  # fmt: skip
    for table in shown.values():
        assert {len(row) for row in table.rows} == {len(table.heads)}


def test_figures_stand_with_their_intervals_and_counts(shown: dict[str, TextTable]) -> None:
    row = next(row for row in shown["Directions"].rows if row[:2] == ("L2P", "as it is"))
    assert row[2] == "1.000 (1.000–1.000)"
    assert row[-4:] == ("8", "0", "4", "2 rooms")
    silence = next(row for row in shown["Silence"].rows if row[:2] == ("L2P", "picture alone"))
    assert silence[2:] == ("1.000", "0.000", "0.800", "0.800", "8", "2")
    assert "0 groups" in shown["Near duplicates"].note


def test_one_group_has_no_interval(tmp_path: Path) -> None:
    rows = [{**row, "stream_id": "one"} for row in made_rows(tmp_path)]
    figures = evaluate(Exam(made_encoder(), made_shop(tmp_path, rows)), "test").figures
    found = next(table for table in tables(figures) if table.title == "Categories")
    assert found.rows[0][1] == "1.000"


def test_what_there_is_not_is_left_out(tmp_path: Path) -> None:
    rows = [{**row, "stream_id": None, "category": None} for row in made_rows(tmp_path)]
    figures = evaluate(Exam(made_encoder(mean=False), made_shop(tmp_path, rows)), "test").figures
    titles = {table.title for table in tables(figures)}
    assert titles == {"Directions", "One shot", "Silence", "Near duplicates"}
