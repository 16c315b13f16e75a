"""`liveshelf evaluate`, on a handful of coloured patches."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.errors import InputError
from stream.evaluate_cli import evaluate_app
from stream.settings import Settings, load_settings
from tests.conftest import CACHE_DIR
from tests.models.tiny_training import write_manifest
from tests.tiny_vision import save_branches


def run(settings: Settings, *words: str | Path) -> str:
    app = evaluate_app(lambda: settings)
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def settings() -> Settings:
    return load_settings({"paths.cache_dir": str(CACHE_DIR)}, None)


def test_evaluate_says_how_clips_find_their_pages(tmp_path: Path, settings: Settings) -> None:
    manifest = write_manifest(tmp_path)
    checkpoint = save_branches(tmp_path / "tiny")
    told = json.loads(run(settings, checkpoint, manifest, "--json"))
    assert set(told["splits"]) == set(told["evaluation"]) == {"test", "test-unseen"}
    both = told["splits"]["test"]["recall"]["both"]
    # The words are the title to the letter.
    assert both["recall_at_1"] == 1.0
    assert (both["queries"], both["gallery"]) == (4, 4)
    assert "auroc" in told["splits"]["test"]["no_product"]["picture"]
    assert set(told["evaluation"]["test"]["directions"]) == {"P2L", "L2P"}
    shown = run(settings, checkpoint, manifest, "--split", "val")
    assert "R@1" in shown
    assert "val: directions" in shown
    assert "nDCG" in shown


def test_what_is_read_and_searched_may_be_chosen(tmp_path: Path, settings: Settings) -> None:
    manifest, folder = write_manifest(tmp_path), tmp_path / "report"
    words = (save_branches(tmp_path / "tiny"), manifest, "--split", "test", "--json")
    flags = ("--clip-text", "none", "--page-text", "none", "--most", "3", "--report", folder)
    told = json.loads(run(settings, *words, *flags))
    assert set(told["splits"]["test"]["recall"]) == {"picture", "chatter"}
    assert told["evaluation"]["test"]["directions"]["L2P"]["picture"]["queries"] <= 3
    assert "examined" in (folder / "report.html").read_text()
    # All pages of this list belong to other splits.
    alone = json.loads(run(settings, *words, "--pages", "split"))
    assert alone["evaluation"]["test"]["directions"] == {}


def test_the_command_may_be_named_or_left_out(tmp_path: Path, settings: Settings) -> None:
    words = (save_branches(tmp_path / "tiny"), write_manifest(tmp_path), "--split", "val", "--json")
    assert run(settings, "encoder", *words) == run(settings, *words)
    shown = run(settings, "--help")
    assert "encoder" in shown
    assert "stream" in shown


@pytest.mark.parametrize(
    ("flag", "value", "wanted"),
    [
        ("--split", "later", "want one of train"),
        ("--clip-text", "title", "want one of any, transcript, summary, none"),
        ("--page-text", "summary", "want one of title, none"),
        ("--pages", "some", "want one of all, split"),
    ],
)
def test_evaluate_names_what_it_does_not_know(
    flag: str, value: str, wanted: str, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(InputError, match=f"{flag} {value}: {wanted}"):
        run(settings, "untrained", tmp_path, flag, value)


def test_a_prefix_that_the_vectors_have_not_is_refused(tmp_path: Path, settings: Settings) -> None:
    words = (save_branches(tmp_path / "tiny"), write_manifest(tmp_path), "--split", "test")
    with pytest.raises(InputError, match="--prefix 8: .* side by side"):
        run(settings, *words, "--prefix", "8")
