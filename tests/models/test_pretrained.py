"""Encoders by name from anywhere, and back into a folder as they were."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.checkpoint import PRESETS, load_checkpoint, save_checkpoint
from models.encoder import Encoder
from models.errors import InputError, WeightsError
from tests.conftest import CACHE_DIR
from tests.models.hub_double import Hub, hub
from tests.tiny_vision import save_branches, save_clip


@pytest.fixture(name="server")
def _server() -> Iterator[Hub]:
    with hub() as made:
        yield made


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return save_branches(tmp_path / "tiny")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_loaded_checkpoint_is_saved_with_the_same_bytes_and_fingerprint(
    folder: Path, tmp_path: Path
) -> None:
    first = Encoder.from_pretrained(str(folder), cache_dir=tmp_path, local_files_only=True)
    (folder / "notes.txt").write_text("not of the checkpoint")
    first.save_pretrained(tmp_path / "copy")
    (folder / "notes.txt").unlink()
    assert contents(tmp_path / "copy") == contents(folder)
    again = Encoder.from_pretrained(str(tmp_path / "copy"), cache_dir=tmp_path)
    assert again.fingerprint == first.fingerprint
    first.save_pretrained(folder)
    assert contents(folder) == contents(tmp_path / "copy")


def test_what_was_altered_since_it_was_loaded_is_not_saved(folder: Path, tmp_path: Path) -> None:
    encoder = Encoder.from_pretrained(str(folder), cache_dir=tmp_path, local_files_only=True)
    (folder / "README.md").write_text("# another card\n")
    with pytest.raises(WeightsError, match=r"README\.md is absent or not the file"):
        encoder.save_pretrained(tmp_path / "copy")
    config = replace(load_checkpoint(PRESETS / "untrained").config, name="another")
    save_checkpoint(folder, config, "# another card\n")
    with pytest.raises(WeightsError, match="holds another checkpoint"):
        encoder.save_pretrained(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_nothing_is_saved_over_somebody_elses_files(folder: Path, tmp_path: Path) -> None:
    encoder = Encoder.from_pretrained(str(folder), cache_dir=tmp_path, local_files_only=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="full is not empty"):
        encoder.save_pretrained(tmp_path / "full")


def test_a_model_of_no_checkpoint_has_none_to_save(tmp_path: Path) -> None:
    name = f"zero-shot:{save_clip(tmp_path / 'clip')}"
    encoder = Encoder.from_pretrained(name, cache_dir=tmp_path)
    with pytest.raises(InputError, match="not loaded from a checkpoint"):
        encoder.save_pretrained(tmp_path / "copy")


def test_a_revision_is_for_hub_repositories_only(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no hub repository"):
        Encoder.from_pretrained(str(folder), revision="main", cache_dir=tmp_path)


def test_without_the_network_a_repository_must_have_been_pulled(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="run `liveshelf checkpoint pull org/shelf`"):
        Encoder.from_pretrained("org/shelf", cache_dir=tmp_path, local_files_only=True)


def test_a_pickle_is_refused_before_it_is_opened(folder: Path, tmp_path: Path) -> None:
    (folder / "extra.ckpt").write_bytes(b"x")
    with pytest.raises(WeightsError, match="may be a pickle"):
        Encoder.from_pretrained(str(folder), cache_dir=tmp_path, local_files_only=True)


LOAD = """
import sys
from pathlib import Path
from models.encoder import Encoder

encoder = Encoder.from_pretrained("org/shelf", cache_dir=Path(sys.argv[1]))
again = Encoder.from_pretrained("org/shelf", cache_dir=Path(sys.argv[1]), local_files_only=True)
print(encoder.fingerprint, again.fingerprint)
"""


@pytest.mark.weights
def test_a_hub_repository_is_loaded_from_where_hf_endpoint_says(
    server: Hub, tmp_path: Path
) -> None:
    server.put("org/shelf", contents(PRESETS / "liveshelf"))
    (tmp_path / "all-minilm-l6-v2").symlink_to(CACHE_DIR / "weights" / "all-minilm-l6-v2")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path)],
        env={**os.environ, "HF_ENDPOINT": server.url},
        capture_output=True,
        text=True,
        check=False,
    )
    own = {one.fingerprint for one in load_checkpoint(PRESETS / "liveshelf").calibrations}
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == own
