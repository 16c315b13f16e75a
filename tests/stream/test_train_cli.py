"""`liveshelf train`, and `liveshelf evaluate` after it, on a handful of coloured patches."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import InputError
from models.registry import Registry
from stream.evaluate_cli import add_evaluate_command
from stream.settings import Settings, load_settings
from stream.train_cli import add_train_commands
from tests.conftest import CACHE_DIR
from tests.models.tiny_training import write_manifest


def run(settings: Settings, *words: str | Path) -> str:
    app = typer.Typer()
    add_train_commands(app, lambda: settings)
    add_evaluate_command(app, lambda: settings)
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def settings() -> Settings:
    return load_settings({"paths.cache_dir": str(CACHE_DIR)}, None)


@pytest.mark.weights
def test_train_leaves_a_checkpoint_that_evaluate_reads(tmp_path: Path, settings: Settings) -> None:
    registry = Registry.load()
    for name in ("efficientnet-lite0", "all-minilm-l6-v2"):
        registry.pull(name, CACHE_DIR / "weights")
    manifest, folder = write_manifest(tmp_path), tmp_path / "run"
    options = ("-o", "train_px=32", "-o", "live_px=32", "-o", "sampler.live_rows=6")
    words = ("train", manifest, folder, "--epochs", "1", "--name", "mine", *options)
    report = json.loads(run(settings, *words, "--json"))
    assert report["run"]["steps"] == 2
    told = json.loads(run(settings, "evaluate", folder / "checkpoint", manifest, "--json"))
    assert told["fingerprint"] == report["fingerprint"]
    assert told["splits"]["test"] == report["splits"]["test"]
    with pytest.raises(InputError, match="another recipe"):
        run(settings, *words, "--seed", "5")
    # What is finished is not trained again.
    assert json.loads(run(settings, *words, "--json"))["weights"] == report["weights"]
