"""`liveshelf models`: what is listed, pulled, verified and refused."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import WeightsError
from stream.models_cli import ModelsContext, models_app
from tests.models.made_weights import MadeModel, made_model


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(models_app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def registry_file(folder: Path, model: MadeModel) -> Path:
    files = ", ".join(
        f'{{path="{file["path"]}", bytes={file["bytes"]}, sha256="{file["sha256"]}"}}'
        for file in model.entry["files"]
    )
    path = folder / "mine.toml"
    path.write_text(f'[models.made]\nsummary="made"\nlicence="CC0-1.0"\nfiles=[{files}]\n')
    return path


@pytest.fixture
def where(tmp_path: Path) -> list[str]:
    model = made_model()
    model.write_folder(tmp_path / "usb")
    registry = registry_file(tmp_path, model)
    return ["--cache-dir", str(tmp_path / "cache"), "--registry-file", str(registry)]


def test_list_shows_licence_size_and_state_of_every_model(where: list[str]) -> None:
    rows = {row["name"]: row for row in json.loads(run("list", "--json", *where))}
    assert rows["whisper-base"]["licence"] == "MIT"
    assert rows["whisper-base"]["bytes"] == 150_218_479
    assert rows["made"]["state"] == "missing"
    assert "whisper-base" in run("list", *where)


def test_pull_then_path_then_verify(where: list[str], tmp_path: Path) -> None:
    run("pull", "made", "--sources", "folder", "--folder", str(tmp_path / "usb"), *where)
    found = json.loads(run("path", "made", "--json", *where))
    assert found == {"name": "made", "path": str(tmp_path / "cache" / "made")}
    assert run("path", "made", *where).strip() == found["path"]
    verdicts = json.loads(run("verify", "--json", *where))
    assert verdicts == [{"name": "made", "state": "ok", "problems": []}]


def test_verify_fails_with_the_name_and_hash_of_a_corrupted_file(
    where: list[str], tmp_path: Path
) -> None:
    run("pull", "made", "--folder", str(tmp_path / "usb"), *where)
    (tmp_path / "cache" / "made" / "model.bin").write_bytes(b"?")
    result = CliRunner().invoke(models_app, ["verify", "made", *where])
    assert isinstance(result.exception, WeightsError)
    assert "made\tdamaged\tmodel.bin: expected SHA-256" in result.stdout


def test_path_of_weights_that_are_not_here_names_the_command(where: list[str]) -> None:
    result = CliRunner().invoke(models_app, ["path", "made", *where])
    assert isinstance(result.exception, WeightsError)
    assert "run `liveshelf models pull made`" in str(result.exception)


def test_settings_of_the_command_above_are_used(where: list[str], tmp_path: Path) -> None:
    above = typer.Typer()
    above.add_typer(models_app, name="models")

    @above.callback()
    def settings(ctx: typer.Context) -> None:
        ctx.obj = ModelsContext(tmp_path / "cache", Path(where[-1]))

    result = CliRunner().invoke(above, ["models", "list", "--json"])
    assert "made" in {row["name"] for row in json.loads(result.stdout)}


def test_a_file_that_is_no_mobilenet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "made.npz"
    path.write_bytes(b"?")
    result = CliRunner().invoke(models_app, ["convert-mobilenet", str(path), str(tmp_path / "x")])
    assert isinstance(result.exception, WeightsError)
    assert "made.npz cannot be read as named tensors" in str(result.exception)
