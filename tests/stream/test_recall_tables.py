"""Tables of an exam in a terminal of 80 columns."""

from pathlib import Path

import pytest

from models.evaluation import EvaluationOptions, evaluate
from models.exam import Exam, report
from stream.recall_tables import show_evaluation, show_recalls
from tests.models.made_exam import made_encoder, made_shop


def test_every_figure_is_whole_in_80_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    exam = Exam(made_encoder(), made_shop(tmp_path))
    figures = evaluate(exam, "test", EvaluationOptions(draws=2)).figures
    show_recalls({"test-unseen": report(exam, ["test"])["test"]})
    show_evaluation({"test-unseen": figures})
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert "1.000–1.000" in shown
    for title in ("directions", "hits in the clip's own room", "one shot"):
        assert f"test-unseen: {title}" in shown


def test_what_there_is_not_has_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    show_evaluation({"test": {"directions": {}, "rooms": {}, "one_shot": {}}})
    assert not capsys.readouterr().out
