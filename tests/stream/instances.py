"""Hypothesis strategies that make events of every kind from their own JSON Schemas."""

import re
from typing import Any

from hypothesis import strategies as st

from stream.schema import json_schemas
from workers.events import EVENTS, AudioChunk, Event, Frame, Vector

Schema = dict[str, Any]

SCHEMAS = json_schemas()
BY_KIND = {event.kind: event for event in EVENTS}

# JSON Schema cannot say that the keys of a map are whole numbers.
_MAP_KEYS = {"terms": st.integers(0, 2**31 - 1).map(str)}
_MOST = 2**53


def instances(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects that the schema of one kind takes."""
    schema = SCHEMAS[kind]
    return _node(schema, schema, kind)


def events(kind: str) -> st.SearchStrategy[Event]:
    """Events of one kind, with their bytes."""
    event = BY_KIND[kind]
    if event is Vector:
        return st.builds(_vector, instances(kind), st.binary(max_size=8))
    if event in (AudioChunk, Frame):
        payloads = st.binary(max_size=64)
        return st.builds(
            lambda fields, payload: event.model_validate(fields | {"payload": payload}),
            instances(kind),
            payloads,
        )
    return instances(kind).map(event.model_validate)


def any_event() -> st.SearchStrategy[Event]:
    """Events of all kinds."""
    return st.sampled_from(sorted(BY_KIND)).flatmap(events)


def _vector(fields: dict[str, Any], seed: bytes) -> Event:
    payload = seed * 4 * (1 + len(fields.get("alone", ())))
    return Vector.model_validate(fields | {"dim": len(seed), "payload": payload})


def _node(root: Schema, node: Schema, name: str) -> st.SearchStrategy[Any]:
    if "$ref" in node:
        return _node(root, root["$defs"][node["$ref"].rsplit("/", 1)[-1]], name)
    if "anyOf" in node:
        return st.one_of([_node(root, choice, name) for choice in node["anyOf"]])
    if "enum" in node or "const" in node:
        return st.sampled_from(node.get("enum", [node.get("const")]))
    if node["type"] == "object":
        return _object(root, node, name)
    if node["type"] == "array":
        return st.lists(_node(root, node["items"], name), max_size=3)
    return _scalar(node)


def _object(root: Schema, node: Schema, name: str) -> st.SearchStrategy[Any]:
    if "properties" not in node:
        keys = _MAP_KEYS.get(name, st.text(max_size=8))
        return st.dictionaries(keys, _node(root, node["additionalProperties"], name), max_size=3)
    fields = {key: _node(root, value, key) for key, value in node["properties"].items()}
    required = set(node.get("required", ()))
    return st.fixed_dictionaries(
        {key: value for key, value in fields.items() if key in required},
        optional={key: value for key, value in fields.items() if key not in required},
    )


def _scalar(node: Schema) -> st.SearchStrategy[Any]:
    kind = node["type"]
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        least = node.get("minimum", node.get("exclusiveMinimum", -_MOST - 1) + 1)
        return st.integers(least, node.get("maximum", _MOST))
    if kind == "number":
        low, high = node.get("minimum"), node.get("maximum")
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    if "pattern" in node:
        # JSON Schema's \\w is ASCII; pydantic's and Python's take different sets of letters more.
        text = st.from_regex(re.compile(node["pattern"], re.ASCII), fullmatch=True)
        return text.filter(lambda found: len(found) <= node["maxLength"])
    return st.text(min_size=node.get("minLength", 0), max_size=node.get("minLength", 0) + 20)
