"""What users hand over that cannot work: each is named with its reason and its own exit code."""

import json
import shutil
from pathlib import Path

import pytest

from models.registry import Registry
from tests.conftest import CACHE_DIR
from tests.media_files import Film, make_film
from tests.models.made_weights import made_model
from tests.stream.terminal import Said, liveshelf

NOWHERE = "127.0.0.1:1"
PRODUCT = '{"product_id": "mug-1", "title": "Mug"}\n'


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", Film(seconds=2))


@pytest.fixture
def folder(tmp_path: Path, film: Path) -> Path:
    """A folder with good and bad files of every kind."""
    whole = film.read_bytes()
    index = whole.index(b"moov") - 4
    files = {
        "good.mp4": whole,
        "text.mp4": b"hello\n",
        "empty.mp4": b"",
        "no-moov.mp4": whole[:index],
        "half.mp4": whole[: len(whole) // 2],
        "good.jsonl": PRODUCT.encode(),
        "empty.jsonl": b"",
        "broken.jsonl": b"{\n",
        "unknown.json": b'["mug-1", "cup-9"]',
        "broken.json": b"[1,",
        "number.json": b'{"cart": ["mug-1"], "shop": 5}',
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.mp4").mkdir()
    return tmp_path


SOURCES = [
    ("text.mp4", "not audio or video, or cut off before its index"),
    ("no-moov.mp4", "not audio or video, or cut off before its index"),
    ("half.mp4", "not audio or video, or cut off before its index"),
    ("empty.mp4", "is empty (0 bytes)"),
    ("folder.mp4", "is a folder, not a media file"),
    ("missing.mp4", "no such file"),
    ("ftp://host/x.mp4", "scheme ftp is not read; use a file or http"),
    (f"http://u:secret@{NOWHERE}/x.mp4?key=1", f"http://{NOWHERE}/x.mp4: cannot be read"),
]


@pytest.mark.parametrize(
    ("command", "source", "words"),
    [("run", *one) for one in SOURCES] + [("ingest", *one) for one in SOURCES[:2]],
)
def test_source_that_cannot_be_used_is_told_before_anything_starts(
    folder: Path, command: str, source: str, words: str
) -> None:
    options = ("--catalogue", "good.jsonl") if command == "run" else ("--stream-id", "a")
    said = liveshelf(folder, command, source, *options, "--kafka", NOWHERE)
    assert said.code == 66, said.err
    assert words in said.line
    assert "secret" not in said.err
    assert not (folder / "data").exists()


RUNS = [
    (("--catalogue", "empty.jsonl"), 66, "empty.jsonl holds no product"),
    (("--catalogue", "missing.jsonl"), 66, "missing.jsonl cannot be read: No such file"),
    (("--catalogue", "broken.jsonl"), 66, "broken.jsonl"),
    (("--cart", "unknown.json"), 66, "'cup-9' is not in catalogue good.jsonl"),
    (("--cart", "broken.json"), 66, "broken.json: not JSON"),
    (("--cart", "number.json"), 66, "shop is 5, want text"),
    (("--cart", "missing.json"), 66, "missing.json: No such file"),
    (("--stream-id", "a b"), 66, "room 'a b': want a name of 1 to 200 letters"),
    (("--workers", "asr/match"), 78, "want each of asr, embed, match, summarize, tag once"),
    (("--tags-out", "nowhere/tags.jsonl"), 66, "cannot be written to nowhere/tags.jsonl"),
]


@pytest.mark.parametrize(("options", "code", "words"), RUNS)
def test_run_is_refused_before_anything_starts(
    folder: Path, options: tuple[str, ...], code: int, words: str
) -> None:
    catalogue = () if "--catalogue" in options else ("--catalogue", "good.jsonl")
    said = liveshelf(folder, "run", "good.mp4", *catalogue, *options, "--kafka", NOWHERE)
    assert said.code == code, said.err
    assert words in said.line
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("tags",),
        ("topics", "create"),
        ("ingest", "good.mp4", "--stream-id", "a"),
        ("replay", "a"),
        ("worker", "--stages", "asr"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_kafka_that_cannot_be_reached_is_named(folder: Path, arguments: tuple[str, ...]) -> None:
    sets = ("--set", f"kafka.bootstrap_servers={NOWHERE}", "--set", f"index.uri=http://{NOWHERE}")
    said = liveshelf(folder, *sets, *arguments)
    assert said.code == 71, said.err
    assert f"no Kafka answers at {NOWHERE}" in said.line
    assert "Traceback" not in said.err
    assert "Unclosed" not in said.err


def test_milvus_that_cannot_be_reached_is_named(folder: Path) -> None:
    said = liveshelf(folder, "index", "stats", "--index", f"http://{NOWHERE}")
    assert said.code == 75
    assert f"Milvus at http://{NOWHERE} is away" in said.line


@pytest.mark.parametrize("service", [("broker", "start"), ("index", "serve")])
def test_data_folder_that_cannot_be_made_is_named(folder: Path, service: tuple[str, ...]) -> None:
    said = liveshelf(folder, "--set", "paths.data_dir=/proc/nowhere", *service)
    assert said.code == 71
    assert "/proc/nowhere" in said.line


class Weights:
    """A cache with one small made model in it, and its registry."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        model = made_model()
        model.write_folder(folder / "usb")
        files = ", ".join(
            f'{{path="{file["path"]}", bytes={file["bytes"]}, sha256="{file["sha256"]}"}}'
            for file in model.entry["files"]
        )
        (folder / "mine.toml").write_text(
            f'[models.made]\nsummary="made"\nlicence="CC0-1.0"\nfiles=[{files}]\n'
        )

    def models(self, *arguments: str) -> Said:
        cache = ("--cache-dir", "cache", "--registry-file", "mine.toml")
        return liveshelf(self.folder, "models", *arguments, *cache)


def test_flipped_byte_of_weights_is_found_named_and_mended(folder: Path) -> None:
    weights = Weights(folder)
    bring = ("pull", "made", "--sources", "folder", "--folder", "usb")
    assert weights.models(*bring).code == 0
    file = folder / "cache" / "made" / "model.bin"
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)
    verdict = weights.models("verify", "made", "--json")
    assert verdict.code == 69
    assert "not as they should be: made" in verdict.line
    assert "model.bin: expected SHA-256" in json.loads(verdict.out)[0]["problems"][0]
    used = weights.models("path", "made")
    assert (used.code, used.out) == (69, "")
    assert "are damaged" in used.line
    assert weights.models(*bring).code == 0
    assert weights.models("verify", "made").code == 0


def test_no_network_is_said_with_every_source_that_was_tried(folder: Path) -> None:
    said = liveshelf(
        folder, "--set", f"models.hub_url=http://{NOWHERE}", "models", "pull",
        "all-minilm-l6-v2", "--sources", "folder,hub", "--cache-dir", "cache",
    )  # fmt: skip
    assert said.code == 69
    assert "cannot pull all-minilm-l6-v2" in said.line
    assert "no folder is set" in said.line
    assert NOWHERE in said.line
    assert "Traceback" not in said.err


@pytest.mark.kafka
@pytest.mark.weights
def test_worker_with_damaged_weights_ends_and_names_the_file(folder: Path, kafka: str) -> None:
    name = "whisper-tiny.en"
    good = Registry.load().path(name, CACHE_DIR / "weights")
    bad = folder / "cache" / "weights" / name
    shutil.copytree(good, bad)
    with (bad / "model.bin").open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)[0]
        file.seek(1_000_000)
        file.write(bytes([byte ^ 1]))
    sets = ("--set", "paths.cache_dir=cache", "--set", f"models.asr={name}")
    said = liveshelf(folder, *sets, "worker", "--stages", "asr", "--kafka", kafka)
    assert said.code == 69
    assert "damaged: model.bin: expected SHA-256" in said.line
    assert f"liveshelf models pull {name}" in said.line
    assert "Traceback" not in said.err
