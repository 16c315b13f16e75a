"""Every setting, typed; the only place that reads the environment.

Flags beat environment beats a TOML file beats defaults. `LIVESHELF_KAFKA__BOOTSTRAP_SERVERS` is
key `bootstrap_servers` in group `kafka`; in TOML it stands under `[kafka]`. A name that is not
known is refused, and the nearest known one is named.
"""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from models.errors import SettingsError
from stream.setting_groups import (
    AsrSettings,
    IndexSettings,
    KafkaSettings,
    MatchSettings,
    MetricsSettings,
    ModelSettings,
    OcrSettings,
    PathSettings,
    SummarizeSettings,
)
from stream.stage import RunnerOptions
from workers.align import AlignOptions
from workers.ladder import OverloadOptions
from workers.media_wire import MediaOptions
from workers.tag import TagOptions

PREFIX = "LIVESHELF_"
CONFIG_NAME = "LIVESHELF_CONFIG"
FILE_NAME = "liveshelf.toml"


@dataclass(frozen=True)
class Settings:
    """Everything that can be set."""

    paths: PathSettings = field(default_factory=PathSettings)
    kafka: KafkaSettings = field(default_factory=KafkaSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    ingest: MediaOptions = field(default_factory=MediaOptions)
    asr: AsrSettings = field(default_factory=AsrSettings)
    summarize: SummarizeSettings = field(default_factory=SummarizeSettings)
    ocr: OcrSettings = field(default_factory=OcrSettings)
    align: AlignOptions = field(default_factory=AlignOptions)
    match: MatchSettings = field(default_factory=MatchSettings)
    tag: TagOptions = field(default_factory=TagOptions)
    overload: OverloadOptions = field(default_factory=OverloadOptions)
    runner: RunnerOptions = field(default_factory=RunnerOptions)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)

    @property
    def cache_dir(self) -> Path:
        """The cache folder, with `~` resolved."""
        return self.paths.cache_dir.expanduser()

    @property
    def data_dir(self) -> Path:
        """The data folder, with `~` resolved."""
        return self.paths.data_dir.expanduser()

    def as_environment(self) -> dict[str, str]:
        """Return the variables that make a child process see these very settings."""
        variables = {}
        for name, (group, key) in _names().items():
            value = getattr(getattr(self, group), key)
            if value is not None:
                variables[name] = ",".join(value) if isinstance(value, tuple) else str(value)
        return variables


def with_encoder(settings: Settings, name: str) -> Settings:
    """Return the settings with another encoder; an empty name leaves them as they are."""
    if not name:
        return settings
    return replace(settings, models=replace(settings.models, encoder=name))


def with_index(settings: Settings, uri: str | None) -> Settings:
    """Return the settings with another Milvus; none leaves them as they are."""
    if uri is None:
        return settings
    return replace(settings, index=replace(settings.index, uri=uri))


def with_kafka(settings: Settings, servers: str | None) -> Settings:
    """Return the settings with another Kafka, host:port[,…]; none leaves them as they are."""
    if servers is None:
        return settings
    return replace(settings, kafka=replace(settings.kafka, bootstrap_servers=servers))


def with_sets(settings: Settings, sets: Sequence[str]) -> Settings:
    """Return the settings with some of them changed, each told as GROUP.KEY=VALUE.

    Raises:
        SettingsError: one is not told so, a name is unknown or a value cannot be what it should.
    """
    for assignment in sets:
        name, equals, value = assignment.partition("=")
        if not (name and equals):
            message = f"{assignment!r}: want GROUP.KEY=VALUE, for instance tag.enter=3"
            raise SettingsError(message)
        group, _, key = name.partition(".")
        _check_name(assignment, group, key)
        known = vars(getattr(settings, group)) | {key: _split(group, key, value)}
        changed: dict[str, Any] = {group: _validated(group, known)}
        settings = replace(settings, **changed)
    return settings


