"""Which confusions are the worst."""

from pathlib import Path

import pytest

from models.confusions import worst_confusions
from models.directions import Answered, Search, answers
from models.exam import Exam
from tests.models.made_exam import made_encoder, made_rows, made_shop


def _answered(folder: Path, liars: dict[str, str]) -> Answered:
    """Return clips against pages; clips of some products show another one's picture and name."""
    rows = made_rows(folder)
    for row in rows:
        shown = liars.get(str(row["product_id"]).removeprefix("p-"))
        if row["domain"] == "live" and shown:
            row |= {"frames": [f"{shown}.png"], "transcript": f"so {shown}"}
    exam = Exam(made_encoder(), made_shop(folder, rows))
    return next(answers(exam, Search("test"), ("L2P",), ("whole",)))


def test_the_widest_lead_of_a_wrong_page_comes_first(tmp_path: Path) -> None:
    found = worst_confusions(_answered(tmp_path, {"rose": "red", "green": "blue"}))
    # Red and rose look alike, green and blue do not.
    assert [one.query.product_id for one in found] == ["p-green", "p-green", "p-rose", "p-rose"]
    first = found[0]
    assert (first.right.title, first.wrong.title) == ("green tea", "blue tea")
    assert first.text == "so blue"
    leads = [one.wrong_score - one.right_score for one in found]
    assert leads == sorted(leads, reverse=True)
    assert min(leads) > 0
    assert found[-1].place == 2


def test_two_of_a_pair_of_products_are_enough(tmp_path: Path) -> None:
    rows = made_rows(tmp_path)
    rose = [row for row in rows if row["domain"] == "live" and row["product_id"] == "p-rose"]
    for row in rose:
        row |= {"frames": ["red.png"], "transcript": "red"}
    exam = Exam(made_encoder(), made_shop(tmp_path, [*rows, *rose, *rose]))
    answered = next(answers(exam, Search("test"), ("L2P",), ("whole",)))
    assert (answered.ranked.before > 0).sum() == 6
    assert len(worst_confusions(answered)) == 2
    assert len(worst_confusions(answered, most=1)) == 1


def test_right_answers_are_no_confusions(tmp_path: Path) -> None:
    assert worst_confusions(_answered(tmp_path, {})) == []


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_are_given_than_are_asked_for(tmp_path: Path, most: int) -> None:
    assert (
        len(worst_confusions(_answered(tmp_path, {"rose": "red", "green": "blue"}), most)) == most
    )
