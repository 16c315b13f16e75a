"""`liveshelf index` as a process: what it prints where, and the code that it ends with."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import InputError, ServiceError, TransientError
from tests.stream.catalogue_files import catalogue
from tests.tiny_vision import save_branches
from tests.workers.huge_png import huge_png
from tests.workers.served_index import ServedIndex, served_index

pytestmark = pytest.mark.milvus
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


def liveshelf(
    folder: Path, *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment |= {f"LIVESHELF_{key}": value for key, value in variables.items()}
    environment |= {"LIVESHELF_PATHS__DATA_DIR": str(folder / "data")}
    return subprocess.run(
        [sys.executable, "-m", "stream.cli", "index", *arguments],
        capture_output=True, text=True, check=False, cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT), "COLUMNS": "300"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "says"),
    [
        (("build", "empty.jsonl"), {}, InputError.exit_code, "empty.jsonl holds no product"),
        (("build", "catalogue.jsonl"), {}, ServiceError.exit_code, "`liveshelf index serve`"),
        (("stats",), {"INDEX__URI": "http://127.0.0.1:9"}, TransientError.exit_code, ":9 is away"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code_of_its_own(
    arguments: tuple[str, ...], variables: dict[str, str], code: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    catalogue(tmp_path)
    done = liveshelf(tmp_path, *arguments, **variables)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.startswith("error: ")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_command_indexes_the_rest_of_a_bad_catalogue_and_ends_well(
    served: ServedIndex, tmp_path: Path
) -> None:
    (tmp_path / "bomb.png").write_bytes(huge_png())
    bomb = {"product_id": "bomb", "title": "Bomb", "images": ["bomb.png"]}
    catalogue(tmp_path, bomb, "{broken")
    encoder = str(save_branches(tmp_path / "tiny"))
    variables = {"INDEX__URI": served.uri, "MODELS__ENCODER": encoder, "MODELS__DEVICE": "cpu"}
    done = liveshelf(tmp_path, "build", "catalogue.jsonl", **variables)
    assert done.returncode == 0, done.stderr
    assert "2 skipped; build " in done.stdout
    assert "14,000 × 14,000" in done.stderr
    assert "not JSON: " in done.stderr
    assert "Traceback" not in done.stderr
