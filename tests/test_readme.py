"""Every command, file and program of README.md is run, in a folder of its own.

The words are README's; what README's readers have elsewhere is put in by `places`. The video is
the first ten seconds of the short room. What cannot be had here has a stand-in: hub, language model
and live source are servers on loopback (`readme_doubles.py`), the SigLIP behind the hub's name is a
tiny random one, the reader's own Kafka and Milvus are the embedded ones by address, `bench` plays
the short room and measures three pictures and one voice. Some commands are looked at and not run:
`make` (its recipes), `pip` (`test_bare_environments.py` tries it), `docker` (its file), and those
that render, speak and train for hours.
"""

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from typer.testing import CliRunner

from stream.cli import app
from stream.follow import Follower, RoomEnded
from stream.settings import load_settings
from stream.topics import STATE
from tests.readme_reader import (
    BLOCKS,
    COMMANDS,
    INLINE,
    ROOT,
    TABLE,
    Reader,
    block,
    command_of,
    new_reader,
    small_data,
    small_room,
)
from workers.events import Tag


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with new_reader(tmp_path_factory.mktemp("readme")) as made:
        yield made


@pytest.fixture(scope="module")
def services(reader: Reader) -> Iterator[Reader]:
    """The reader after `broker start`, `index serve` and `topics create`."""
    try:
        kafka, index, topics = reader.run_all("started")
        assert "topics" in topics
        reader.places |= {
            "localhost:9092": kafka.split(" at ")[1].split()[0],
            "kafka-1:9092,kafka-2:9092": kafka.split(" at ")[1].split()[0],
            "http://milvus:19530": index.split(" at ")[1].split()[0],
            "replication = 2": "replication = 1",
        }
        yield reader
    finally:
        stopped = reader.run_all("stopped")
    assert all("is stopped" in said for said in stopped)


def test_every_command_is_in_the_table_and_the_table_holds_nothing_else() -> None:
    known = [command for group in TABLE.values() for command in group]
    assert sorted(COMMANDS) == sorted(known)
    source = Path(__file__).read_text()
    for group in TABLE:
        uses = source.count(f'run_all("{group}")') + source.count(f'TABLE["{group}"]')
        assert uses, group


def test_commands_and_flags_in_the_prose_exist() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    told = set()
    for words in INLINE:
        command, rest = command_of(words)
        if command.name != "liveshelf":
            known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
            assert {word for word in rest if word.startswith("--")} <= known, words
            told.add(command.name)
        elif words[0] == "make" and words[1:]:
            assert words[1] in targets
    assert {"worker", "tags", "ingest"} <= told


