"""What an extra installs is enough for its use, and brings nothing that it promises to spare.

The wheel is built once. The consumer's environment is made by pip from nothing. The trainer's
would be five gigabytes of torch: it is made of links to those distributions, and only those, that
`liveshelf[train]` asks for.
"""

import importlib.metadata
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
KAFKA = {"aiokafka", "confluent-kafka", "faust-streaming", "kafka-python", "mode-streaming"}
MILVUS = {"milvus", "milvus-lite", "pymilvus"}
TENSORS = {"torch", "transformers", "faster-whisper", "ctranslate2", "onnxruntime"}

CONSUME = """
from datetime import datetime, UTC
from importlib.util import find_spec
import aiokafka, aiokafka.codec
from stream.codec import Position, decode, encode
from workers.events import Tag

for name in ("torch", "pymilvus", "milvus_lite", "faust", "av", "transformers"):
    if find_spec(name):
        raise SystemExit(f"{name} is here")
if not aiokafka.codec.has_zstd():
    raise SystemExit("compressed records cannot be read")
tag = Tag(stream_id="room", tag_id="t", status="started", slot=1, product_id="p", start_ms=0,
          decided_ms=5, score=0.5)
record = encode(tag, source="test", at=datetime.now(UTC))
if decode(Tag, Position("liveshelf.tags", 0, 0), record.value, record.headers) != tag:
    raise SystemExit("another tag came out")
"""

TRAIN = """
import importlib, sys
from importlib.util import find_spec

for name in ("aiokafka", "faust", "pymilvus", "milvus_lite", "av"):
    if find_spec(name):
        raise SystemExit(f"{name} is here")
for name in sys.argv[1:]:
    importlib.import_module(name)
import torch
if not torch.ones(2).sum() == 2:
    raise SystemExit("torch does not count")
"""


def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, cwd=ROOT.parent
    )
    assert done.returncode == 0, f"{words[:4]}: {done.stdout}{done.stderr}"
    return done


def closure(wheel: Path, extra: str) -> set[str]:
    """Names of all distributions that the wheel asks for with an extra, as installed here."""
    # Not as installed: an editable install keeps the requirements of the day that it was made.
    folder = "-".join(wheel.name.split("-")[:2]) + ".dist-info/"
    ours = importlib.metadata.PathDistribution(zipfile.Path(wheel, folder))
    seen: set[tuple[str, str]] = set()
    waiting = [("liveshelf", extra), ("liveshelf", "")]
    while waiting:
        name, wanted = pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        found = ours if name == "liveshelf" else importlib.metadata.distribution(name)
        for text in found.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": wanted}):
                needed = canonicalize_name(requirement.name)
                waiting += [(needed, more) for more in ("", *requirement.extras)]
    return {name for name, _ in seen} - {"liveshelf"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("liveshelf-*.whl")
    return found


def test_the_wheel_carries_what_the_code_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "models",
        "stream",
        "workers",
    }
    for wanted in ("stream/schemas/tag.json", "stream/jars.lock", "models/registry.toml"):
        assert wanted in names
    for package in ("models", "stream", "workers"):
        assert f"{package}/py.typed" in names


@pytest.mark.parametrize(
    ("extra", "spared"),
    [
        ("", KAFKA | MILVUS | TENSORS),
        ("consumer", MILVUS | TENSORS | {"faust-streaming"}),
        ("stream", MILVUS | TENSORS | {"faust-streaming"}),
        ("train", KAFKA | MILVUS | {"faster-whisper", "av"}),
        ("media", KAFKA | MILVUS | {"torch", "transformers"}),
        ("asr", KAFKA | MILVUS | {"torch", "transformers"}),
        ("index", KAFKA | {"torch", "transformers"}),
        ("ocr", KAFKA | MILVUS | {"torch", "transformers", "opencv-python"}),
        ("app", MILVUS | TENSORS),
    ],
)
def test_an_extra_spares_what_it_promises(extra: str, spared: set[str], wheel: Path) -> None:
    found = closure(wheel, extra)
    assert "pydantic" in found
    assert found & spared == set()


def test_the_closure_reaches_what_an_extra_is_for(wheel: Path) -> None:
    assert closure(wheel, "consumer") >= {"aiokafka", "cramjam"}
    assert closure(wheel, "train") >= {"torch", "transformers", "sympy"}
    assert closure(wheel, "app") >= {"faust-streaming", "aiokafka"}


def test_a_consumer_reads_tags_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "consumer"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    run(*pip, "--constraint", constraints, f"{wheel}[consumer]")
    run(python, "-c", CONSUME)
    assert "--follow" in run(folder / "bin" / "liveshelf", "tags", "--help").stdout
    assert "tag.json" not in run(folder / "bin" / "liveshelf", "schema", "check").stdout


def test_a_trainer_imports_all_models_in_an_environment_of_its_own(
    wheel: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trainer"
    venv.create(folder, with_pip=False)
    packages = Path(
        sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    )
    for name in closure(wheel, "train"):
        link(importlib.metadata.distribution(name), packages)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
        modules = [name for name in archive.namelist() if name.startswith("models/")]
    names = [name.removesuffix(".py").replace("/", ".") for name in modules if name[-3:] == ".py"]
    assert "models.encoder" in names
    run(folder / "bin" / "python", "-c", TRAIN, *(n.removesuffix(".__init__") for n in names))


def link(distribution: importlib.metadata.Distribution, packages: Path) -> None:
    """Link a distribution's top-level folders and files into another environment."""
    for file in distribution.files or ():
        top = file.parts[0]
        if top in {"..", "__pycache__"} or (packages / top).exists():
            continue
        (packages / top).symlink_to(Path(str(distribution.locate_file(top))))
