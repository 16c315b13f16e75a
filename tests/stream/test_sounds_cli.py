"""`liveshelf sounds`: counts a table, and fits weights into a checkpoint that asks for them."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.checkpoint import load_checkpoint
from models.errors import InputError
from models.rarity import from_json
from stream.settings import Settings
from stream.sounds_cli import sounds_app
from tests.tiny_vision import WORDS, save_branches
from tests.workers.test_rooms_pairs import PAIR


def run(settings: Settings, *arguments: str) -> str:
    done = CliRunner().invoke(sounds_app(lambda: settings), arguments, catch_exceptions=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_the_same_seed_counts_the_same_table(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        said = run(Settings(), "rarity", str(tmp_path / name), "--seed", "4", "--shows", "3")
        assert "texts" in said
    first = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert first == (tmp_path / "two.json").read_text(encoding="utf-8")
    assert from_json(first, "one").texts > 10


def test_weights_are_fitted_and_written_only_when_asked(tmp_path: Path) -> None:
    folder = save_branches(tmp_path / "made")
    titles = [f"{first} {second}" for first in WORDS[:4] for second in WORDS[4:7]]
    rows = [
        asdict(replace(PAIR, transcript=f"the {title}", title=title, titles=tuple(titles)))
        for title in titles
    ]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    settings = Settings()
    settings = replace(settings, models=replace(settings.models, encoder=str(folder)))
    said = run(settings, "fit", str(pairs))
    assert [line.split(":")[0] for line in said.splitlines()] == ["cart", "shop", "catalogue"]
    assert load_checkpoint(folder).sounds_weights == ()
    run(settings, "fit", str(pairs), "--write")
    weights = load_checkpoint(folder).sounds_weights
    assert [one.scope for one in weights] == ["cart", "shop", "catalogue"]
    assert {one.version for one in weights} == {"pairs"}
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="no checkpoint folder"):
        run(settings, "fit", str(pairs), "--write")
