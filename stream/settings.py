"""Every setting, typed; the only place that reads the environment.

Flags beat environment beats a TOML file beats defaults. `LIVESHELF_KAFKA__BOOTSTRAP_SERVERS` is
key `bootstrap_servers` in group `kafka`; in TOML it stands under `[kafka]`. A name that is not
known is refused, and the nearest known one is named.
"""

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter, ValidationError

from models.errors import SettingsError
from stream.stage import RunnerOptions
from workers.align import AlignOptions
from workers.media_wire import MediaOptions
from workers.tag import TagOptions

PREFIX = "LIVESHELF_"
CONFIG_NAME = "LIVESHELF_CONFIG"
FILE_NAME = "liveshelf.toml"
_SERVER = re.compile(r"([^\s:/\[\]]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")


@dataclass(frozen=True)
class PathSettings:
    """Where things are kept."""

    cache_dir: Path = Path("~/.cache/liveshelf")
    """Weights and jars; may be deleted at any time."""
    data_dir: Path = Path("~/.local/share/liveshelf")
    """Broker, index, logs."""
    java_home: Path | None = None
    """Folder of the Java for the embedded broker; none: `JAVA_HOME`, the path, the wheel."""


@dataclass(frozen=True)
class KafkaSettings:
    """Which Kafka."""

    bootstrap_servers: str = ""
    """`host[:port][,host[:port]]`; empty: a broker of our own on loopback."""
    topic_prefix: str = "liveshelf."
    """Put before every topic name."""
    partitions: int = 4
    """Partitions of every topic keyed by stream_id; more let more processes share a stage."""
    replication: int = 1
    """Copies of every topic; at most the number of brokers."""

    def __post_init__(self) -> None:
        """Refuse an address that no client understands."""
        for server in filter(None, self.bootstrap_servers.split(",")):
            if not _SERVER.fullmatch(server.strip()):
                message = f"kafka.bootstrap_servers: {server!r} is not host:port"
                raise SettingsError(message)


@dataclass(frozen=True)
class IndexSettings:
    """Which Milvus."""

    uri: str = ""
    """`http://host:port`; empty: a Milvus Lite server of our own on loopback."""
    token: str = ""
    """`user:password` or an API key, where the server wants one."""


@dataclass(frozen=True)
class ModelSettings:
    """Which models, by registry name, folder, or hub name."""

    asr: str = "whisper-base"
    """Speech: a registry name, a CTranslate2 folder, or a name that faster-whisper knows."""
    llm: str = "smollm2-135m-instruct"
    """Summarizer: a registry name, a folder of a causal LM, or a hub name."""
    llm_adapter: str = ""
    """Folder of a LoRA adapter for the summarizer; empty: none."""
    encoder: str = "untrained"
    """A preset, a checkpoint folder, or `zero-shot:NAME` for a SigLIP or CLIP folder or hub
    name."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where models compute."""
    compute_type: str = "auto"
    """Of the speech model: `auto`, `int8`, `int8_float16`, `float16`, `float32`."""
    sources: tuple[str, ...] = ("folder", "cache", "wheel", "hub")
    """Where weights are looked for, in order."""
    folder: str = ""
    """The source `folder`: files or wheels that were brought here by hand; empty: none."""
    hub_url: str = "https://huggingface.co"
    """The source `hub`, or a mirror of it."""
    registry: str = ""
    """A TOML file with models of your own; empty: none."""


@dataclass(frozen=True)
class AsrSettings:
    """How speech is cut and heard."""

    language: str = ""
    """Two letters for all rooms that do not say; empty: detected."""
    min_utterance_ms: int = 4_000
    """An utterance is cut at a quiet spot once it is this long ..."""
    max_utterance_ms: int = 10_000
    """... and at its quietest spot when it is this long."""
    max_batch: int = 8
    """Most utterances in one call."""


@dataclass(frozen=True)
class SummarizeSettings:
    """How speech is boiled down."""

    backend: Literal["llm", "server", "extractive"] = "llm"
    """`llm` (a local causal LM), `server` (OpenAI-compatible), or `extractive`."""
    window_ms: int = 30_000
    """Speech that one summary looks at."""
    hop_ms: int = 5_000
    """Between summaries."""
    server_url: str = ""
    """Of an OpenAI-compatible server, for instance `http://127.0.0.1:8000/v1`."""
    server_model: str = ""
    """Model name that the server wants."""
    server_key: str = field(default="", repr=False)
    """API key, if the server wants one."""


@dataclass(frozen=True)
class MatchSettings:
    """How products are looked up and accepted."""

    top_k: int = 10
    """Candidates per clip."""
    threshold: float | None = None
    """Least score of a product; none: the encoder's own calibration."""
    sounds_weight: float = 0.0
    """Share of the sound-alike score in a candidate's score where words were heard, 0 to 1."""


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
    align: AlignOptions = field(default_factory=AlignOptions)
    match: MatchSettings = field(default_factory=MatchSettings)
    tag: TagOptions = field(default_factory=TagOptions)
    runner: RunnerOptions = field(default_factory=RunnerOptions)

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
        SettingsError: a name is unknown or a value cannot be what it should; names both.
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
    return Settings(**groups)


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


def _validated(group: str, values: dict[str, object]) -> object:
    kind = _groups()[group]
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        message = f"{group}.{key} is {first['input']!r}: {first['msg']}"
        raise SettingsError(message) from error
