"""JSON Schemas of every event and an AsyncAPI document, generated from the one schema.

In come `workers.events.EVENTS` and the topic table; out go plain dictionaries and files. The files
beside this module are the contract that is checked in; `stream.compatibility` compares contracts.
"""

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic.json_schema import models_json_schema

from stream.codec import encode
from stream.topics import DEAD_LETTERS, STATE, TOPICS, Topic
from workers.events import EVENTS, AudioChunk, Event, Frame, GridEvent, Vector

Schema = dict[str, Any]

FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_NAME = "asyncapi"

_BINDING = "0.5.0"
_BINARY: tuple[type[GridEvent], ...] = (AudioChunk, Frame, Vector)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_TEXT: Schema = {"type": "string"}
_BYTES: Schema = {"type": "string", "format": "binary"}


def json_schemas() -> dict[str, Schema]:
    """Return the JSON Schema of every event by kind, as a reader accepts it.

    Bytes that travel beside the JSON (`payload`) are no part of it. For audio and frames the
    schema describes the fields that travel in headers.
    """
    return {event.kind: _schema_of(event) for event in EVENTS}


def asyncapi(prefix: str = "liveshelf.") -> Schema:
    """Return an AsyncAPI 3.0 document of all topics.

    Args:
        prefix: Stands before every topic name.
    """
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "LiveShelf",
            # Of the contract, as in ce_dataschema; not of the package.
            "version": "1.0.0",
            "description": "Every record is a CloudEvent in Kafka binary mode: attributes in "
            "headers, the payload as the value. Times named *_ms are media time.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, prefix) for topic in TOPICS},
        "components": {
            "messages": {_message_name(topic): _message(topic) for topic in TOPICS},
            "schemas": _shared_schemas(),
        },
    }


def documents() -> dict[str, str]:
    """Return every file of the contract: name → text."""
    found: dict[str, Schema] = {**json_schemas(), ASYNCAPI_NAME: asyncapi()}
    return {f"{name}.json": json.dumps(found[name], indent=2) + "\n" for name in sorted(found)}


def write(folder: Path) -> list[Path]:
    """Write the contract into a folder; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in documents().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the names of files in a folder that are missing, superfluous or out of date."""
    wanted = documents()
    held = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted | held if wanted.get(name) != held.get(name))


def _schema_of(event: type[Event]) -> Schema:
    schema = _without_payload(event.model_json_schema())
    return {"$schema": DIALECT, "$id": f"liveshelf:{event.kind}:1"} | schema


@cache
def _shared_schemas() -> dict[str, Schema]:
    _, document = models_json_schema(
        [(event, "validation") for event in EVENTS], ref_template="#/components/schemas/{model}"
    )
    schemas = document["$defs"]
    return {name: _without_payload(schemas[name]) for name in sorted(schemas)}


def _without_payload(schema: Schema) -> Schema:
    properties = {key: value for key, value in schema["properties"].items() if key != "payload"}
    return schema | {"properties": properties}


def _channel(topic: Topic, prefix: str) -> Schema:
    name = _message_name(topic)
    config: Schema = {
        key: int(value) if value.lstrip("-").isdigit() else value.split(",")
        for key, value in topic.config().items()
    }
    return {
        "address": prefix + topic.name,
        "description": f"{topic.about}; keyed by {topic.keyed_by}".strip("; "),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": {"topicConfiguration": config, "bindingVersion": _BINDING}},
    }


def _message_name(topic: Topic) -> str:
    if topic.event is not None:
        return topic.event.__name__
    return "".join(part.capitalize() for part in topic.name.rstrip("s").split("-"))


