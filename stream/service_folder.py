"""The folder of one owned service: its lock, its state, its log, the service's own data, its port.

    service.lock   held by the guard and by the service, for as long as either of them lives
    service.json   who runs here, written by the guard; believed only while the lock is held
    folder.json    which program wrote the data, and its last port
    service.log    what the service says; the run before the last one is in service.log.1
    data/          the service's own

Only the standard library is imported: the guard of every service loads this module.
"""

import fcntl
import json
import os
import random
import shutil
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.errors import ServiceError

HOST = "127.0.0.1"
"""Owned services listen on loopback and nowhere else."""

# Below what Linux hands out as source ports (from 32768): a client that keeps knocking at the port
# of a dead broker could otherwise be given that very port and keep the broker from coming back.
_FREE_PORTS = range(20_000, 32_000)
_LOG_BYTES = 8 << 20


@dataclass(frozen=True)
class RunningService:
    """One service that runs now."""

    name: str
    version: str
    port: int
    pid: int
    """Of the service itself."""
    guard_pid: int
    """Of the small process that stops the service with its owner."""
    owner_pid: int | None
    """The service ends with this process; none: it lives until it is stopped."""
    folder: str
    started_at: str
    """ISO 8601, UTC."""

    @property
    def address(self) -> str:
        """Host and port, which is what Kafka calls a bootstrap server."""
        return f"{HOST}:{self.port}"

    @property
    def log_path(self) -> Path:
        """What the service says."""
        return Path(self.folder) / "service.log"

    @property
    def resident_mb(self) -> float | None:
        """Memory that the service holds now; none once it is gone."""
        with suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
            return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
        return None

    def alive(self) -> bool:
        """Whether this very service still runs."""
        return ServiceFolder(Path(self.folder)).running() == self


class ServiceFolder:
    """The files of one service, running or not."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.data = self.path / "data"
        self.lock_path = self.path / "service.lock"
        self.log_path = self.path / "service.log"
        self._state_path = self.path / "service.json"
        self._about_path = self.path / "folder.json"

    def prepare(self, title: str, generation: str, min_free_mb: int) -> None:
        """Make the folder ready for a start.

        Args:
            title: what to call the service in messages.
            generation: name and major version of the program; a folder serves one for ever.
            min_free_mb: refuse to start with less free disk than this.

        Raises:
            ServiceError: the folder cannot be used, with the reason.
        """
        try:
            known = self._read(self._about_path).get("generation")
            if known is None and self.path.is_dir() and any(self.path.iterdir()):
                message = (
                    f"{self.path} is not empty and was not made by {title}: name another folder"
                )
                raise ServiceError(message)
            if known not in (None, generation):
                message = (
                    f"{self.path} was made by {known} and this is {generation}: use the version "
                    "that made it, name another folder, or remove this one to start afresh"
                )
                raise ServiceError(message)
            self.data.mkdir(parents=True, exist_ok=True)
            self._write(
                self._about_path, {**self._read(self._about_path), "generation": generation}
            )
            free_mb = shutil.disk_usage(self.path).free // 1_000_000
        except OSError as error:
            message = f"{title} cannot write to its folder {self.path}: {error}"
            raise ServiceError(message) from error
        if free_mb < min_free_mb:
            message = (
                f"{title} needs {min_free_mb} MB of free disk to start and {self.path} has "
                f"{free_mb} MB: free some, name a folder on another disk, or lower the limit"
            )
            raise ServiceError(message)

    def choose_port(self, wanted: int, title: str) -> int:
        """Return the port to listen on: the wanted one; for 0 the last one, or else a free one.

        Raises:
            ServiceError: the wanted port is taken.
        """
        if wanted:
            if not port_is_free(wanted):
                message = (
                    f"{title} cannot listen on {HOST}:{wanted}: {_who_listens(wanted)} has that "
                    "port. Stop it, or choose another port (0 means any free one)"
                )
                raise ServiceError(message)
            port = wanted
        else:
            last = self._read(self._about_path).get("port")
            port = last if isinstance(last, int) and port_is_free(last) else free_port()
        self._write(self._about_path, {**self._read(self._about_path), "port": port})
        return port

    def rotate_log(self) -> None:
        """Put a long log aside, so that the log of one start can be read alone."""
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))

    def log_lines(self, last: int) -> list[str]:
        """The last lines that the service said."""
        try:
            with self.log_path.open("rb") as file:
                file.seek(max(0, self.log_path.stat().st_size - 400 * last))
                return file.read().decode(errors="replace").splitlines()[-last:]
        except FileNotFoundError:
            return []

    def take_lock(self) -> int | None:
        """Return a descriptor that holds the lock until every copy is closed; none: not free."""
        descriptor = os.open(self.lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def locked(self) -> bool:
        """Whether a service, or its guard, lives here."""
        return lock_is_held(self.lock_path)

    def running(self) -> RunningService | None:
        """The service that runs here; none also while it is about to run or about to be gone."""
        if not self.locked():
            return None
        state = self._read(self._state_path)
        if not state:
            return None
        service = RunningService(**state)
        return service if _lives(service.pid) else None

    def write_state(self, service: RunningService) -> None:
        """Say who runs here."""
        self._write(self._state_path, asdict(service))

    def clear_state(self) -> None:
        """Say that nobody runs here."""
        self._state_path.unlink(missing_ok=True)

    @staticmethod
    def _read(path: Path) -> dict[str, Any]:
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
            return {}

    @staticmethod
    def _write(path: Path, content: dict[str, Any]) -> None:
        partial = path.with_suffix(f".{os.getpid()}.tmp")
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)


def lock_is_held(path: Path) -> bool:
    """Whether some process holds the whole-file lock of a file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def lock_holder(path: Path) -> int | None:
    """The process that took the whole-file lock of a file, as far as the kernel tells."""
    with suppress(OSError):
        inode = f":{path.stat().st_ino}"
        for line in Path("/proc/locks").read_text().splitlines():
            fields = line.split()
            if fields[1] == "FLOCK" and fields[5].endswith(inode):
                return int(fields[4])
    return None


def _lives(pid: int) -> bool:
    """Whether a process exists and is more than a zombie that its guard has not noticed yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def port_is_free(port: int) -> bool:
    """Whether a service could listen on this loopback port now."""
    with socket.socket() as trial:
        # As servers do: connections of an earlier run that linger must not look like a listener.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(but: int = 0) -> int:
    """Return a free loopback port, other than `but`, that the system hands to nobody else."""
    for port in random.sample(_FREE_PORTS, len(_FREE_PORTS)):
        if port != but and port_is_free(port):
            return port
    message = f"no free port from {_FREE_PORTS.start} to {_FREE_PORTS.stop - 1} on {HOST}"
    raise ServiceError(message)


def _who_listens(port: int) -> str:
    import psutil

    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            mine = connection.laddr and connection.laddr.port == port
            if mine and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another program"
