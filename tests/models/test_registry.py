"""One name means one set of bytes, pulled once, checked, and never downloaded unasked."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models.errors import WeightsError
from models.registry import Registry, default_cache_dir
from models.weight_entry import parse_entry
from models.weight_sources import Progress, PullOptions
from tests.models.file_server import serving
from tests.models.made_weights import FILES, made_model

MODEL = made_model()


def registry_of(entry: Mapping[str, Any] = MODEL.entry) -> Registry:
    return Registry({"made": parse_entry("made", dict(entry))})


@pytest.fixture
def from_folder(tmp_path: Path) -> PullOptions:
    folder = MODEL.write_folder(tmp_path / "usb")
    return PullOptions(("folder", "cache"), folder=folder)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_the_shipped_registry_names_five_models_with_licence_and_sources() -> None:
    entries = Registry.load().entries
    assert [entry.name for entry in entries] == [
        "all-minilm-l6-v2",
        "efficientnet-lite0",
        "smollm2-135m-instruct",
        "whisper-base",
        "whisper-tiny.en",
    ]
    for entry in entries:
        assert entry.licence in {"MIT", "Apache-2.0"}
        assert entry.size_bytes > 10_000_000
        assert entry.wheels
        assert entry.hub is None or len(entry.hub.revision) == 40


def test_weights_that_were_not_pulled_say_which_command_pulls_them(cache: Path) -> None:
    with pytest.raises(WeightsError, match="run `liveshelf models pull whisper-base`"):
        Registry.load().path("whisper-base", cache)


def test_an_unknown_name_is_answered_with_the_known_ones(cache: Path) -> None:
    with pytest.raises(WeightsError, match="'whisper'; known are all-minilm-l6-v2, "):
        Registry.load().path("whisper", cache)


def test_pulled_weights_lie_under_their_name(cache: Path, from_folder: PullOptions) -> None:
    registry = registry_of()
    folder = registry.pull("made", cache, from_folder)
    assert folder == cache / "made" == registry.path("made", cache)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert registry.verify("made", cache).state == "ok"


def test_a_second_pull_finds_the_first_in_the_cache(cache: Path, from_folder: PullOptions) -> None:
    registry = registry_of()
    registry.pull("made", cache, from_folder)
    told: list[Progress] = []
    registry.pull("made", cache, PullOptions(("cache",)), told.append)
    assert told == []


@pytest.mark.parametrize("cut", [True, False])
def test_damaged_weights_are_refused_and_named_and_the_next_pull_mends_them(
    cache: Path, from_folder: PullOptions, cut: bool
) -> None:
    registry = registry_of()
    file = registry.pull("made", cache, from_folder) / "model.bin"
    data = file.read_bytes()
    file.write_bytes(data[:-1] if cut else data[:-1] + b"?")
    with pytest.raises(WeightsError, match=r"damaged: model\.bin: expected SHA-256 .*, got "):
        registry.path("made", cache)
    assert registry.verify("made", cache).state == "damaged"
    registry.pull("made", cache, from_folder)
    assert registry.path("made", cache).joinpath("model.bin").read_bytes() == data


def test_verify_reads_files_that_look_untouched(cache: Path, from_folder: PullOptions) -> None:
    registry = registry_of()
    file = registry.pull("made", cache, from_folder) / "model.bin"
    before = file.stat()
    file.write_bytes(b"?" * before.st_size)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert registry.verify("made", cache).problems[0].startswith("model.bin: expected SHA-256")


def test_a_record_that_was_changed_with_its_file_does_not_deceive(
    cache: Path, from_folder: PullOptions
) -> None:
    registry = registry_of()
    folder = registry.pull("made", cache, from_folder)
    (folder / "model.bin").write_bytes(b"?")
    record = folder / "liveshelf-weights.json"
    parsed = json.loads(record.read_text())
    state = (folder / "model.bin").stat()
    changed = {"sha256": "0" * 64, "size_bytes": 1, "mtime_ns": state.st_mtime_ns}
    record.write_text(json.dumps(parsed | {"files": parsed["files"] | {"model.bin": changed}}))
    assert registry.verify("made", cache).state == "damaged"


def test_a_folder_that_was_half_made_counts_as_missing(cache: Path) -> None:
    MODEL.write_folder(cache / "made")
    assert registry_of().verify("made", cache).state == "missing"


def test_a_name_that_now_means_other_bytes_is_outdated(
    cache: Path, from_folder: PullOptions
) -> None:
    registry_of().pull("made", cache, from_folder)
    files = [dict(file) for file in MODEL.entry["files"]]
    files[0]["sha256"] = "0" * 64
    newer = registry_of(MODEL.entry | {"files": files})
    with pytest.raises(WeightsError, match="are outdated: holds"):
        newer.path("made", cache)
    assert newer.entry("made").identity != registry_of().entry("made").identity


def test_a_failed_pull_leaves_what_was_there(cache: Path, from_folder: PullOptions) -> None:
    registry = registry_of()
    registry.pull("made", cache, from_folder)
    with pytest.raises(WeightsError, match="cannot pull made"):
        registry.pull("made", cache, PullOptions(("folder",), folder=cache / "nowhere"))
    assert registry.verify("made", cache).state == "ok"
    assert not list((cache / ".staging").iterdir())


def test_a_cache_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="cannot keep made in"):
        registry_of().pull("made", tmp_path / "file", PullOptions(("cache",)))


def test_a_users_entry_joins_the_shipped_ones_and_wins_by_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    lines = [
        'summary = "mine"',
        'licence = "own"',
        f'files = [{{path="a", bytes=1, sha256="{"0" * 64}"}}]',
    ]
    text = "\n".join(lines)
    file.write_text(f'[models.my-model]\n{text}\n[models."whisper-base"]\n{text}\n')
    registry = Registry.load(file)
    assert registry.entry("my-model").licence == "own"
    assert registry.entry("whisper-base").summary == "mine"
    assert registry.entry("whisper-tiny.en").summary != "mine"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"licence": ""}, r"models\.made\.licence should be a text"),
        ({"files": []}, r"models\.made\.files names no file"),
        ({"files": [{"path": "a", "bytes": 1, "sha256": "abc"}]}, "64 hexadecimal digits"),
        ({"files": [{"path": "../a", "bytes": 1, "sha256": "0" * 64}]}, "plain relative path"),
        ({"files": [{"path": "/a", "bytes": 1, "sha256": "0" * 64}]}, "plain relative path"),
        ({"files": [{"path": "a", "bytes": "1", "sha256": "0" * 64}]}, r"bytes should be a whole"),
        ({"files": "a"}, "should be a list of tables"),
        ({"converter": "pickle"}, "converter is 'pickle'; known are"),
        ({"licens": "MIT"}, r"unknown keys \['licens'\]"),
        ({"wheels": MODEL.entry["wheels"][:1]}, r"wheel members differ in \['sub/config.json'\]"),
    ],
)
def test_a_malformed_entry_is_refused_with_the_key_at_fault(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(WeightsError, match=words):
        parse_entry("made", MODEL.entry | change)


def test_a_registry_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("models = [")
    with pytest.raises(WeightsError, match=r"bad\.toml cannot be read"):
        Registry.load(tmp_path / "bad.toml")


def test_a_folder_stands_for_itself_and_a_hub_name_wants_a_pull(
    tmp_path: Path, cache: Path
) -> None:
    registry = registry_of()
    assert registry.resolve(str(tmp_path), cache) == tmp_path
    with pytest.raises(WeightsError, match="run `liveshelf models pull org/model`"):
        registry.resolve("org/model", cache)
    with pytest.raises(WeightsError, match="neither a folder, nor a hub name"):
        registry.resolve("no such thing", cache)


_PULL = """
import json, sys
from pathlib import Path
from models.registry import Registry
from models.weight_entry import parse_entry
from models.weight_sources import PullOptions
entry, cache, hub = json.loads(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
registry = Registry({"made": parse_entry("made", entry)})
registry.pull("made", cache, PullOptions(("cache", "hub"), hub_url=hub))
assert registry.verify("made", cache).state == "ok"
assert "torch" not in sys.modules
"""


def test_two_processes_pulling_at_once_download_once_and_need_no_torch(cache: Path) -> None:
    with serving() as server:
        for name, data in FILES.items():
            server.put(f"/org/made/resolve/0123abc/{name}", data)
        command = [sys.executable, "-c", _PULL, json.dumps(MODEL.entry), str(cache), server.url]
        running = [subprocess.Popen(command) for _ in range(3)]
        assert [process.wait(60) for process in running] == [0, 0, 0]
        assert server.count("/org/made/resolve/0123abc/model.bin") == 1


@pytest.mark.weights
def test_the_real_language_model_is_pulled_converted_and_ends_its_turn() -> None:
    registry, cache = Registry.load(), default_cache_dir()
    folder = registry.pull("smollm2-135m-instruct", cache)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert [settings["eos_token"], settings["pad_token"]] == ["<|im_end|>"] * 2
    assert "<|im_start|>" in (folder / "chat_template.jinja").read_text()
    assert registry.verify("smollm2-135m-instruct", cache).state == "ok"


@pytest.mark.weights
def test_the_real_picture_model_has_the_keys_of_timm() -> None:
    import timm
    from safetensors.torch import load_file

    folder = Registry.load().pull("efficientnet-lite0", default_cache_dir())
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    model.load_state_dict(load_file(folder / "model.safetensors"))
