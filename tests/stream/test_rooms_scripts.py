"""`liveshelf rooms scripts` from voices to shows."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import InputError
from stream.rooms_scripts import add_scripts
from tests.workers.test_rooms_pairs import HUM
from workers.rooms.spoken_scripts import read_scripts


@pytest.fixture
def arguments(tmp_path: Path) -> list[object]:
    command = json.dumps([sys.executable, "-c", HUM, "{wav}"])
    (tmp_path / "voices.toml").write_text(
        f"[[voice]]\nname = 'hum'\nuse = 'held-out'\ncommand = {command}\n"
    )
    return [tmp_path / "shows", "--voices", tmp_path / "voices.toml", "--minutes", "0.1"]


def ran(*arguments: object) -> Result:
    app = typer.Typer()
    add_scripts(app)
    found = CliRunner().invoke(app, list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def test_shows_are_spoken_and_counted(arguments: list[object], tmp_path: Path) -> None:
    told = ran(*arguments).stdout
    (show,) = read_scripts(tmp_path / "shows")
    words = len(show.text.split())
    length = f"{show.length_ms / 60_000:.1f} minutes"
    assert told == f"1 shows, {length}, {words} words\t{tmp_path / 'shows'}\n"


def test_an_unknown_use_is_refused(arguments: list[object]) -> None:
    with pytest.raises(InputError, match="--use both: want one of train, held-out"):
        ran(*arguments, "--use", "both")
