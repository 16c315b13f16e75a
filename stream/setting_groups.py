"""What can be set, group by group; `settings.py` fills them.

A group whose class has options already (`MediaOptions`, `TagOptions` …) is that class itself.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from models.errors import SettingsError
from workers.decision import StepDown
from workers.summarizers.examples import Domain

AUTO_ADAPTER = "auto"
Backend = Literal["llm", "server", "extractive"]
MOST_METRICS_PORT = 65_000
"""Leaves room for the ports of further processes."""
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
    consistency: Literal["Strong", "Session", "Bounded", "Eventually"] = "Strong"
    """Of searches. `Strong`: whatever was upserted before is found, for which a Milvus server waits
    .2 to .6 s; `Bounded`: it does not wait, and may answer as of 5 s ago; `Session`: what this
    connection wrote; `Eventually`: whatever is there. Milvus Lite never waits."""


@dataclass(frozen=True)
class ModelSettings:
    """Which models, by registry name, folder, or hub name."""

    asr: str = "whisper-base"
    """Speech: a registry name, a CTranslate2 folder, or a name that faster-whisper knows."""
    llm: str = "smollm2-135m-instruct"
    """Summarizer: a registry name, a folder of a causal LM, or a hub name."""
    llm_adapter: str = AUTO_ADAPTER
    """Folder of a LoRA adapter for the summarizer; `auto`: the shipped one where it fits the model;
    empty: none."""
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
    min_utterance_ms: int = 7_000
    """An utterance is cut at a quiet spot once it is this long ..."""
    max_utterance_ms: int = 15_000
    """... and at its quietest spot when it is this long."""
    hop_ms: int = 2_000
    """While an utterance grows, it is heard again each time it is this much longer, and words on
    which two such passes agree are told at once; 0: words are told when the utterance is cut."""
    lateness_ms: int = 3_000
    """How long, in media time, a missing second of sound is waited for before silence takes its
    place; what comes later is `late`. While none is missing nothing waits."""
    correct_ms: int = 10_000
    """How long, in media time, sound that is late is still heard, by itself: its words correct
    tags, but no summary; 0: never."""
    max_batch: int = 8
    """Most utterances in one call."""
    beam: int = 5
    """Hypotheses that the decoder follows at a time; 1: greedy, faster, with more word errors."""


@dataclass(frozen=True)
class SummarizeSettings:
    """How speech is boiled down."""

    backend: Backend = "llm"
    """`llm` (a local causal LM), `server` (OpenAI-compatible), or `extractive`."""
    window_ms: int = 30_000
    """Speech that one summary looks at."""
    hop_ms: int = 5_000
    """Between summaries."""
    domain: Domain = "general"
    """What the rooms sell: `general`, `fashion`, `beauty`, `food`, `home` or `electronics`; a model
    that was not trained for the task is shown examples of it, in English or Chinese as the room
    speaks."""
    server_url: str = ""
    """Of an OpenAI-compatible server, for instance `http://127.0.0.1:8000/v1`."""
    server_model: str = ""
    """Model name that the server wants."""
    server_key: str = field(default="", repr=False)
    """API key, if the server wants one."""


@dataclass(frozen=True)
class OcrSettings:
    """Whether and how text on the screen is read; needs the extra `ocr`."""

    enabled: bool = False
    """Whether the stage `ocr` runs and summaries wait for it. A live room of which it falls behind
    (`overload`) is not read until it has caught up."""
    every_ms: int = 2_000
    """At most one picture of a room is read in this much media time; 0: every kept one."""
    least_score: float = 0.6
    """Lines of which the reader is less sure are left out, from 0 to 1."""
    longest_line: int = 200
    """Characters after which a line is cut off."""
    most_lines: int = 40
    """Lines of one picture; the rest is left out."""
    threads: int = 1
    """Of the CPU, in one process of the stage."""

    def __post_init__(self) -> None:
        """Refuse what no reader can do."""
        for name, least in (
            ("every_ms", 0),
            ("longest_line", 1),
            ("most_lines", 1),
            ("threads", 1),
        ):
            if getattr(self, name) < least:
                message = f"ocr.{name} is {getattr(self, name)}; at least {least} is wanted"
                raise SettingsError(message)


@dataclass(frozen=True)
class MatchSettings:
    """How products are looked up and accepted."""

    top_k: int = 10
    """Candidates per clip."""
    threshold: float | None = None
    """Least score of a product; none: the encoder's own calibration."""
    sounds_weight: float | None = None
    """How much a name that was heard counts beside the vector, from 0: not at all; none: as fitted
    for the encoder and the scope."""
    step_down: StepDown = "unsure"
    """When the shop is looked through after the cart, and the catalogue after the shop: `empty`, if
    a gallery holds none of the products; `unsure`, also if its best is not believed and the wider
    one has a threshold that was calibrated to a precision; where clips add up, in any case."""


@dataclass(frozen=True)
class MetricsSettings:
    """Where each process tells Prometheus what it does."""

    port: int = 0
    """Of the process whose first stage is asr; those of ocr, summarize, embed, match and tag follow
    it, and a further process with the same stages has a port 10 higher. 0: no metrics."""
    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` or `::` for all."""

    def __post_init__(self) -> None:
        """Refuse a port that no process could have, or all but the first."""
        if not (self.port == 0 or 1 <= self.port <= MOST_METRICS_PORT):
            message = f"metrics.port is {self.port}: want 1 to {MOST_METRICS_PORT}, or 0 for none"
            raise SettingsError(message)