def load_settings(
    overrides: Mapping[str, object] | None = None,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings in force.

    Args:
        overrides: `group.key` → value, from flags; none values are skipped.
        config: A TOML file; else the one named by `LIVESHELF_CONFIG`, else `liveshelf.toml` here.
        environment: Instead of the process's own.

    Raises:
        SettingsError: a name is unknown, a value cannot be what it should, or two do not go
            together; names both.
    """
    variables = os.environ if environment is None else environment
    merged: dict[str, dict[str, object]] = {}
    for source, values in (
        ("JAVA_HOME", {"paths.java_home": variables.get("JAVA_HOME") or None}),
        _from_file(config, variables),
        _from_environment(variables),
        ("flags", dict(overrides or {})),
    ):
        for dotted, value in values.items():
            if value is not None:
                group, _, key = dotted.partition(".")
                _check_name(source, group, key)
                merged.setdefault(group, {})[key] = _split(group, key, value)
    groups: dict[str, Any] = {}
    for group, values in merged.items():
        groups[group] = _validated(group, values)
    settings = Settings(**groups)
    _refuse_settled_words(settings)
    return settings


def known_names() -> frozenset[str]:
    """Return every environment variable that is understood."""
    return frozenset(_names()) | {CONFIG_NAME}


def _groups() -> dict[str, type[Any]]:
    return {name: kind for name, kind in get_type_hints(Settings).items() if kind is not Path}


def _names() -> dict[str, tuple[str, str]]:
    return {
        f"{PREFIX}{group}__{key.name}".upper(): (group, key.name)
        for group, kind in _groups().items()
        for key in dataclasses.fields(kind)
    }


def _from_file(config: Path | None, variables: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    named = config or (Path(variables[CONFIG_NAME]) if CONFIG_NAME in variables else None)
    path = named or Path(FILE_NAME)
    if not path.is_file():
        if named is None:
            return FILE_NAME, {}
        message = f"settings file {path} does not exist"
        raise SettingsError(message)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"settings file {path}: {error}"
        raise SettingsError(message) from error
    found: dict[str, object] = {}
    for group, table in tables.items():
        if not isinstance(table, dict):
            _check_name(str(path), group, "")
            message = f"{path}: [{group}] must be a table"
            raise SettingsError(message)
        found |= {f"{group}.{key}": value for key, value in table.items()}
    return str(path), found


def _from_environment(variables: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    names = _names()
    found: dict[str, object] = {}
    for name, value in variables.items():
        if not name.startswith(PREFIX) or name == CONFIG_NAME:
            continue
        if name not in names:
            message = f"environment: {name} is not a setting{_nearest(name, names)}"
            raise SettingsError(message)
        group, key = names[name]
        found[f"{group}.{key}"] = value
    return "environment", found


def _check_name(source: str, group: str, key: str) -> None:
    known = {f"{g}.{k}" for g, k in _names().values()}
    if f"{group}.{key}" not in known:
        name = f"{group}.{key}" if key else group
        message = f"{source}: {name} is not a setting{_nearest(name, known)}"
        raise SettingsError(message)


def _nearest(name: str, known: Mapping[str, object] | set[str]) -> str:
    plain = {one.removeprefix(PREFIX): one for one in known}
    close = difflib.get_close_matches(name.removeprefix(PREFIX), list(plain), n=1, cutoff=0.5)
    return f"; did you mean {plain[close[0]]}?" if close else ""


def _split(group: str, key: str, value: object) -> object:
    hint = get_type_hints(_groups()[group])[key]
    if isinstance(value, str) and getattr(hint, "__origin__", None) is tuple:
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _refuse_settled_words(settings: Settings) -> None:
    """Refuse tags that are settled before words can come that pictures ran ahead of."""
    align, tag = settings.align, settings.tag
    if align.early and align.early_ahead_ms + align.correct_ms >= tag.correct_ms:
        message = (
            f"tag.correct_ms is {tag.correct_ms}: it should be more than align.early_ahead_ms and "
            f"align.correct_ms together, {align.early_ahead_ms + align.correct_ms}, or align.early "
            "be false"
        )
        raise SettingsError(message)


def _validated(group: str, values: dict[str, object]) -> object:
    kind = _groups()[group]
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        message = f"{group}.{key} is {first['input']!r}: {first['msg']}"
        raise SettingsError(message) from error
