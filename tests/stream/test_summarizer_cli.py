"""`liveshelf summarizer` from pairs to a report, on a tiny random model."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.adapter_folder import read_record
from models.errors import InputError
from models.registry import default_cache_dir
from stream.setting_groups import ModelSettings
from stream.settings import Settings
from stream.summarizer_cli import summarizer_app
from tests.tiny_models import make_tiny_chat_lm
from tests.workers.test_rooms_pairs import PAIR, SILENT
from workers.rooms.pairs import Pair

RUN = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_chat_lm(tmp_path_factory.mktemp("tiny"))


def ran(folder: Path, *arguments: object) -> str:
    settings = replace(Settings(), models=ModelSettings(llm=str(folder), device="cpu"))
    found = RUN.invoke(summarizer_app(lambda: settings), list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.stdout


def written(path: Path, *pairs: Pair) -> Path:
    path.write_text("".join(json.dumps(asdict(pair)) + "\n" for pair in pairs))
    return path


@pytest.mark.parametrize("command", ["data", "orders", "train", "evaluate"])
def test_help_has_an_example(folder: Path, command: str) -> None:
    assert f"Example: liveshelf summarizer {command}" in ran(folder, command, "--help")


def test_an_unknown_split_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train, val, held-out"):
        ran(folder, "data", tmp_path / "pairs", "--voices", "voices.toml", "--split", "test")


def test_hard_shows_in_turn_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give one of --in-turn and --hard"):
        ran(folder, "data", tmp_path / "pairs", "--voices", "voices.toml", "--in-turn", "--hard", 1)


def test_an_unknown_reader_is_refused(folder: Path, tmp_path: Path) -> None:
    pairs = written(tmp_path / "pairs.jsonl", PAIR)
    with pytest.raises(InputError, match="'oracle'.*raw transcript; extractive, cart"):
        ran(folder, "evaluate", pairs, "--validation", pairs, "--reader", "oracle")


@pytest.mark.weights
def test_pairs_become_an_adapter_and_a_report(folder: Path, tmp_path: Path) -> None:
    if not (default_cache_dir() / "all-minilm-l6-v2").is_dir():
        pytest.skip("all-minilm-l6-v2 was not pulled")
    pairs = written(tmp_path / "train.jsonl", PAIR, SILENT)
    validation = written(tmp_path / "val.jsonl", replace(PAIR, id="val-1-00000-1"), SILENT)
    adapter, report = tmp_path / "adapter", tmp_path / "report.json"
    told = ran(
        folder, "train", pairs, "--validation", validation, "--out", adapter,
        "--work", tmp_path / "work", "--epochs", 1, "--first-layer", 0,
    )  # fmt: skip
    assert told.startswith(f"adapter\t{adapter}\t")
    record = read_record(adapter)
    assert record is not None
    assert set(record.evidence) == {"sound_weight", "least"}
    assert record.recipe["pairs"] == 2
    table = ran(
        folder, "evaluate", pairs, "--validation", validation, "--adapter", adapter,
        "--out", report,
    )  # fmt: skip
    assert "95 % interval" in table
    readers = {row["reader"]: row for row in json.loads(report.read_text())["readers"]}
    assert list(readers) == [
        "raw transcript", "extractive, cart", "adapter, writing", "adapter, cart",
        "untrained, writing", "untrained, cart",
    ]  # fmt: skip
    assert readers["raw transcript"]["dense"]["count"] == 1
    assert readers["adapter, cart"]["none"]["count"] == 1