def _message(topic: Topic) -> Schema:
    key = {"key": {"type": "string", "description": topic.keyed_by}, "bindingVersion": _BINDING}
    if topic.event is None:
        return _EVENTLESS[topic.name] | {"bindings": {"kafka": key}}
    event = topic.event
    content_types = _content_types(event)
    binary = issubclass(event, _BINARY)
    return {
        "name": f"liveshelf.{event.kind}",
        "summary": (event.__doc__ or "").strip().splitlines()[0],
        "contentType": content_types[0],
        "headers": _headers(event, content_types),
        "payload": _BYTES if binary else {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": key},
    } | ({"description": _LAYOUT[event]} if binary else {})


def _headers(event: type[Event], content_types: list[str]) -> Schema:
    fixed = {
        "ce_specversion": "1.0",
        "ce_type": f"liveshelf.{event.kind}",
        "ce_dataschema": f"liveshelf:{event.kind}:1",
    }
    free = {
        "ce_id": "Repeats on a replay.",
        "ce_source": "Who sent it.",
        "ce_time": "Wall time of sending, RFC 3339.",
        "ce_subject": "The room, product or viewer.",
    }
    properties: Schema = {"content-type": _TEXT | _one_of(content_types)}
    properties |= {name: _TEXT | {"const": value} for name, value in fixed.items()}
    properties |= {name: _TEXT | {"description": text} for name, text in free.items()}
    properties["traceparent"] = _TEXT | {"description": "W3C trace context."}
    required = ["content-type", *fixed, *free]
    if issubclass(event, AudioChunk | Frame):
        schema = _without_payload(event.model_json_schema())
        for field in schema["properties"]:
            name = f"ce_{field.replace('_', '')}"
            origin = f"#/components/schemas/{event.__name__}/properties/{field}"
            properties[name] = _TEXT | {"x-text-of": {"$ref": origin}}
        required += [f"ce_{field.replace('_', '')}" for field in schema["required"]]
    return {"type": "object", "properties": properties, "required": required}


def _one_of(content_types: list[str]) -> Schema:
    if len(content_types) == 1:
        return {"const": content_types[0]}
    # Any rate may be sent, but the samples have the usual one.
    either = "|".join(re.sub(r"rate=\d+", "rate=[0-9]+", found) for found in content_types)
    return {"pattern": f"^({either})$"}


def _content_types(event: type[Event]) -> list[str]:
    """What the codec says, so that it is said in one place."""
    if not issubclass(event, _BINARY):
        return ["application/json"]
    grid = {"stream_id": "room", "slot": 0, "start_ms": 0, "end_ms": 0, "watermark_ms": 0}
    variants: list[Schema] = [{}]
    if event is AudioChunk:
        encodings = get_args(AudioChunk.model_fields["encoding"].annotation)
        variants = [{"encoding": encoding} for encoding in encodings]
    samples = [event.model_validate(grid | variant) for variant in variants]
    records = [encode(sample, source="schema", at=_ANY_TIME) for sample in samples]
    return [dict(record.headers)["content-type"].decode() for record in records]


_LAYOUT: dict[type[Event], str] = {
    AudioChunk: "The value is sound in the encoding that content-type names.",
    Frame: "The value is a JPEG, or empty; fields travel in headers.",
    Vector: "The value is the length of a JSON header (4 bytes, little-endian), the header "
    "(#/components/schemas/Vector), then `dim` little-endian float32 numbers, and as many again "
    "for each of `alone`.",
}

_EVENTLESS: dict[str, Schema] = {
    STATE.name: {
        "name": "state",
        "summary": "What one stage must remember of one room.",
        "contentType": "application/json",
        "headers": {"type": "object", "properties": {"content-type": _TEXT}},
        "payload": {
            "type": "object",
            "properties": {
                "snapshot": {"type": "object"},
                "needed_from_ms": {"type": "integer", "minimum": 0},
            },
            "required": ["snapshot", "needed_from_ms"],
        },
    },
    DEAD_LETTERS.name: {
        "name": "dead-letter",
        "summary": "A record that can never work: its own key, value and headers, and the cause.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "properties": {
                f"liveshelf-{name}": _TEXT
                for name in (
                    "topic", "partition", "offset", "stage", "error", "reason", "attempts"
                )
            },
        },
        "payload": _BYTES,
    },
}  # fmt: skip
