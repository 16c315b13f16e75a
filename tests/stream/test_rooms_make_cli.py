"""`liveshelf rooms make`: seeds, folders, what is kept, what is refused."""

import json
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from models.errors import InputError
from stream.rooms_cli import rooms_app
from stream.seed_list import seeds_of
from stream.settings import Settings
from tests.workers.test_rooms_make import SPEAK


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three products with a photo each."""
    for name in ("red-apple", "green-pear", "blue-plum"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("RGB", (60, 60), "#cc2020").save(tmp_path / "photos" / name / "one.jpg")
    return tmp_path / "photos"


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    speak = tmp_path / "speak.py"
    speak.write_text(SPEAK)
    command = json.dumps([sys.executable, str(speak), "{text}", "{wav}"])
    path = tmp_path / "voices.toml"
    path.write_text(f'[[voice]]\nname = "one"\nuse = "held-out"\ncommand = {command}\n')
    return path


def make(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(rooms_app(Settings), ["make", *map(str, words)])


def test_one_seed_fills_the_folder_and_is_kept(photos: Path, voices: Path, tmp_path: Path) -> None:
    words = ("--photos", photos, "--voices", voices, "--out", tmp_path / "room",
             "--short", "--cart", "3", "--minutes", "1", "--seed", "7")  # fmt: skip
    first = make(*words)
    assert first.exit_code == 0, first.output
    truth = (tmp_path / "room" / "truth.json").read_bytes()
    assert "room is whole already" in make(*words).output
    assert (tmp_path / "room" / "truth.json").read_bytes() == truth


def test_several_seeds_make_a_folder_each_the_same_in_turn_or_at_once(
    photos: Path, voices: Path, tmp_path: Path
) -> None:
    words = ("--photos", photos, "--voices", voices, "--out", tmp_path / "rooms",
             "--short", "--cart", "3", "--minutes", "1", "--seed", "8-9")  # fmt: skip
    made = []
    for jobs in ("1", "2"):
        said = make(*words, "--jobs", jobs)
        assert said.exit_code == 0, said.output
        truths = [tmp_path / "rooms" / f"room-{seed}" / "truth.json" for seed in (8, 9)]
        made.append([path.read_bytes() for path in truths])
        for path in truths:
            path.unlink()
    assert made[0] == made[1]


def test_what_does_not_belong_together_is_refused(photos: Path, voices: Path) -> None:
    def why(*words: str | Path) -> str:
        said = make("--out", "x", "--voices", voices, *words)
        assert isinstance(said.exception, InputError)
        return str(said.exception)

    assert "--views is missing" in why()
    assert "no hardship is called 'fog'" in why("--photos", photos, "--hardships", "fog")
    assert "--split best" in why("--photos", photos, "--split", "best")
    assert "which measure" in why("--photos", photos, "--seed", "201", "--use", "train")
    assert "nothing is sold" in why("--photos", photos, "--nothing-sold", "--short")


def test_seeds_are_numbers_and_ranges() -> None:
    assert seeds_of("7") == (7,)
    assert seeds_of("201-203, 5,202") == (201, 202, 203, 5)
    assert seeds_of("") == ()
    for words in ("1,", "x", "3-", "-3", "9-3", "1-99999"):
        with pytest.raises(InputError, match="--seed"):
            seeds_of(words)
