"""`liveshelf train`, and `liveshelf evaluate` after it, on a handful of coloured patches."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import InputError
from models.registry import Registry
from stream.evaluate_cli import evaluate_app
from stream.settings import Settings, load_settings
from stream.train_cli import add_train_commands
from stream.train_recipe import options_of, recipe_of
from tests.conftest import CACHE_DIR
from tests.models.tiny_training import write_manifest
from tests.tiny_vision import save_branches
from tests.tiny_vision_models import save_vision


def run(settings: Settings, *words: str | Path) -> str:
    app = typer.Typer()
    add_train_commands(app, lambda: settings)
    app.add_typer(evaluate_app(lambda: settings), name="evaluate")
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def settings() -> Settings:
    return load_settings({"paths.cache_dir": str(CACHE_DIR)}, None)


def test_a_preset_says_encoder_and_options_and_the_user_the_last_word() -> None:
    config, words = recipe_of("cope", ["frames=4", "fusion.kind=fixed"])
    assert (config.frames, config.fusion.kind, config.text.domains) == (4, "fixed", ("page",))
    found = options_of(["rate=0.1"], None, None, words)
    assert (found.rate, found.epochs, found.minutes) == (0.1, 100.0, None)
    assert options_of([], 5.0, None, words).minutes == 5.0
    plain = options_of([], None, None, recipe_of("liveshelf", [])[1])
    assert plain.minutes == 60.0
    with pytest.raises(InputError, match="no preset is named 'coope'"):
        recipe_of("coope", [])
    with pytest.raises(InputError, match="zero-shot is not trained; load it as zero-shot:NAME"):
        recipe_of("zero-shot", [])


def test_what_a_preset_trains_needs_nothing_but_its_checkpoint(
    tmp_path: Path, settings: Settings
) -> None:
    manifest, folder = write_manifest(tmp_path), tmp_path / "run"
    save_branches(tmp_path / "tiny")
    image, text = save_vision(tmp_path / "vit", "vit"), tmp_path / "tiny" / "text"
    changes = (f"image.weights={image}", "image.family=transformers", f"text.weights={text}")
    small = ("fusion.dim=16", "temporal.layers=1", "frames=2")
    tiny = ("train_px=32", "live_px=32", "sampler.live_rows=6", "draw.frames=2")
    words: list[str | Path] = ["train", manifest, folder, "--preset", "cope", "--epochs", "1"]
    words += [part for one in (*changes, *small) for part in ("--encoder", one)]
    words += [part for one in (*tiny, "loss.prefixes.half=1") for part in ("-o", one)]
    report = json.loads(run(settings, *words, "--json"))
    assert report["config"]["prefixes"] == [16, 8]
    for pretrained in (image, text):
        shutil.rmtree(pretrained)
    checkpoint = folder / "checkpoint"
    told = json.loads(run(settings, "evaluate", checkpoint, manifest, "--split", "test", "--json"))
    assert told["fingerprint"] == report["fingerprint"]
    assert told["splits"]["test"] == report["splits"]["test"]


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


@pytest.mark.weights
@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    registry = Registry.load()
    for name in ("efficientnet-lite0", "all-minilm-l6-v2"):
        registry.pull(name, CACHE_DIR / "weights")
    given = ("train_px=32", "live_px=32", "sampler.live_rows=6", "ema=0.5", "save_every_s=0")
    options = [word for one in (*given, "validate_every=1") for word in ("-o", one)]
    words = [sys.executable, "-m", "stream.cli", "train", str(write_manifest(tmp_path))]
    more = ["--epochs", "4", "--threads", "1", "--json", *options]

    def start(folder: str) -> "subprocess.Popen[str]":
        command = [*words, str(tmp_path / folder), *more]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    whole, killed = start("whole"), start("parts")
    assert killed.stderr is not None
    # Each step is told of before it is saved: after the third line two steps are safe.
    told = [line for line in (killed.stderr.readline() for _ in range(3)) if "step" in line]
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(told) == 3
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "parts" / "report.json").exists()
    resumed = start("parts")
    first, second = (json.loads(run.communicate()[0]) for run in (whole, resumed))
    assert first["run"]["steps"] == second["run"]["steps"] == 8
    assert first["weights"] == second["weights"]
    curves = [(tmp_path / folder / "curve.csv").read_text() for folder in ("whole", "parts")]
    assert curves[0] == curves[1]
