"""Every way to break a reader is found, and every harmless change passes."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stream.compatibility import (
    Cause,
    breaches,
    breaches_of_channels,
    breaches_of_contract,
)
from stream.schema import asyncapi, json_schemas

Schema = dict[str, Any]
Change = Callable[[Schema], object]


def fields(schema: Schema, *names: str) -> Schema:
    """The properties of a schema, or of one of its definitions."""
    node = schema
    for name in names:
        node = node["$defs"][name]
    found: Schema = node["properties"]
    return found


def no_null(schema: Schema) -> None:
    fields(schema)["end_ms"] = {"type": "integer", "minimum": 0}


def put(schema: Schema, name: str, **changes: object) -> None:
    fields(schema)[name] |= changes


BREAKS: list[tuple[str, str, Cause, Change]] = [
    ("tag", "tag.title", "field removed", lambda s: fields(s).pop("title")),
    ("tag", "tag.evidence.words", "field removed", lambda s: fields(s, "Evidence").pop("words")),
    ("tag", "tag.mood", "new required field", lambda s: s["required"].append("mood")),
    ("tag", "tag.title", "field became required", lambda s: s["required"].append("title")),
    ("tag", "tag.title", "type narrowed", lambda s: put(s, "title", type="integer")),
    ("tag", "tag.score", "type narrowed", lambda s: put(s, "score", type="integer")),
    ("tag", "tag.end_ms", "type narrowed", no_null),
    ("tag", "tag.status", "value removed", lambda s: fields(s)["status"]["enum"].remove("ended")),
    ("tag", "tag.tag_id", "type narrowed", lambda s: put(s, "tag_id", enum=["a", "b"])),
    ("tag", "tag.slot", "bound tightened", lambda s: put(s, "slot", minimum=1)),
    ("tag", "tag.slot", "bound tightened", lambda s: put(s, "slot", exclusiveMinimum=0)),
    ("tag", "tag.slot", "bound tightened", lambda s: put(s, "slot", maximum=9)),
    ("tag", "tag.product_id", "bound tightened", lambda s: put(s, "product_id", maxLength=199)),
    ("tag", "tag.product_id", "bound tightened", lambda s: put(s, "product_id", minLength=2)),
    ("tag", "tag.stream_id", "pattern changed", lambda s: put(s, "stream_id", pattern="^a$")),
    ("tag", "tag.tag_id", "pattern changed", lambda s: put(s, "tag_id", pattern="^a$")),
    ("tag", "tag", "type narrowed", lambda s: s.update(additionalProperties=False)),
    ("audio", "audio.rate_hz", "default changed", lambda s: put(s, "rate_hz", default=8_000)),
    (
        "transcript",
        "transcript.accounting",
        "default changed",
        lambda s: fields(s)["accounting"]["default"].update(silent_ms=1),
    ),
    ("audio", "audio.gap_ms", "bound tightened", lambda s: put(s, "gap_ms", maximum=500)),
    ("room", "room.cart", "bound tightened", lambda s: put(s, "cart", minItems=1)),
    ("room", "room.cart", "bound tightened", lambda s: put(s, "cart", maxItems=20)),
    (
        "room",
        "room.titles{}",
        "type narrowed",
        lambda s: put(s, "titles", additionalProperties={"type": "integer"}),
    ),
    (
        "room",
        "room.tracks[]",
        "value removed",
        lambda s: fields(s)["tracks"]["items"]["enum"].remove("video"),
    ),
    (
        "transcript",
        "transcript.words[].probability",
        "bound tightened",
        lambda s: fields(s, "Word")["probability"].update(maximum=0.9),
    ),
    (
        "tag",
        "tag.evidence.candidates[].title",
        "field removed",
        lambda s: fields(s, "Candidate").pop("title"),
    ),
]

HARMLESS: list[tuple[str, str, Change]] = [
    ("tag", "nothing", lambda _: None),
    ("tag", "new field", lambda s: fields(s).update(mood={"type": "string", "default": ""})),
    ("tag", "further value", lambda s: fields(s)["status"]["enum"].append("paused")),
    ("tag", "wider type", lambda s: put(s, "slot", type="number")),
    ("tag", "now optional", lambda s: s["required"].remove("decided_ms")),
    ("tag", "looser bound", lambda s: put(s, "product_id", maxLength=300)),
    ("tag", "no bound", lambda s: fields(s)["product_id"].pop("maxLength")),
    ("tag", "no pattern", lambda s: fields(s)["stream_id"].pop("pattern")),
    ("tag", "new words", lambda s: put(s, "title", title="Name", description="What it is")),
    ("tag", "anything", lambda s: fields(s).update(title={"default": ""})),
    (
        "tag",
        "null as well",
        lambda s: fields(s).update(title={"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ),
    (
        "transcript",
        "a further field in a part's default",
        lambda s: fields(s)["accounting"]["default"].update(lost_ms=0),
    ),
    ("tag", "definition moved", lambda s: fields(s).update(evidence=s["$defs"]["Evidence"])),
]


def changed(kind: str, change: Change) -> tuple[Schema, Schema]:
    old = json_schemas()[kind]
    new = copy.deepcopy(old)
    change(new)
    return old, new


@pytest.mark.parametrize(("kind", "path", "cause", "change"), BREAKS)
def test_a_breach_is_found_where_it_is(kind: str, path: str, cause: Cause, change: Change) -> None:
    old, new = changed(kind, change)
    found = breaches_of_contract({kind: old}, {kind: new})
    assert [(breach.path, breach.cause) for breach in found] == [(path, cause)]


@pytest.mark.parametrize(("kind", "name", "change"), HARMLESS)
def test_a_harmless_change_passes(kind: str, name: str, change: Change) -> None:
    old, new = changed(kind, change)
    assert breaches(old, new) == [], name


def test_several_breaches_are_all_found() -> None:
    old = json_schemas()["tag"]
    new = copy.deepcopy(old)
    del new["properties"]["title"]
    new["properties"]["slot"]["minimum"] = 1
    assert [breach.path for breach in breaches(old, new)] == ["$.slot", "$.title"]


def test_a_breach_reads_like_a_sentence() -> None:
    old, new = changed("tag", lambda s: put(s, "title", type="integer"))
    assert str(breaches(old, new, "tag")[0]) == "tag.title: type narrowed (string → integer)"


def test_an_event_that_vanishes_is_a_breach() -> None:
    old = json_schemas()
    new = {kind: schema for kind, schema in old.items() if kind != "partial"}
    assert [str(breach) for breach in breaches_of_contract(old, new)] == ["partial: event removed"]
    assert breaches_of_contract(new, old) == []


def test_a_channel_that_vanishes_is_a_breach() -> None:
    old, new = asyncapi(), asyncapi()
    del new["channels"]["tags"]
    assert [breach.cause for breach in breaches_of_channels(old, new)] == ["channel removed"]
    assert breaches_of_channels(new, old) == []


def test_a_channel_keyed_otherwise_is_a_breach() -> None:
    old, new = asyncapi(), copy.deepcopy(asyncapi())
    key = new["components"]["messages"]["Tag"]["bindings"]["kafka"]["key"]
    key["description"] = "product_id"
    found = breaches_of_channels(old, new)
    assert [(breach.path, breach.cause) for breach in found] == [("tags", "channel changed")]


def bounded(kind: str, low: str, high: str) -> st.SearchStrategy[Schema]:
    bounds = st.fixed_dictionaries({}, optional={low: st.integers(0, 3), high: st.integers(0, 3)})
    return bounds.map(lambda found: {"type": kind, **found})


SCALARS = st.one_of(
    bounded("integer", "minimum", "maximum"),
    bounded("number", "exclusiveMinimum", "exclusiveMaximum"),
    bounded("string", "minLength", "maxLength"),
    st.lists(st.sampled_from(["a", "bb"]), min_size=1, unique=True).map(
        lambda values: {"type": "string", "enum": values}
    ),
    st.sampled_from([{"type": "null"}, {"type": "boolean"}, {"type": "string", "const": "a"}]),
)
NODES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda ways: {"anyOf": ways}),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda values: {"type": "object", "additionalProperties": values}, inner),
    ),
    max_leaves=4,
)
ATOMS = [None, True, False, -1, 0, 1, 2, 3, 4, 0.5, 3.5, "", "a", "bb", "ccc", "dddd"]
VALUES = [*ATOMS, [], {}, *([atom] for atom in ATOMS), *({"a": atom} for atom in ATOMS)]


def refused(old: Schema, new: Schema) -> list[object]:
    """The slow obvious way: values that a reader of `old` takes and one of `new` does not."""
    before, after = Draft202012Validator(old), Draft202012Validator(new)
    return [value for value in VALUES if before.is_valid(value) and not after.is_valid(value)]


def successors(old: Schema) -> st.SearchStrategy[tuple[Schema, Schema]]:
    """A schema beside what may have become of it: the same, more, or something else."""
    others = NODES | SCALARS
    more = others.map(lambda other: {"anyOf": [other, old]})
    return st.tuples(st.just(old), st.just(old) | more | others)


PAIRS = (SCALARS | NODES).flatmap(successors)


@given(PAIRS)
def test_what_passes_refuses_nothing_that_was_taken(pair: tuple[Schema, Schema]) -> None:
    old, new = pair
    if refused(old, new):
        assert breaches(old, new)


@given(PAIRS)
def test_what_passes_for_a_field_passes_for_its_object(pair: tuple[Schema, Schema]) -> None:
    old, new = ({"type": "object", "properties": {"x": node}} for node in pair)
    found = [breach.path.removeprefix("$.x") for breach in breaches(old, new)]
    assert found == [breach.path.removeprefix("$") for breach in breaches(*pair)]


@given(NODES)
def test_a_schema_is_compatible_with_itself(schema: Schema) -> None:
    assert breaches(schema, copy.deepcopy(schema)) == []
