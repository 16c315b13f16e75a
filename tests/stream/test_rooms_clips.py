"""`liveshelf rooms clips` from a manifest to one with sounds."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import InputError
from models.manifest import load_manifest
from stream.rooms_clips import add_clips
from tests.workers.test_rooms_pairs import HUM

ROWS = [
    {"product_id": "kiwi", "domain": "page", "split": "train", "title": "Kiwi"},
    {"product_id": "kiwi", "domain": "live", "split": "test", "frames": ["a.jpg"]},
    {"product_id": "kiwi", "domain": "live", "split": "train", "frames": ["b.jpg"]},
]


@pytest.fixture
def arguments(tmp_path: Path) -> list[object]:
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    voices = "".join(
        f"[[voice]]\nname = {use!r}\nuse = {use!r}\ncommand = {json.dumps(command)}\n"
        for use in ("train", "held-out")
        for command in [[sys.executable, "-c", HUM, "{wav}"]]
    )
    (tmp_path / "voices.toml").write_text(voices)
    return [tmp_path / "rows.jsonl", tmp_path / "new", "--voices", tmp_path / "voices.toml"]


def ran(*arguments: object) -> Result:
    app = typer.Typer()
    add_clips(app)
    found = CliRunner().invoke(app, list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def test_help_has_an_example() -> None:
    assert "Example: liveshelf rooms clips" in ran("--help").stdout


def test_clips_get_sounds_beside_their_new_manifest(arguments: list[object]) -> None:
    told = ran(*arguments, "--most", "train=0")
    out = Path(str(arguments[1])) / "manifest.jsonl"
    assert told.stdout.startswith("clips 1, seconds ")
    assert told.stdout.endswith(f"\t{out}\n")
    page, test, train = load_manifest(out).rows
    assert (page.media, train.media) == (None, None)
    assert (test.frames, train.frames) == (("../a.jpg",), ("../b.jpg",))
    assert str(test.media).startswith("sounds/")
    assert (out.parent / str(test.media)).is_file()


def test_clips_without_voice_are_left_out_where_that_is_wanted(arguments: list[object]) -> None:
    ran(*arguments, "--most", "train=0", "--most", "test=0", "--spoken-only", "test")
    rows = load_manifest(Path(str(arguments[1])) / "manifest.jsonl").rows
    assert [(row.domain, row.split) for row in rows] == [("page", "train"), ("live", "train")]


@pytest.mark.parametrize("wrong", ["train", "train=some"])
def test_a_wrong_count_is_refused(arguments: list[object], wrong: str) -> None:
    with pytest.raises(InputError, match=f"--most {wrong}: want SPLIT=COUNT"):
        ran(*arguments, "--most", wrong)


@pytest.mark.parametrize("wrong", [("--most", "holdout=3"), ("--spoken-only", "holdout")])
def test_an_unknown_split_is_refused(arguments: list[object], wrong: tuple[str, str]) -> None:
    with pytest.raises(InputError, match=f"{wrong[0]} holdout: want one of train, val, test"):
        ran(*arguments, *wrong)
