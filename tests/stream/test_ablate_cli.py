"""`liveshelf ablate`, on a handful of coloured patches."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import InputError
from models.manifest import load_manifest
from stream.ablate_cli import add_ablate_command
from stream.settings import Settings, load_settings
from tests.conftest import CACHE_DIR
from tests.models.tiny_training import write_manifest
from tests.tiny_vision import save_branches


def run(settings: Settings, *words: str | Path) -> str:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_ablate_command(app, lambda: settings)
    done = CliRunner().invoke(app, ["ablate", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def settings() -> Settings:
    return load_settings({"paths.cache_dir": str(CACHE_DIR)}, None)


def test_the_table_has_a_row_for_each_variant_and_lies_in_the_folder(
    tmp_path: Path, settings: Settings
) -> None:
    data = load_manifest(write_manifest(tmp_path))
    titles = {row.product_id: row.title for row in data.pages}
    rows = []
    for row in data.rows:
        told = asdict(row)
        if row.domain == "live" and row.product_id is not None:
            told |= {"transcript": f"{titles[row.product_id]} blue", "summary": row.title}
        rows.append(json.dumps(told) + "\n")
    spoken = tmp_path / "spoken.jsonl"
    spoken.write_text("".join(rows))
    save_branches(tmp_path / "tiny")
    small = [
        "image.architecture=test_efficientnet",
        f"image.weights={tmp_path / 'tiny' / 'image'}",
        "image.height_px=32",
        "image.width_px=32",
        f"text.weights={tmp_path / 'tiny' / 'text'}",
        "text.max_tokens=16",
        "fusion.dim=16",
    ]
    words = [word for change in small for word in ("--encoder", change)]
    out = tmp_path / "tables"
    shown = run(settings, spoken, out, "--seeds", "2", "--steps", "3", "--views", "1", *words)
    told = json.loads((out / "ablation.json").read_text())
    names = ["visual only", "+ title on page", "+ raw ASR", "+ summary"]
    assert [row["variant"] for row in told["rows"]] == names
    assert shown == (out / "ablation.md").read_text()
    assert "| visual only |" in shown


def test_a_split_that_is_none_is_named(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(InputError, match="--split later: want one of train"):
        run(settings, tmp_path, tmp_path, "--split", "later")
