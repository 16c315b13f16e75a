"""`negatives` writes a list that a sampler takes."""

from dataclasses import replace
from pathlib import Path

import typer
from typer.testing import CliRunner

from models.manifest import load_manifest
from models.neighbours import read_neighbours
from models.sampler import Sampler, SamplerOptions
from stream.negatives_cli import add_negatives_command
from stream.settings import load_settings
from tests.conftest import CACHE_DIR
from tests.models.tiny_training import write_manifest
from tests.tiny_vision import save_branches


def test_mined_negatives_are_drawn_from(tmp_path: Path) -> None:
    manifest, checkpoint = write_manifest(tmp_path), save_branches(tmp_path / "tiny")
    out = tmp_path / "near.jsonl"
    app = typer.Typer()
    add_negatives_command(app, lambda: load_settings({"paths.cache_dir": str(CACHE_DIR)}, None))
    words = [str(manifest), str(out), "--encoder", str(checkpoint), "--neighbours", "1"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "3 products with 3 neighbours" in result.stdout
    near = read_neighbours(out)
    assert near.keys() == {"p0", "p1", "p2"}
    options = replace(SamplerOptions(), live_rows=2, mined=0.5, negatives=str(out), views=1)
    sampler = Sampler(load_manifest(manifest), options, 1)
    assert len(sampler.step(0).live) == 2 + options.empty_rows
