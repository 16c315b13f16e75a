"""Checkpoints on a hub: of one commit, whole or not at all, and back as they were."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.checkpoint import load_checkpoint, save_checkpoint
from models.checkpoint_hub import pull_checkpoint, pulled_checkpoint, push_checkpoint
from models.config import EncoderConfig, TextConfig
from models.errors import InputError, WeightsError
from tests.models.hub_double import Files, Hub, hub

REPO = "org/shelf"
# A word of httpx to huggingface_hub, which uploads as older versions wanted it.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


@pytest.fixture(name="server")
def _server() -> Iterator[Hub]:
    with hub() as made:
        yield made


def made(folder: Path, weights: bytes = b"weights", config: EncoderConfig | None = None) -> Path:
    save_checkpoint(folder, config or EncoderConfig(name="shelf"), "# card\n", (), weights)
    return folder


def files(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def nothing_lies_in(cache: Path) -> bool:
    return not [path for path in cache.rglob("*") if path.is_file()]


def test_what_was_pushed_comes_back_byte_for_byte(server: Hub, tmp_path: Path) -> None:
    folder = made(tmp_path / "mine")
    (folder / "notes.txt").write_text("of nobody's concern")
    pushed = push_checkpoint(folder, REPO, hub_url=server.url)
    (folder / "notes.txt").unlink()
    pulled = pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert files(pulled.folder) == files(folder)
    assert pulled.commit == pushed.commit
    assert pushed.url.endswith(pushed.commit)
    assert len(server.objects) == 1


def test_a_commit_gives_the_same_bytes_whatever_is_pushed_later(
    server: Hub, tmp_path: Path
) -> None:
    first = made(tmp_path / "first")
    commit = push_checkpoint(first, REPO, hub_url=server.url).commit
    push_checkpoint(made(tmp_path / "second", b"other"), REPO, hub_url=server.url)
    cache = tmp_path / "cache"
    pulled = pull_checkpoint(REPO, cache, commit, server.url)
    assert files(pulled.folder) == files(first)
    newest = pull_checkpoint(REPO, cache, None, server.url)
    assert newest.commit != commit
    assert pulled_checkpoint(REPO, cache) == newest
    assert pulled_checkpoint(REPO, cache, commit) == pulled


def test_a_checkpoint_that_is_here_is_not_fetched_again(server: Hub, tmp_path: Path) -> None:
    server.put(REPO, files(made(tmp_path / "mine")))
    first = pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    count = len(server.fetched())
    assert pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url) == first
    assert len(server.fetched()) == count


def test_a_pickle_in_the_repository_is_refused_before_anything_is_fetched(
    server: Hub, tmp_path: Path
) -> None:
    server.put(REPO, {**files(made(tmp_path / "mine")), "old/pytorch_model.bin": b"x"})
    with pytest.raises(WeightsError, match=r"org/shelf/old/pytorch_model\.bin may be a pickle"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert server.fetched() == []
    assert nothing_lies_in(tmp_path / "cache")
    with pytest.raises(WeightsError, match="may be a pickle"):
        push_checkpoint(tmp_path / "mine", REPO, hub_url=server.url)


def test_an_altered_file_is_named_and_leaves_nothing(server: Hub, tmp_path: Path) -> None:
    server.put(REPO, {**files(made(tmp_path / "mine")), "model.safetensors": b"altered"})
    with pytest.raises(WeightsError, match=r"model\.safetensors is absent or not the file"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert nothing_lies_in(tmp_path / "cache")


def test_a_pull_that_breaks_off_leaves_nothing_and_can_be_repeated(
    server: Hub, tmp_path: Path
) -> None:
    server.put(REPO, files(made(tmp_path / "mine")))
    server.keeps.add("model.safetensors")
    with pytest.raises(WeightsError, match="has not given or taken org/shelf"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert "manifest.json" in server.fetched()
    assert nothing_lies_in(tmp_path / "cache")
    server.keeps.clear()
    pulled = pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert files(pulled.folder) == files(tmp_path / "mine")


@pytest.mark.parametrize("name", ["manifest.json", "config.json"])
def test_a_repository_without_a_file_is_no_checkpoint(
    server: Hub, tmp_path: Path, name: str
) -> None:
    there = files(made(tmp_path / "mine"))
    del there[name]
    server.put(REPO, there)
    with pytest.raises(InputError, match=f"it has no {name}"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert nothing_lies_in(tmp_path / "cache")


def test_settings_that_name_a_folder_of_one_machine_go_neither_way(
    server: Hub, tmp_path: Path
) -> None:
    config = EncoderConfig(text=replace(TextConfig(), weights=str(tmp_path)))
    folder = made(tmp_path / "mine", config=config)
    with pytest.raises(InputError, match="which other machines do not have"):
        push_checkpoint(folder, REPO, hub_url=server.url)
    server.put(REPO, files(folder))
    with pytest.raises(InputError, match="which other machines do not have"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)


def test_private_means_private(server: Hub, tmp_path: Path) -> None:
    folder = made(tmp_path / "mine")
    push_checkpoint(folder, REPO, private=True, hub_url=server.url)
    assert server.repositories[REPO].private
    push_checkpoint(folder, "org/open", hub_url=server.url)
    assert not server.repositories["org/open"].private
    with pytest.raises(InputError, match="org/open is there already and is public"):
        push_checkpoint(folder, "org/open", private=True, hub_url=server.url)


def test_an_altered_checkpoint_is_not_pushed(server: Hub, tmp_path: Path) -> None:
    folder = made(tmp_path / "mine")
    (folder / "README.md").write_text("# better than it is\n")
    with pytest.raises(WeightsError, match=r"README\.md"):
        push_checkpoint(folder, REPO, hub_url=server.url)
    assert server.asked == []


def test_a_hub_that_refuses_or_is_away_is_told_in_a_line(server: Hub, tmp_path: Path) -> None:
    folder = made(tmp_path / "mine")
    with pytest.raises(WeightsError, match="org/none at revision 'main'"):
        pull_checkpoint("org/none", tmp_path / "cache", hub_url=server.url)
    server.put(REPO, files(folder))
    with pytest.raises(WeightsError, match="org/shelf at revision 'nightly'"):
        pull_checkpoint(REPO, tmp_path / "cache", "nightly", server.url)
    server.refuses = True
    with pytest.raises(WeightsError, match="403"):
        push_checkpoint(folder, REPO, hub_url=server.url)
    away = "http://127.0.0.1:9"
    with pytest.raises(WeightsError, match="has not given or taken org/shelf"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=away)
    with pytest.raises(WeightsError, match="has not given or taken org/shelf"):
        push_checkpoint(folder, REPO, hub_url=away)
    assert nothing_lies_in(tmp_path / "cache")


def test_what_was_not_pulled_is_not_invented(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="run `liveshelf checkpoint pull org/shelf`"):
        pulled_checkpoint(REPO, tmp_path)
    with pytest.raises(InputError, match="want org/name"):
        pulled_checkpoint("../shelf", tmp_path)


def test_a_pulled_checkpoint_that_was_altered_since_is_refused(server: Hub, tmp_path: Path) -> None:
    server.put(REPO, files(made(tmp_path / "mine")))
    pulled = pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
    assert load_checkpoint(pulled.folder).config.name == "shelf"
    (pulled.folder / "config.json").write_bytes(b"{}")
    with pytest.raises(WeightsError, match=r"config\.json"):
        pull_checkpoint(REPO, tmp_path / "cache", hub_url=server.url)
