"""What the doctor finds, with nothing running and with everything running, and how to mend it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from stream.admin import ensure_topics
from stream.doctor import Finding, diagnose, examine, package, wanted_versions
from stream.index_server import IndexServer, IndexServerOptions, uri
from stream.setting_groups import IndexSettings, KafkaSettings, OcrSettings, PathSettings
from stream.settings import Settings

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(paths=PathSettings(tmp_path / "cache", tmp_path / "data"))


@pytest.fixture(scope="module")
def empty_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("index")
    server = IndexServer(IndexServerOptions(folder, min_free_mb=100, owner_pid=os.getpid()))
    yield uri(server.start())
    server.stop()


async def found(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in await examine(settings)}


async def test_nothing_runs_and_each_says_what_starts_it(settings: Settings) -> None:
    findings = await found(settings)
    assert not findings["kafka"].ok
    assert findings["kafka"].mend.startswith("liveshelf broker start")
    assert not findings["index"].ok
    assert findings["index"].mend.startswith("liveshelf index serve")
    assert findings["weights whisper-base"].mend == "liveshelf models pull whisper-base"
    assert findings["java"].ok
    assert "Java(" not in findings["java"].found


async def test_wrong_addresses_are_to_be_corrected_not_started(settings: Settings) -> None:
    wrong = replace(
        settings, kafka=KafkaSettings(NOWHERE), index=IndexSettings(f"http://{NOWHERE}")
    )
    findings = await found(wrong)
    assert findings["kafka"].found == f"no Kafka answers at {NOWHERE}"
    assert findings["kafka"].mend == "start it, or correct kafka.bootstrap_servers"
    assert NOWHERE in findings["index"].found
    assert findings["index"].mend == "start it, or correct index.uri"
    assert findings["java"].found.startswith("not needed")


@pytest.mark.kafka
@pytest.mark.milvus
async def test_what_runs_is_well_once_topics_are_made(
    settings: Settings, kafka: str, empty_index: str
) -> None:
    prefix = f"doctor-{uuid4().hex[:8]}."
    running = replace(
        settings, kafka=KafkaSettings(kafka, prefix), index=IndexSettings(empty_index)
    )
    before = await found(running)
    assert before["kafka"].mend == "liveshelf topics create"
    await ensure_topics(kafka, prefix, 4, 1)
    after = await found(running)
    assert after["kafka"] == Finding(
        "kafka", ok=True, found=f"{kafka} answers, all topics are there"
    )
    assert after["index"].mend == "liveshelf index build CATALOGUE"


async def test_the_reader_of_screens_is_looked_for_where_it_is_wanted(settings: Settings) -> None:
    assert "package rapidocr" not in await found(settings)
    wanted = replace(settings, ocr=OcrSettings(enabled=True))
    assert "package rapidocr" in await found(wanted)


def test_package_that_is_missing_or_too_old_is_named_with_the_extra_that_brings_it() -> None:
    assert package("aiokafka", "consumer", wanted_versions()["aiokafka"]).ok
    old = package("aiokafka", "consumer", ">=99")
    assert not old.ok
    assert ">=99 is needed" in old.found
    assert old.mend == "pip install 'liveshelf[consumer]'"
    assert package("no-such-package", "app", "").found == "not installed"


async def test_anything_broken_is_exit_code_1(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await diagnose(settings, as_json=False) == 1
    assert "how to mend" in capsys.readouterr().out
