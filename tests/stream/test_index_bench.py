"""`liveshelf index bench` on real Milvus Lite: figures, resuming, and what it leaves behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from models.errors import InputError, MismatchError, SettingsError
from models.fusion import Layout
from stream.index_cli import index_app
from stream.settings import Settings, load_settings
from tests.workers.served_index import ServedIndex, served_index
from workers.index_schema import Build, collection_of

pytestmark = pytest.mark.milvus
FEW = ("--dim", "8", "--batch", "4", "--calls", "3", "--top-k", "12")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture
def settings(served: ServedIndex, tmp_path: Path) -> Settings:
    known = {"index.uri": served.uri, "paths.data_dir": str(tmp_path / "data")}
    return load_settings(known, environment={})


def invoke(settings: Settings, *arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "200"})
    return runner.invoke(index_app(lambda: settings), ["bench", *arguments])


def measured(settings: Settings, out: Path, *sizes: str) -> dict[str, Any]:
    wanted = [word for size in sizes for word in ("--size", size)]
    done = invoke(settings, "--out", str(out), "--json", *FEW, *wanted)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_exact_search_finds_all_in_the_catalogue_and_a_shop_and_hardly_less_while_written(
    settings: Settings, served: ServedIndex, tmp_path: Path
) -> None:
    out = tmp_path / "curves"
    report = measured(settings, out, "200")
    assert json.loads((out / "report.json").read_text()) == report
    assert (out / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert report["options"]["milvus"].startswith("milvus_lite")
    (size,) = report["sizes"]
    assert [one["kind"] for one in size["indexes"]] == ["FLAT"], "all that Milvus Lite is offered"
    tried = [(one["in_shop"], one["writes"]) for one in size["points"]]
    assert tried == [(False, False), (True, False), (False, True)]
    for one in size["points"]:
        # A row that is being replaced may be missed by a search of that moment.
        assert one["recall"] == 1.0 if not one["writes"] else one["recall"] > 0.9
        assert one["found_twice"] == 0
        assert 0 < one["p50_ms"] <= one["p99_ms"]
    written = size["points"][-1]["written"]
    assert written["upserted"] > 0
    assert (written["came_back"], written["failed"]) == (0, [])
    assert all(build.encoder != "index bench" for build in served.connect().builds())


def test_a_stopped_run_goes_on_and_a_size_that_is_added_is_all_that_is_measured(
    settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "curves"
    first = measured(settings, out, "200")
    lost = json.loads((out / "report.json").read_text())
    del lost["sizes"][0]["points"][1:]
    (out / "report.json").write_text(json.dumps(lost))
    both = measured(settings, out, "200", "100")
    assert [size["count"] for size in both["sizes"]] == [100, 200]
    assert both["sizes"][1]["points"][0] == first["sizes"][0]["points"][0]
    assert len(both["sizes"][1]["points"]) == 3
    assert measured(settings, out, "200", "100") == both


def test_figures_of_other_options_are_not_mixed_in(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "curves"
    measured(settings, out, "100")
    done = invoke(settings, "--out", str(out), "--size", "100", *FEW[:-1], "20")
    assert isinstance(done.exception, InputError)
    assert "'top_k': 20" in str(done.exception)
    (out / "report.json").write_text("[]")
    done = invoke(settings, "--out", str(out), "--size", "100", *FEW)
    assert "is no report" in str(done.exception)


def test_a_table_says_what_was_measured(settings: Settings, tmp_path: Path) -> None:
    done = invoke(settings, "--out", str(tmp_path / "curves"), "--size", "100", *FEW)
    assert done.exit_code == 0, done.output
    assert "recall@10" in done.stdout
    assert "writes" in done.stdout


def test_an_unknown_kind_is_named(settings: Settings, tmp_path: Path) -> None:
    done = invoke(settings, "--out", str(tmp_path), "--kind", "DISKANN")
    assert isinstance(done.exception, SettingsError)
    assert "'DISKANN'; want one of FLAT" in str(done.exception)


def test_help_has_units_and_an_example() -> None:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(index_app(load_settings), ["bench", "--help"])
    assert "Example: liveshelf index bench" in done.stdout
    assert "in ms" in done.stdout


def test_tune_says_what_it_did_and_what_milvus_lite_has_not(
    settings: Settings, served: ServedIndex
) -> None:
    index = served.connect()
    build = index.store(Build(collection_of("7a2e" * 4), "7a2e" * 4, Layout("mean", 2, 2)))
    index.activate(build)
    runner = CliRunner(env={"COLUMNS": "200"})
    done = runner.invoke(index_app(lambda: settings), ["tune", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told == {
        "collection": build.collection,
        "products": 0,
        "kind": "FLAT",
        "build": {},
        "effort": 0,
    }
    done = runner.invoke(index_app(lambda: settings), ["tune", "--kind", "HNSW"])
    assert isinstance(done.exception, MismatchError)
    done = runner.invoke(index_app(lambda: settings), ["tune", "--kind", "GRAPH"])
    assert "'GRAPH'; want one of auto, FLAT" in str(done.exception)
