"""`liveshelf retrain` as it is typed: help, refusals, and a run that is refused by the gate."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from models.errors import InputError, SettingsError
from stream.cli import command_line
from stream.retrain_cli import retrain_app
from stream.settings import Settings
from tests.stream.retrain_shop import TINY, Shop, open_shop
from tests.workers.served_index import ServedIndex, served_index


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(tmp_path_factory.mktemp("shop"))


def invoke(settings: Settings | None, *words: str | Path) -> Result:
    def known() -> Settings:
        return settings or Settings()

    runner = CliRunner(env={"COLUMNS": "400"})
    result = runner.invoke(retrain_app(known), [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_example_of_the_group_is_understood_as_written() -> None:
    group = typer.main.get_command(command_line()).commands["retrain"]  # type: ignore[attr-defined]
    example = re.search(r"Example: liveshelf retrain (.+)", " ".join((group.help or "").split()))
    assert example is not None
    context = group.make_context("retrain", shlex.split(example[1]))
    assert context.params["frozen"] == Path("frozen.jsonl")
    assert all(one.help for one in group.params)


def test_what_is_missing_or_no_option_is_said_at_once() -> None:
    with pytest.raises(SettingsError, match="--frozen is missing"):
        invoke(None)
    with pytest.raises(InputError, match="'sise' is none of"):
        invoke(None, "--frozen", "f.jsonl", "-o", "sise=3")
    assert invoke(None, "--frozen", "f.jsonl", "--allow-drop", "2").exit_code == 2


@pytest.mark.milvus
def test_a_refusal_is_told_with_its_figures_and_exit_code(
    served: ServedIndex, shop: Shop, tmp_path: Path
) -> None:
    settings = shop.settings(served.uri, tmp_path)
    words: list[str | Path] = [
        "--frozen",
        shop.manifest,
        "--base",
        shop.manifest,
        "--tags",
        shop.tags,
    ]
    words += ["--corrections", shop.corrections, "--folder", tmp_path / "run", "--reviewed"]
    words += [word for option in (*TINY, "rate=3", "clip=1000") for word in ("-o", option)]
    refused = invoke(settings, *words)
    assert refused.exit_code == 1
    assert "2 clips of 1 rooms (2 by what people said, 1 of no product" in refused.stdout
    assert "1 tags left out: nobody spoke about the tag" in refused.stdout
    assert "2 frames lost: the frame is neither on its topic nor recorded" in refused.stdout
    assert re.search(r"refused: \w+ \S+ .*fell by .* 0 is allowed", refused.stderr)
    allowed = invoke(settings, *words, "--allow-drop", "1", "--json")
    told = json.loads(allowed.stdout)
    assert (allowed.exit_code, told["moved"]) == (0, True)
    status = json.loads(invoke(settings, "status", "--json").stdout)
    assert [one["what"] for one in status["entries"]] == ["refused", "moved"]
    assert status["current"] == told["fingerprint"]
    assert "both R@1 " in invoke(settings, "status").stdout
    back = invoke(settings, "rollback", "--who", "bob")
    assert f"--set models.encoder={shop.checkpoint}" in back.stdout
    status = json.loads(invoke(settings, "status", "--json").stdout)
    assert status["entries"][-1]["who"] == "bob"
    assert status["current"] != told["fingerprint"]
