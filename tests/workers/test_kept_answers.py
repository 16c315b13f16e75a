"""What is kept is there after any stop, for the same settings only."""

from pathlib import Path

import pytest

from models.errors import InputError
from workers.kept_answers import KeptAnswers, Question, Settings

SETTINGS: Settings = {"model": "tiny", "snr_db": 10.0, "language": None}


def asked(*names: str) -> list[Question]:
    return [Question(f"key {name}", name, {"name": name}) for name in names]


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "kept"
    with KeptAnswers(path, SETTINGS) as kept:
        assert kept.ask(asked("b", "a", "c", "a")) == (3, 0)
        assert [one.what for one in kept.waiting()] == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
        kept.keep([("key a", {"said": "ä"})])
    with KeptAnswers(path, SETTINGS) as kept:
        assert kept.ask(asked("a", "b")) == (2, 1)
        assert [one.key for one in kept.waiting()] == ["key b"], "and nothing of the former run"
        assert kept.answer("key a") == {"said": "ä"}
        assert kept.answer("key b") is None


def test_answers_can_be_kept_while_questions_are_read(tmp_path: Path) -> None:
    names = [f"{number:02}" for number in range(50)]
    with KeptAnswers(tmp_path / "kept", SETTINGS) as kept:
        kept.ask(asked(*names))
        seen = []
        for one in kept.waiting():
            seen.append(one.place)
            kept.keep([(one.key, {"was": one.place})])
        assert seen == names
    with KeptAnswers(tmp_path / "kept", SETTINGS) as kept:
        assert kept.ask(asked(*names, "new")) == (51, 50)


def test_other_settings_are_refused_by_name_and_value(tmp_path: Path) -> None:
    KeptAnswers(tmp_path / "kept", SETTINGS).close()
    with pytest.raises(InputError, match=r"made with snr_db 10\.0, now 5\.0: name another OUT"):
        KeptAnswers(tmp_path / "kept", {**SETTINGS, "snr_db": 5.0})
    with pytest.raises(InputError, match="made with seed None, now 1"):
        KeptAnswers(tmp_path / "kept", {**SETTINGS, "seed": 1})
    KeptAnswers(tmp_path / "kept", SETTINGS).close()


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("a letter to somebody " * 100)
    with pytest.raises(InputError, match="cannot be used to keep what was found"):
        KeptAnswers(path, SETTINGS)
    assert path.read_text().startswith("a letter")
