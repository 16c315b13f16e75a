"""The checked-in contract is that of the code, says what goes over the wire, and keeps promises."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from models.errors import InputError
from stream import schema
from stream.codec import encode
from stream.compatibility import breaches_of_channels, breaches_of_contract
from stream.schema_cli import schema_app
from stream.topics import TOPICS
from tests.stream.instances import any_event
from workers.events import AudioChunk, Event, Frame, Vector

AT = datetime(2026, 1, 2, tzinfo=UTC)
RELEASED = sorted((Path(__file__).parents[1] / "data" / "schemas").iterdir())
ASYNCAPI = schema.asyncapi()
MESSAGES: dict[str, dict[str, Any]] = {
    message["name"]: message for message in ASYNCAPI["components"]["messages"].values()
}


def load(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir()}


def test_checked_in_files_are_those_of_the_code() -> None:
    hint = "run `liveshelf schema write stream/schemas`"
    assert schema.stale() == [], hint


def test_stale_names_files_that_are_missing_superfluous_or_different(tmp_path: Path) -> None:
    schema.write(tmp_path)
    assert schema.stale(tmp_path) == []
    (tmp_path / "tag.json").unlink()
    (tmp_path / "room.json").write_text("{}", encoding="utf-8")
    (tmp_path / "rumour.json").write_text("{}", encoding="utf-8")
    assert schema.stale(tmp_path) == ["room.json", "rumour.json", "tag.json"]


def test_some_version_was_released() -> None:
    assert RELEASED


@pytest.mark.parametrize("folder", RELEASED, ids=lambda folder: folder.name)
def test_nothing_breaks_a_released_version(folder: Path) -> None:
    released = load(folder)
    channels = released.pop(schema.ASYNCAPI_NAME)
    assert breaches_of_contract(released, schema.json_schemas()) == []
    assert breaches_of_channels(channels, ASYNCAPI) == []


@pytest.mark.parametrize("kind", sorted(schema.json_schemas()))
def test_every_schema_is_a_schema(kind: str) -> None:
    found = schema.json_schemas()[kind]
    Draft202012Validator.check_schema(found)
    assert found["$id"] == f"liveshelf:{kind}:1"
    assert "payload" not in found["properties"]


@given(any_event())
def test_what_is_written_is_what_the_schema_says(event: Event) -> None:
    found = schema.json_schemas()[event.kind]
    Draft202012Validator(found).validate(json.loads(event.model_dump_json()))


@given(any_event())
def test_what_goes_over_the_wire_is_what_asyncapi_says(event: Event) -> None:
    record = encode(event, source="test", at=AT, traceparent="00-ab-cd-01")
    message = MESSAGES[f"liveshelf.{event.kind}"]
    headers = {name: text.decode() for name, text in record.headers}
    Draft202012Validator(message["headers"]).validate(headers)
    unknown = set(headers) - set(message["headers"]["properties"])
    assert not unknown, "a header that the document does not know"
    if isinstance(event, AudioChunk | Frame | Vector):
        assert message["payload"]["format"] == "binary"
        return
    payload = message["payload"] | {"components": ASYNCAPI["components"]}
    Draft202012Validator(payload).validate(json.loads(record.value or b""))


def test_every_topic_is_a_channel_with_its_prefix() -> None:
    channels = schema.asyncapi("shop.")["channels"]
    assert {found["address"] for found in channels.values()} == {f"shop.{t.name}" for t in TOPICS}


def test_a_channel_says_how_long_its_records_are_kept() -> None:
    config = ASYNCAPI["channels"]["tags"]["bindings"]["kafka"]["topicConfiguration"]
    assert config["retention.ms"] == 30 * 86_400_000
    assert config["cleanup.policy"] == ["delete"]


def test_every_reference_leads_somewhere() -> None:
    def follow(node: object) -> int:
        if isinstance(node, list):
            return sum(follow(item) for item in node)
        if not isinstance(node, dict):
            return 0
        target: Any = ASYNCAPI
        for part in node.get("$ref", "#/info").removeprefix("#/").split("/"):
            target = target[part]
        return ("$ref" in node) + sum(follow(item) for item in node.values())

    assert follow(ASYNCAPI) > len(TOPICS)


@pytest.mark.parametrize(
    ("fields", "content_type"),
    [
        ({}, "audio/L16;rate=16000;channels=1"),
        ({"rate_hz": 8_000}, "audio/L16;rate=8000;channels=1"),
        ({"encoding": "flac"}, "audio/flac"),
        ({"encoding": "opus"}, "audio/opus"),
    ],
)
def test_audio_of_every_encoding_is_announced(fields: dict[str, Any], content_type: str) -> None:
    grid = {"stream_id": "room", "slot": 0, "start_ms": 0, "end_ms": 0, "watermark_ms": 0}
    record = encode(AudioChunk.model_validate(grid | fields), source="test", at=AT)
    assert dict(record.headers)["content-type"].decode() == content_type
    announced = MESSAGES["liveshelf.audio"]["headers"]["properties"]["content-type"]
    Draft202012Validator(announced).validate(content_type)
    assert not Draft202012Validator(announced).is_valid("audio/mpeg")


def test_show_prints_one_schema() -> None:
    result = CliRunner().invoke(schema_app, ["show", "tag"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema.json_schemas()["tag"]


def test_show_of_an_unknown_kind_names_the_known_ones() -> None:
    result = CliRunner().invoke(schema_app, ["show", "tog"])
    assert isinstance(result.exception, InputError)
    assert "'tog'" in str(result.exception)
    assert "tag" in str(result.exception)


def test_write_then_check_agree(tmp_path: Path) -> None:
    result = CliRunner().invoke(schema_app, ["write", str(tmp_path / "new")])
    assert result.exit_code == 0
    assert schema.stale(tmp_path / "new") == []
    assert CliRunner().invoke(schema_app, ["check"]).exit_code == 0
