"""`liveshelf checkpoint`: what it prints, where it puts things, and what it refuses."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from models.errors import InputError, WeightsError
from models.onnx_encoder import load_onnx_encoder
from stream.checkpoint_cli import checkpoint_app
from stream.settings import Settings, load_settings
from tests.models.hub_double import Hub, hub
from tests.models.tiny_training import write_manifest
from tests.tiny_vision import save_branches


@pytest.fixture(name="server")
def _server() -> Iterator[Hub]:
    with hub() as made:
        yield made


@pytest.fixture(name="settings")
def _settings(server: Hub, tmp_path: Path) -> Settings:
    found = load_settings({"paths.cache_dir": str(tmp_path / "cache")}, None)
    return replace(found, models=replace(found.models, hub_url=server.url))


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return save_branches(tmp_path / "tiny")


def run(settings: Settings, *words: str | Path) -> str:
    result = CliRunner().invoke(checkpoint_app(lambda: settings), [str(one) for one in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_show_and_verify_tell_the_same_fingerprint(settings: Settings, folder: Path) -> None:
    told: dict[str, Any] = json.loads(run(settings, "show", folder, "--json"))
    assert run(settings, "verify", folder).split("\t")[:2] == ["ok", told["fingerprint"]]
    table = run(settings, "show", folder)
    assert "test_efficientnet" in table
    assert "config.json" in table
    (folder / "README.md").write_text("# better\n")
    with pytest.raises(WeightsError, match=r"README\.md is altered"):
        run(settings, "verify", folder)


def test_a_pulled_checkpoint_is_printed_with_the_commit_that_pins_it(
    settings: Settings, server: Hub, tmp_path: Path
) -> None:
    shipped = run(settings, "show", "untrained", "--json")
    pushed = json.loads(run(settings, "push", "untrained", "org/shelf", "--private", "--json"))
    assert server.repositories["org/shelf"].private
    place, commit = run(settings, "pull", "org/shelf").strip().split("\t")
    assert commit == pushed["revision"]
    assert Path(place).is_relative_to(tmp_path / "cache" / "weights")
    pulled = json.loads(run(settings, "pull", "org/shelf", "--revision", commit, "--json"))
    assert pulled == {"folder": place, "revision": commit}
    again = json.loads(run(settings, "show", place, "--json"))
    assert again["config"] == json.loads(shipped)["config"]


@pytest.mark.slow
def test_an_export_tells_cosines_and_recall(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "onnx"
    data.mkdir()
    manifest = write_manifest(data)
    table = run(settings, "export", folder, out, "--pictures", data, "--manifest", manifest)
    assert f"export\t{out}" in table
    told = json.loads((out / "export.json").read_text(encoding="utf-8"))
    assert told["cosine"]["fp32"]["image"]["min"] >= 0.999
    assert told["recall"]["onnx fp32"] == told["recall"]["torch"]
    shown = json.loads(run(settings, "show", folder, "--json"))
    assert load_onnx_encoder(out).fingerprint == shown["fingerprint"]


def test_what_cannot_be_measured_on_is_refused_before_work(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="--split dev: want one of train"):
        run(settings, "export", folder, tmp_path / "out", "--split", "dev")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds no picture"):
        run(settings, "export", folder, tmp_path / "out", "--pictures", tmp_path / "empty")
    manifest = write_manifest(tmp_path)
    pages = [line for line in manifest.read_text().splitlines() if '"page"' in line]
    manifest.write_text("\n".join(pages))
    with pytest.raises(InputError, match="has no clip of split test"):
        run(settings, "export", folder, tmp_path / "out", "--manifest", manifest)
    assert not (tmp_path / "out").exists()
