"""Compares two versions of a JSON Schema: can a new reader read everything an old writer wrote?

In come plain JSON Schemas, in the part of the language that pydantic writes; out come breaches. A
field that disappears is one too, although a reader would not stumble: whoever used it would. New
fields with defaults, wider types, further values of an enumeration and looser bounds are none.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Schema = Mapping[str, Any]
Cause = Literal[
    "event removed",
    "channel removed",
    "channel changed",
    "field removed",
    "new required field",
    "field became required",
    "type narrowed",
    "value removed",
    "bound tightened",
    "pattern changed",
    "default changed",
]

_PAIRS_OF_BOUNDS = (("minLength", "maxLength"), ("minItems", "maxItems"))
_ANYTHING: Schema = {}


@dataclass(frozen=True)
class Breach:
    """One way in which the new schema breaks a promise of the old one."""

    path: str
    """Dotted names of fields; `[]` is an item of a list, `{}` a value of a map."""
    cause: Cause
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.cause}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class _Pair:
    """Two documents that are compared, to look references up in."""

    old: Schema
    new: Schema


def breaches(old: Schema, new: Schema, path: str = "$") -> list[Breach]:
    """Return what `new` breaks of `old`, in the order of the fields; empty: nothing."""
    return list(_compare(_Pair(old, new), old, new, path))


def breaches_of_contract(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[Breach]:
    """Return what a set of event schemas, by kind, breaks of an earlier set."""
    found = []
    for kind, schema in old.items():
        if kind in new:
            found += breaches(schema, new[kind], kind)
        else:
            found.append(Breach(kind, "event removed"))
    return found


def breaches_of_channels(old: Schema, new: Schema) -> list[Breach]:
    """Return what an AsyncAPI document breaks of an earlier one: its channels and their keys."""
    found = []
    for name, channel in old["channels"].items():
        if name not in new["channels"]:
            found.append(Breach(name, "channel removed"))
            continue
        before, after = _carried(old, channel), _carried(new, new["channels"][name])
        if before != after:
            found.append(Breach(name, "channel changed", f"{before} → {after}"))
    return found


def _carried(document: Schema, channel: Schema) -> list[str]:
    messages = document["components"]["messages"]
    said = [f"address {channel['address']}"]
    for name in channel["messages"]:
        key = messages[name]["bindings"]["kafka"]["key"]["description"]
        said.append(f"{messages[name]['name']} keyed by {key}")
    return said


def _compare(roots: _Pair, old: Schema, new: Schema, path: str) -> Iterator[Breach]:
    if _has_changed_default(old, new):
        detail = f"{old['default']!r} → {new['default']!r}"
        yield Breach(path, "default changed", detail)
    old_ways, new_ways = _ways(roots.old, old), _ways(roots.new, new)
    for way in old_ways:
        yield from _best(roots, way, new_ways, path)


def _has_changed_default(old: Schema, new: Schema) -> bool:
    if "default" not in old or "default" not in new:
        return False
    before, after = old["default"], new["default"]
    if isinstance(before, dict) and isinstance(after, dict):
        # A part that gained a field of its own says no less than it did.
        after = {name: value for name, value in after.items() if name in before}
    return bool(before != after)


def _ways(root: Schema, node: Schema) -> list[Schema]:
    """The alternatives that a node allows, with references resolved."""
    while "$ref" in node:
        target = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    if "anyOf" in node:
        return [way for choice in node["anyOf"] for way in _ways(root, choice)]
    return [node]


def _best(roots: _Pair, old: Schema, ways: list[Schema], path: str) -> Iterator[Breach]:
    """Breaches against the alternative of the new schema that comes closest."""
    tries = [list(_compare_way(roots, old, way, path)) for way in ways]
    # An alternative of the same type says more about what happened than one of another.
    yield from min(tries, key=lambda found: (len(found) > 0, _wrong_type(found, path), len(found)))


def _wrong_type(found: list[Breach], path: str) -> bool:
    return any(breach.cause == "type narrowed" and breach.path == path for breach in found)


def _compare_way(roots: _Pair, old: Schema, new: Schema, path: str) -> Iterator[Breach]:
    if new.get("type") is None and "enum" not in new and "const" not in new:
        return  # takes anything
    if not _takes_type(old.get("type"), new.get("type")):
        yield Breach(path, "type narrowed", f"{_say(old)} → {_say(new)}")
        return
    yield from _compare_values(old, new, path)
    yield from _compare_bounds(old, new, path)
    yield from _compare_fields(roots, old, new, path)
    yield from _compare_inside(roots, old, new, path)


def _takes_type(old: str | None, new: str | None) -> bool:
    return new is None or old == new or (old, new) == ("integer", "number")


def _say(node: Schema) -> str:
    return str(node.get("type") or node.get("const") or node.get("enum") or "anything")


def _values(node: Schema) -> list[str] | None:
    """The only values that a node takes, as JSON (where 1 is not true); none: no such list."""
    if "const" in node:
        return [json.dumps(node["const"])]
    return [json.dumps(value) for value in node["enum"]] if "enum" in node else None


def _compare_values(old: Schema, new: Schema, path: str) -> Iterator[Breach]:
    before, after = _values(old), _values(new)
    if after is None:
        return
    if before is None:
        yield Breach(path, "type narrowed", f"anything → {', '.join(after)}")
        return
    for value in before:
        if value not in after:
            yield Breach(path, "value removed", value)


def _compare_bounds(old: Schema, new: Schema, path: str) -> Iterator[Breach]:
    limits = [(_least(old), _least(new), "at least"), (_most(old), _most(new), "at most")]
    for low, high in _PAIRS_OF_BOUNDS:
        limits.append(((old.get(low, 0), 0), (new.get(low, 0), 0), low))
        limits.append(((-old.get(high, _INF), 0), (-new.get(high, _INF), 0), high))
    for before, after, name in limits:
        if after > before:
            yield Breach(path, "bound tightened", f"{name} {abs(after[0])}")
    for name in ("pattern", "format"):
        if name in new and old.get(name) != new[name]:
            # Whether one pattern includes another is not worth deciding here.
            yield Breach(path, "pattern changed", f"{old.get(name)} → {new[name]}")


_INF = float("inf")


def _least(node: Schema) -> tuple[float, int]:
    """The lower bound; the greater tuple takes less."""
    closed = (node.get("minimum", -_INF), 0)
    return max(closed, (node.get("exclusiveMinimum", -_INF), 1))


def _most(node: Schema) -> tuple[float, int]:
    """The upper bound, negated, so that the greater tuple takes less."""
    closed = (-node.get("maximum", _INF), 0)
    return max(closed, (-node.get("exclusiveMaximum", _INF), 1))


def _compare_fields(roots: _Pair, old: Schema, new: Schema, path: str) -> Iterator[Breach]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, node in before.items():
        if name in after:
            yield from _compare(roots, node, after[name], f"{path}.{name}")
        else:
            yield Breach(f"{path}.{name}", "field removed")
    wanted = set(old.get("required", ()))
    for name in new.get("required", ()):
        if name not in before:
            yield Breach(f"{path}.{name}", "new required field")
        elif name not in wanted:
            yield Breach(f"{path}.{name}", "field became required")


def _compare_inside(roots: _Pair, old: Schema, new: Schema, path: str) -> Iterator[Breach]:
    """Items of lists, values of maps, and whether unknown fields are taken."""
    if "items" in new:
        yield from _compare(roots, old.get("items", _ANYTHING), new["items"], f"{path}[]")
    extra = new.get("additionalProperties", True)
    before = old.get("additionalProperties", True)
    if extra is False and before is not False:
        yield Breach(path, "type narrowed", "unknown fields are refused")
    elif isinstance(extra, Mapping) and before is not False:
        yield from _compare(roots, _ANYTHING if before is True else before, extra, f"{path}{{}}")
