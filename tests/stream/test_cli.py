"""The command line as a stranger meets it: help, examples, refusals and exit codes."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from stream.cli import command_line
from tests.stream.terminal import liveshelf


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that does something, with its words."""
    for name, sub in getattr(command, "commands", {}).items():
        yield from leaves(sub, (*path, name))
    if path and (not hasattr(command, "commands") or command.invoke_without_command):
        yield path, command


ROOT = typer.main.get_command(command_line())
COMMANDS = dict(leaves(ROOT))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_an_example_that_is_understood_as_written(path: tuple[str, ...]) -> None:
    told = COMMANDS[path].help or ""
    example = re.search(r"Example: liveshelf (.+)", told)
    assert example is not None, told
    words = shlex.split(example[1].rstrip("."))
    assert tuple(words[: len(path)]) == path
    COMMANDS[path].make_context(" ".join(path), words[len(path) :])


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_argument_and_option_is_explained(path: tuple[str, ...]) -> None:
    wordless = [one.name for one in COMMANDS[path].params if not getattr(one, "help", None)]
    assert wordless == []


def test_help_shows_brackets_as_they_are(tmp_path: Path) -> None:
    assert '{"cart": ["id", …], "shop": "name"}' in liveshelf(tmp_path, "run", "--help").out


REFUSED = [
    (("doktor",), {}, 2, "Did you mean 'doctor'"),
    (("demo", "--sped", "1"), {}, 2, "--speed"),
    (("demo", "--speed", "-1"), {}, 2, "greater than or equal to 0"),
    (("--set", "tag.entr=3", "doctor"), {}, 78, "did you mean tag.enter?"),
    (("--set", "tag.enter", "doctor"), {}, 78, "want GROUP.KEY=VALUE"),
    (("--set", "=3", "doctor"), {}, 78, "want GROUP.KEY=VALUE"),
    (("--set", "tag.enter=many", "doctor"), {}, 78, "tag.enter is 'many'"),
    (("--config", "none.toml", "doctor"), {}, 78, "none.toml does not exist"),
    (("doctor",), {"LIVESHELF_TAG__ENTR": "3"}, 78, "did you mean LIVESHELF_TAG__ENTER?"),
    (("tags", "--kafka", "host:abc"), {}, 78, "'host:abc' is not host:port"),
    (("worker", "--stages", "asr,tags"), {}, 78, "'tags' is not one of asr, ocr, summarize"),
    (("worker", "--stages", ","), {}, 78, "is not one of asr"),
    (("schema", "show", "tagg"), {}, 66, "there is no event 'tagg'; known are"),
    (("schema", "write", "/proc/x"), {}, 66, "/proc/x cannot be written"),
    (("models", "path", "nope"), {}, 69, "'nope' is neither a folder"),
    (("tags",), {}, 71, "liveshelf broker start"),
    (("index", "stats"), {}, 71, "liveshelf index serve"),
]


@pytest.mark.parametrize(("arguments", "environment", "code", "words"), REFUSED)
def test_refusal_names_what_was_wrong_and_what_would_be_right(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], code: int, words: str
) -> None:
    said = liveshelf(tmp_path, *arguments, **environment)
    assert said.code == code, said.err
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("service", ["broker", "index"])
def test_status_of_what_does_not_run_is_exit_code_3(tmp_path: Path, service: str) -> None:
    said = liveshelf(tmp_path, service, "status")
    assert said.code == 3
    assert said.out.startswith(f"not running; `liveshelf {service} ")
    assert json.loads(liveshelf(tmp_path, service, "status", "--json").out) == {"running": False}


def test_file_names_are_not_read_as_colours(tmp_path: Path) -> None:
    said = liveshelf(tmp_path, "run", "[bold]x.mp4", "--catalogue", "[red].jsonl")
    assert "[red].jsonl" in said.line


def test_topics_are_listed_in_words_and_as_json(tmp_path: Path) -> None:
    assert re.search(r"liveshelf\.tags .* 30 d", liveshelf(tmp_path, "topics", "list").out)
    rows = json.loads(liveshelf(tmp_path, "topics", "list", "--json").out)
    kept = {row["topic"]: row["retention_ms"] for row in rows}
    assert kept["liveshelf.tags"] == 30 * 24 * 3_600_000
