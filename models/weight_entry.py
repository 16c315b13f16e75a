"""What the registry file says of one model: licence, files, hashes, where they can come from.

In: parsed TOML. Out: frozen descriptions, checked on the way, so that a wrong registry file is
refused with the entry and key at fault. Touches neither disk nor network.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from models.errors import WeightsError
from models.weight_convert import CONVERTERS

_T = TypeVar("_T")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ENTRY_KEYS = {"summary", "licence", "files", "converter", "wheels", "hub"}


@dataclass(frozen=True)
class WeightFile:
    """One published file: the same bytes whatever the source."""

    path: str
    """Relative, with slashes."""
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Wheel:
    """A package wheel that carries files; read as a zip, never installed or imported."""

    project: str
    version: str
    filename: str
    size_bytes: int
    sha256: str
    members: Mapping[str, str]
    """Published path → name inside the zip. A path that several wheels of a model name is the
    concatenation of those members in the order of the wheels."""


@dataclass(frozen=True)
class Hub:
    """A model hub's repository at one commit; its file names are the published paths."""

    repo: str
    revision: str


@dataclass(frozen=True)
class ModelEntry:
    """A named model."""

    name: str
    summary: str
    licence: str
    files: tuple[WeightFile, ...]
    converter: str | None = None
    """Key of `CONVERTERS`; none when the published files are used as they are."""
    wheels: tuple[Wheel, ...] = ()
    hub: Hub | None = None

    @property
    def size_bytes(self) -> int:
        """Size of the published files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def identity(self) -> str:
        """SHA-256 over all that decides the bytes: the published files and their converter.

        An adapter stores this of its base.
        """
        parts = sorted(f"{file.path}\x1f{file.sha256}" for file in self.files)
        if self.converter is not None:
            parts.append(f"{self.converter}\x1f{CONVERTERS[self.converter].version}")
        return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


class _Table:
    """A TOML table that knows where it stands, for messages that name the key at fault."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            message = f"{where} should be a table, but is {value!r}"
            raise WeightsError(message)
        self.items: dict[str, object] = value
        self.where = where

    def text(self, key: str) -> str:
        value = self.items.get(key)
        if not isinstance(value, str) or not value:
            message = f"{self.where}.{key} should be a text, but is {value!r}"
            raise WeightsError(message)
        return value

    def sha256(self) -> str:
        value = self.text("sha256").lower()
        if not _SHA256.fullmatch(value):
            message = f"{self.where}.sha256 should be 64 hexadecimal digits, but is {value!r}"
            raise WeightsError(message)
        return value

    def size_bytes(self) -> int:
        value = self.items.get("bytes")
        if not isinstance(value, int) or value < 0:
            message = f"{self.where}.bytes should be a whole number from 0, but is {value!r}"
            raise WeightsError(message)
        return value

    def tables(self, key: str) -> list["_Table"]:
        value = self.items.get(key, [])
        if not isinstance(value, list):
            message = f"{self.where}.{key} should be a list of tables, but is {value!r}"
            raise WeightsError(message)
        return [_Table(item, f"{self.where}.{key}[{index}]") for index, item in enumerate(value)]

    def optional(self, key: str, parse: Callable[["_Table"], _T]) -> _T | None:
        value = self.items.get(key)
        return None if value is None else parse(_Table(value, f"{self.where}.{key}"))


def _safe_path(table: _Table, value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or str(path) != value:
        message = f"{table.where}: {value!r} should be a plain relative path"
        raise WeightsError(message)
    return value


def _file(table: _Table) -> WeightFile:
    path = _safe_path(table, table.text("path"))
    return WeightFile(path=path, size_bytes=table.size_bytes(), sha256=table.sha256())


def _wheel(table: _Table) -> Wheel:
    members = _Table(table.items.get("members"), f"{table.where}.members")
    filename = table.text("filename")
    if "/" in filename:
        message = f"{table.where}.filename should have no folder, but is {filename!r}"
        raise WeightsError(message)
    return Wheel(
        project=table.text("project"),
        version=table.text("version"),
        filename=filename,
        size_bytes=table.size_bytes(),
        sha256=table.sha256(),
        members={_safe_path(members, path): members.text(path) for path in members.items},
    )


def _hub(table: _Table) -> Hub:
    return Hub(repo=table.text("repo"), revision=table.text("revision"))


def parse_entry(name: str, value: object) -> ModelEntry:
    """Return the checked description of one model.

    Raises:
        WeightsError: the entry is malformed; the message names the key.
    """
    table = _Table(value, f"models.{name}")
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no model name: small letters, digits, dot, dash and underscore"
        raise WeightsError(message)
    if unknown := sorted(table.items.keys() - _ENTRY_KEYS):
        message = f"{table.where} has unknown keys {unknown}; known are {sorted(_ENTRY_KEYS)}"
        raise WeightsError(message)
    converter = table.text("converter") if "converter" in table.items else None
    if converter is not None and converter not in CONVERTERS:
        message = f"{table.where}.converter is {converter!r}; known are {sorted(CONVERTERS)}"
        raise WeightsError(message)
    files = tuple(_file(item) for item in table.tables("files"))
    wheels = tuple(_wheel(item) for item in table.tables("wheels"))
    if not files:
        message = f"{table.where}.files names no file"
        raise WeightsError(message)
    paths = {file.path for file in files}
    carried = {path for wheel in wheels for path in wheel.members}
    if wheels and carried != paths:
        message = f"{table.where}: files and wheel members differ in {sorted(carried ^ paths)}"
        raise WeightsError(message)
    return ModelEntry(
        name=name,
        summary=table.text("summary"),
        licence=table.text("licence"),
        files=files,
        converter=converter,
        wheels=wheels,
        hub=table.optional("hub", _hub),
    )
