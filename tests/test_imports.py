"""A consumer of tags needs neither torch nor Milvus, a trainer no Kafka; imports do nothing else.

Each module is imported in a process of its own in which the packages that it must do without
cannot be found, as in an environment where they are not installed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BLOCKER = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

blocked = set(sys.argv[2].split(","))
sys.meta_path.insert(0, Absent())
for name in sys.argv[1].split(","):
    importlib.import_module(name)
"""

KAFKA = ("aiokafka", "faust", "mode", "confluent_kafka", "kafka")
MILVUS = ("pymilvus", "milvus_lite", "milvus")
TENSORS = ("torch", "transformers", "timm", "accelerate", "peft", "safetensors", "gguf")
MEDIA = ("av", "PIL", "cv2", "faster_whisper", "ctranslate2", "onnxruntime")

LIGHT = ("models.errors", "workers.events", "workers.machine", "stream.topics", "stream.codec")
CONSUMER = (*LIGHT, "stream.settings", "stream.schema", "stream.compatibility", "stream.cli")


def import_without(blocked: tuple[str, ...], modules: tuple[str, ...]) -> str:
    """Import modules in a new process; returns what it said on failure, else nothing."""
    words = [sys.executable, "-c", BLOCKER, ",".join(modules), ",".join(blocked)]
    environment = {name: found for name, found in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    return done.stderr if done.returncode else ""


def modules_of(package: str, *but: str) -> tuple[str, ...]:
    files = sorted((ROOT / package).rglob("*.py"))
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return tuple(
        name.removesuffix(".__init__") for name in names if not name.startswith(but or ("-",))
    )


def test_the_blocker_blocks() -> None:
    assert "No module named 'numpy'" in import_without(("numpy",), ("numpy",))
    assert import_without(("numpy",), ("json",)) == ""


@pytest.mark.parametrize("module", CONSUMER)
def test_a_consumer_needs_no_tensors_media_or_milvus(module: str) -> None:
    blocked = (*TENSORS, *MEDIA, *MILVUS, "faust", "mode", "httpx")
    assert import_without(blocked, (module,)) == ""


@pytest.mark.parametrize("module", LIGHT)
def test_events_and_codec_need_nothing_but_pydantic(module: str) -> None:
    blocked = (*TENSORS, *MEDIA, *MILVUS, *KAFKA, "numpy", "httpx", "typer", "rich")
    assert import_without(blocked, (module,)) == ""


@pytest.mark.parametrize("module", CONSUMER)
def test_events_codec_and_commands_need_no_kafka_client(module: str) -> None:
    assert import_without(KAFKA, (module,)) == ""


def test_models_need_neither_kafka_nor_milvus_nor_settings() -> None:
    blocked = (*KAFKA, *MILVUS, "pydantic_settings", "typer", "stream", "workers")
    assert import_without(blocked, modules_of("models")) == ""


def test_workers_need_no_kafka_and_no_stream() -> None:
    # Rooms are filmed by an offline tool in an environment of its own.
    assert import_without((*KAFKA, "stream"), modules_of("workers", "workers.rooms")) == ""


GUARD = """
import importlib, pathlib, sys

EVENTS = {"socket.connect", "subprocess.Popen", "os.mkdir", "os.remove", "os.putenv"}
ROOT = sys.argv[1]

def stop(event, args):
    if event not in EVENTS and not (event == "open" and "w" in str(args[1])):
        return
    frame = sys._getframe(1)
    while frame is not None and "site-packages" not in frame.f_code.co_filename:
        # What other people's packages do on import is not ours to say.
        if frame.f_code.co_filename.startswith(ROOT):
            raise RuntimeError(f"on import: {event} {args}")
        frame = frame.f_back

sys.dont_write_bytecode = True
sys.addaudithook(stop)
for name in sys.argv[2].split(","):
    importlib.import_module(name)
"""


def guarded(root: Path, modules: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-c", GUARD, str(root), ",".join(modules)]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=root)


def test_nothing_happens_on_import() -> None:
    ours = modules_of("stream") + modules_of("models") + modules_of("workers", "workers.rooms")
    done = guarded(ROOT, ours)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "act",
    [
        "import subprocess; subprocess.run(['true'])",
        "import pathlib; pathlib.Path('made').mkdir()",
        "open('made', 'w')",
        "import os; os.environ['LIVESHELF_X'] = '1'",
        "import socket; socket.create_connection(('127.0.0.1', 1))",
    ],
)
def test_the_guard_notices(act: str, tmp_path: Path) -> None:
    (tmp_path / "acting.py").write_text(act, encoding="utf-8")
    assert "RuntimeError: on import: " in guarded(tmp_path, ("acting",)).stderr
