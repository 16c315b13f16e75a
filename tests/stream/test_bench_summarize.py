"""`liveshelf bench summarize` from pairs to a report, its tables and its picture."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from models.errors import InputError
from models.registry import default_cache_dir
from stream.bench_summarize_cli import add_bench_summarize
from stream.bench_summarize_table import show
from stream.setting_groups import ModelSettings
from stream.settings import Settings
from tests.stream.test_summarizer_cli import written
from tests.tiny_models import make_tiny_chat_lm
from tests.workers.test_rooms_pairs import PAIR, SILENT
from workers.rooms.pairs import is_none, read_pairs
from workers.summing_up.plot import plot
from workers.summing_up.sample import SAMPLE

RUN = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_chat_lm(tmp_path_factory.mktemp("tiny"))


def ran(folder: Path, *arguments: object) -> str:
    settings = replace(Settings(), models=ModelSettings(llm=str(folder), device="cpu"))
    app = typer.Typer()
    add_bench_summarize(app, lambda: settings)
    found = RUN.invoke(app, list(map(str, arguments)))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.stdout


def share(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": min(1.0, value + 0.1), "count": 282}


def report(*readers: str) -> dict[str, Any]:
    score = {key: share(0.75) for key in ("dense", "joined", "in_cart", "strict", "none")}
    kinds = ("injection", "invented", "rival", "order_tuned", "order_aside", "order_fresh")
    return {
        "windows": 564, "shows": 45, "titles": 254, "steering_cases": 187, "threads": 16,
        "cores": 16, "batch": 128, "raw_transcript": score | {"strict": None, "none": None},
        "readers": [
            {
                "reader": name,
                "alone": {"score": score, "invented": share(0.3)},
                "told": {"score": score, "invented": share(0.2)},
                "fell_back": 0.125,
                "steered": [{"kind": kind, "cases": 68, "alone": 66, "told": 66, "lost": 13}
                            for kind in kinds],
                "pace": {"p50_s": 10.123, "p90_s": 10.456, "windows_per_s": 1234.5,
                         "tokens_read_per_s": 12345.6, "tokens_written_per_s": None},
            }
            for name in readers
        ],
    }  # fmt: skip


def test_tables_fit_into_eighty_columns_and_cut_nothing_off() -> None:
    text = StringIO()
    show(report("extractive, cart", "untrained, writing"), Console(file=text, width=80))
    assert max(map(len, text.getvalue().splitlines())) <= 80
    assert "…" not in text.getvalue()
    for words in (
        "0.750",
        "0.65–0.85",
        "66→66",
        "lost 13",
        "12345.6",
        "0.300",
        "→ 0.200",
        "untrained, writing",
    ):
        assert words in text.getvalue()


def test_without_steering_sets_there_is_no_table_of_them() -> None:
    text = StringIO()
    show(report("extractive, cart") | {"steering_cases": 0}, Console(file=text, width=80))
    assert "Steered" not in text.getvalue()


def test_the_same_report_gives_the_same_picture() -> None:
    made = report("extractive, cart", "adapter, cart")
    made["readers"][0]["told"]["score"]["none"] = None
    assert plot(made) == plot(made)
    assert plot(made).startswith(b"\x89PNG")


def test_the_windows_that_ship_are_held_out_and_of_every_sort() -> None:
    pairs = read_pairs(SAMPLE)
    assert {pair.split for pair in pairs} == {"held-out"}
    assert {pair.source for pair in pairs} == {"hard", "invented"}
    assert 0.2 < sum(map(is_none, pairs)) / len(pairs) < 0.6
    assert all(pair.title is None or pair.title in pair.titles for pair in pairs)


def test_an_unknown_back_end_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'oracle'; want one of extractive, adapter, untrained"):
        ran(folder, "--backend", "oracle", "--out", tmp_path)


@pytest.mark.weights
def test_pairs_become_a_report_and_a_folder_of_other_work_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    if not (default_cache_dir() / "all-minilm-l6-v2").is_dir():
        pytest.skip("all-minilm-l6-v2 was not pulled")
    pairs = written(tmp_path / "pairs.jsonl", PAIR, SILENT)
    words = ("--pairs", pairs, "--no-steering", "--out", tmp_path / "out")  # fmt: skip
    told = ran(folder, *words)
    assert "2 windows of 1 shows, 2 titles" in told
    found = json.loads((tmp_path / "out" / "report.json").read_text())
    names = [row["reader"] for row in found["readers"]]
    assert names == ["extractive, cart", "untrained, writing", "untrained, cart"]
    extractive, writing, choosing = (row["pace"] for row in found["readers"])
    assert extractive["tokens_read_per_s"] is None
    assert writing["tokens_written_per_s"] > 0
    assert choosing["tokens_written_per_s"] is None
    assert (tmp_path / "out" / "plot.png").read_bytes().startswith(b"\x89PNG")
    ran(folder, *words)
    again = json.loads((tmp_path / "out" / "report.json").read_text())
    assert again == found, "kept answers, with their seconds"
    with pytest.raises(InputError, match=r"made with batch 1, now 2: name another OUT"):
        ran(folder, *words, "--batch", 2)