def test_what_is_not_run_here_is_what_it_says_it_is() -> None:
    make_demo, make_test, make_bench, activate, pip, docker = TABLE["looked_at"]
    recipes = {
        command: subprocess.run(
            [*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for command in (make_demo, make_test, make_bench)
    }
    assert activate.endswith(".venv/bin/activate")
    assert ".venv/bin/liveshelf demo" in recipes[make_demo]
    assert ".venv/bin/python -m pytest" in recipes[make_test]
    assert ".venv/bin/liveshelf bench" in recipes[make_bench]
    extra = pip.split("[")[1].split("]")[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"][extra]
    brought = {Requirement(one).name for one in wanted}
    assert "aiokafka" in brought
    assert not brought & {"torch", "pymilvus", "milvus-lite"}
    compose = ROOT / docker.split("-f ")[1].split()[0]
    services = yaml.safe_load(compose.read_text())["services"]
    assert {"kafka", "milvus", "asr", "summarize", "embed", "match", "tag"} <= services.keys()


def test_commands_that_take_long_are_understood() -> None:
    """What they do is tested in small beside what does it; here they need not run for hours."""
    for line in TABLE["made"]:
        command, words = command_of(line.split())
        assert command.make_context(line, words).params, line


def test_questions_are_answered_without_any_service(reader: Reader) -> None:
    tag, asyncapi, topics, models = reader.run_all("asked")
    assert "evidence" in json.loads(tag)["properties"]
    assert json.loads(asyncapi)["asyncapi"]
    assert "tags" in topics
    assert "whisper-base" in models


def test_tables_of_settings_are_understood(tmp_path: Path) -> None:
    blocks = [text for kind, text in BLOCKS if kind == "toml"]
    assert len(blocks) == 6
    for text in blocks:
        path = tmp_path / "liveshelf.toml"
        path.write_text(text)
        settings = load_settings({}, path, {})
        for group, keys in tomllib.loads(text).items():
            for key, value in keys.items():
                assert getattr(getattr(settings, group), key) == value


def test_local_language_model_with_an_adapter_is_loaded(tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from stream.rooms import Rooms
    from stream.stages.summarize import make_summarize
    from tests.tiny_models import make_tiny_chat_lm

    text = block("toml", "llm_adapter")
    for name in ("my-chat-model", "my-adapter"):
        text = text.replace(f"/models/{name}", str(tmp_path / name))
    make_tiny_chat_lm(tmp_path / "my-chat-model")
    base = AutoModelForCausalLM.from_pretrained(tmp_path / "my-chat-model")
    lora = LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")
    get_peft_model(base, lora).save_pretrained(tmp_path / "my-adapter")
    (tmp_path / "liveshelf.toml").write_text(text)
    settings = load_settings({}, tmp_path / "liveshelf.toml", {})
    assert "my-chat-model+my-adapter" in make_summarize(settings, Rooms()).describe


def test_an_encoder_of_ones_own_brings_its_thresholds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.checkpoint import PRESETS
    from stream.stages.loading import thresholds_of

    text = block("toml", "run/checkpoint")
    shutil.copytree(PRESETS / "liveshelf", tmp_path / "run" / "checkpoint")
    (tmp_path / "liveshelf.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    settings = load_settings({}, tmp_path / "liveshelf.toml", {})
    assert set(thresholds_of(settings)) == {"cart", "shop", "catalogue"}


@pytest.mark.kafka
@pytest.mark.milvus
@pytest.mark.weights
@pytest.mark.slow
class TestLive:
    """On real Kafka, Milvus Lite and Whisper, in this order."""

    def test_own_video_is_tagged_and_its_tags_are_written(self, reader: Reader) -> None:
        (said,) = reader.run_all("own_video")
        lines = (reader.folder / "tags.jsonl").read_text().splitlines()
        tags = [Tag.model_validate_json(line) for line in lines]
        assert {tag.product_id for tag in tags} == {"water-lemon"}
        assert [tags[0].status, tags[-1].status] == ["started", "ended"]
        assert "Pomarrow Lemon Ginger" in said

    def test_catalogue_is_indexed_and_searched(self, services: Reader) -> None:
        built, found, health = services.run_all("indexed")
        assert "0 skipped" in built
        assert found.index("cream-rose") < found.index("water-lemon")
        assert "kafka" in health.lower()

    def test_room_is_sent_tagged_read_and_replayed(self, services: Reader) -> None:
        logs = [services.folder / f"{command}.log" for command in TABLE["working"]]
        words = [services.words(command) for command in TABLE["working"]]
        workers = [services.start(*one) for one in zip(words, logs, strict=True)]
        try:
            (sent,) = services.run_all("sent")
            assert "room monday" in sent
            asyncio.run(ended(services.places["localhost:9092"], "monday"))
        finally:
            for process in workers:
                process.send_signal(signal.SIGINT)
            codes = [process.wait(60) for process in workers]
        assert codes[0] in {0, 130}, logs[0].read_text()
        tags, replayed = services.run_all("read")
        assert "started" in tags
        assert "ended" in tags
        assert "the same" in replayed

    async def test_program_of_a_consumer_prints_each_tag(self, services: Reader) -> None:
        program = block("python", "AIOKafkaConsumer")
        address = services.places["localhost:9092"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program.replace("localhost:9092", address),
            cwd=services.folder, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), 30)
        finally:
            process.kill()
            await process.communicate()
        assert line.decode().split()[1:3] == ["started", "water-lemon"]

    def test_live_source_is_sent(self, services: Reader) -> None:
        (said,) = services.run_all("live")
        assert "room tuesday" in said

    def test_hub_models_server_and_services_by_address_are_used_together(
        self, services: Reader, tmp_path: Path
    ) -> None:
        reader = services.with_own_weights(tmp_path)
        reader.run_all("pulled")
        merged: dict[str, dict[str, object]] = {}
        for kind, text in BLOCKS:
            if kind == "toml" and "llm_adapter" not in text:
                for theirs, ours in reader.places.items():
                    text = text.replace(theirs, ours)  # noqa: PLW2901  the same block, at home
                for group, keys in tomllib.loads(text).items():
                    merged.setdefault(group, {}).update(keys)
        tables = [
            "\n".join([f"[{group}]", *(f"{key} = {json.dumps(one)}" for key, one in keys.items())])
            for group, keys in merged.items()
        ]
        settings = reader.folder / "liveshelf.toml"
        settings.write_text("\n".join(tables))
        try:
            (said,) = reader.run_all("swapped")
        finally:
            settings.unlink()
        assert "(server)" in said
        assert any("ginger" in transcript.lower() for transcript in reader.asked)
        assert "embedded" not in said

    def test_sample_room_photos_and_voices_are_measured(
        self, services: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (command,) = TABLE["measured"]
        monkeypatch.setattr("stream.demo_room.FOLDER", small_room(tmp_path / "room"))
        small_data(tmp_path / "data")
        for name, address in (
            ("KAFKA__BOOTSTRAP_SERVERS", services.places["localhost:9092"]),
            ("INDEX__URI", services.places["http://milvus:19530"]),
            ("PATHS__CACHE_DIR", services.environment["LIVESHELF_PATHS__CACHE_DIR"]),
            ("PATHS__DATA_DIR", services.environment["LIVESHELF_PATHS__DATA_DIR"]),
        ):
            monkeypatch.setenv(f"LIVESHELF_{name}", address)
        words = command.replace("DIR", str(tmp_path / "data")).split()[1:]
        done = CliRunner().invoke(app, words, catch_exceptions=False)
        figures = json.loads(done.stdout)
        assert figures["room"]["products"] == 2
        assert figures["photos"]["pages"] == 3
        assert figures["photos"]["recall_at_1"] == 1.0
        assert figures["voices"]["slots"] == 1


async def ended(bootstrap_servers: str, stream_id: str) -> None:
    """Wait until the last stage has finished a room."""
    follower = Follower(bootstrap_servers, "liveshelf.", [STATE])
    await follower.start()
    try:
        async with asyncio.timeout(120):
            async for seen in follower.events():
                if seen.event == RoomEnded("tag", stream_id):
                    return
    finally:
        await follower.stop()
