"""The Java archives of the embedded broker: pinned by `jars.lock`, fetched once, verified always.

Bytes come from a Maven repository by way of `jgo` and are used only if they have the SHA-256 of the
lock. Nothing is resolved here: the lock names every archive that Maven itself would choose.
"""

import hashlib
import os
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.errors import ServiceError

Progress = Callable[[str, int, int], None]
"""Told what is being done, bytes done so far and in all; called from several threads in turn."""

LOCK_PATH = Path(__file__).with_name("jars.lock")
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Jar:
    """One pinned archive."""

    group: str
    artifact: str
    version: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the cache and in a Maven repository."""
        return f"{self.artifact}-{self.version}.jar"


@dataclass(frozen=True)
class JarLock:
    """Every archive of one Kafka version, in class path order."""

    kafka_version: str
    jars: tuple[Jar, ...]

    @property
    def size_bytes(self) -> int:
        """Of all archives together."""
        return sum(jar.size_bytes for jar in self.jars)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with any archive; 16 hexadecimal digits."""
        return hashlib.sha256("".join(jar.sha256 for jar in self.jars).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class JarOptions:
    """Where archives come from and where they are kept."""

    cache_dir: Path
    """Archives are kept in its folder `jars`."""
    maven_url: str | None = None
    """Base address of a Maven repository, such as a company's mirror; none: Maven Central."""
    connections: int = 4
    """Archives fetched at once."""
    attempts: int = 3
    """Tries for each archive when the network fails."""
    timeout_s: int = 20
    """Without an answer or a byte."""


def read_lock(path: Path = LOCK_PATH) -> JarLock:
    """Return the pinned archives."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    jars = tuple(
        Jar(row["group"], row["artifact"], row["version"], row["bytes"], row["sha256"])
        for row in table["jar"]
    )
    return JarLock(table["kafka"], jars)


class JarStore:
    """The cached archives of one lock."""

    def __init__(self, options: JarOptions, lock: JarLock) -> None:
        self._options = options
        self._folder = options.cache_dir / "jars"
        self._lock = lock

    @property
    def class_path(self) -> str:
        """Every archive by its full path, in the same order always (a class archive needs it)."""
        return os.pathsep.join(str(self._path(jar)) for jar in self._lock.jars)

    def missing(self) -> tuple[Jar, ...]:
        """The archives that are not in the cache or not as pinned; reads every byte."""
        return tuple(jar for jar in self._lock.jars if not _holds(self._path(jar), jar))

    def ensure(self, on_progress: Progress | None = None) -> None:
        """Fetch what is missing; an archive that was verified before is never fetched again.

        Raises:
            ServiceError: an archive cannot be fetched or kept, or is not what the lock pins.
        """
        missing = self.missing()
        if not missing:
            return
        count = _Count(sum(jar.size_bytes for jar in missing), on_progress)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with ThreadPoolExecutor(self._options.connections) as pool:
                tasks = [pool.submit(self._fetch, jar, count) for jar in missing]
                try:
                    for task in tasks:
                        task.result()
                finally:
                    pool.shutdown(wait=True, cancel_futures=True)
        except OSError as error:
            message = f"cannot keep the broker's archives in {self._folder}: {error}"
            raise ServiceError(message) from error

    def _path(self, jar: Jar) -> Path:
        return self._folder / jar.file_name

    def _fetch(self, jar: Jar, count: "_Count") -> None:
        import requests

        for attempt in range(1, self._options.attempts + 1):
            # A folder of its own for each try: whatever a broken connection leaves goes with it.
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".fetch-") as staging:
                try:
                    got = self._download(jar, Path(staging), count)
                except (requests.RequestException, RuntimeError) as error:
                    if attempt == self._options.attempts:
                        raise ServiceError(self._cannot_fetch(jar, error)) from error
                    time.sleep(attempt)
                    continue
                sha256 = _sha256(got)
                if sha256 != jar.sha256:
                    message = (
                        f"refused {jar.file_name} from {self._source}: its SHA-256 is {sha256}, "
                        f"{LOCK_PATH.name} pins {jar.sha256}"
                    )
                    raise ServiceError(message)
                got.replace(self._path(jar))
                return

    def _download(self, jar: Jar, staging: Path, count: "_Count") -> Path:
        from jgo.maven import MavenContext, PythonResolver

        url = self._options.maven_url
        context = MavenContext(
            resolver=PythonResolver(progress_callback=count.of_one_file),
            repo_cache=staging,
            remote_repos=None if url is None else {"mirror": url.rstrip("/")},
            timeout=self._options.timeout_s,
        )
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        return component.artifact().resolve()

    @property
    def _source(self) -> str:
        return self._options.maven_url or "Maven Central"

    def _cannot_fetch(self, jar: Jar, error: Exception) -> str:
        here = sum(self._path(each).exists() for each in self._lock.jars)
        return (
            f"cannot fetch {jar.file_name} from {self._source}: {error}. {here} of "
            f"{len(self._lock.jars)} archives are cached and stay so; check the network, or set "
            "the address of a Maven repository that this machine reaches"
        )


class _Count:
    """Adds up the bytes of archives that are fetched side by side."""

    def __init__(self, total_bytes: int, on_progress: Progress | None) -> None:
        self._total_bytes = total_bytes
        self._done_bytes = 0
        self._on_progress = on_progress
        self._turn = threading.Lock()

    @contextmanager
    def of_one_file(self, name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        """Count one download, and take its bytes back if it breaks off."""
        mine = 0

        def add(more_bytes: int) -> None:
            nonlocal mine
            mine += more_bytes
            self._add(name, more_bytes)

        try:
            yield add
        except BaseException:
            self._add(name, -mine)
            raise

    def _add(self, name: str, more_bytes: int) -> None:
        with self._turn:
            self._done_bytes += more_bytes
            if self._on_progress is not None:
                self._on_progress(name, self._done_bytes, self._total_bytes)


def _holds(path: Path, jar: Jar) -> bool:
    try:
        return path.stat().st_size == jar.size_bytes and _sha256(path) == jar.sha256
    except FileNotFoundError:
        return False


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
