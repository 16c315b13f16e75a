"""The embedded index server: Milvus Lite behind its own gRPC server on loopback.

A folder of Milvus Lite may be open in one process only, and several of ours search: so one server
owns the folder, and all others connect to its `uri`. After a restart collections are not loaded:
whoever connects again must call `load_collection` before a search.
"""

import logging
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from models.errors import ServiceError
from stream import owned_process
from stream.service_folder import (
    HOST,
    RunningService,
    ServiceFolder,
    lock_holder,
    lock_is_held,
)

TITLE = "the index server"
_REASONS = {
    "No space left on device": "the disk is full",
    "DataDirLockedError": "this index is open in another process",
    "Failed to bind": "its port was taken by another program in the meantime",
}


@dataclass(frozen=True)
class IndexServerOptions:
    """One embedded index server."""

    data_dir: Path
    """Its log and collections; made if missing."""
    port: int = 0
    """On loopback; 0: the folder's last one if it is free, or else any free one."""
    min_free_mb: int = 500
    """Free disk without which it does not start."""
    ready_timeout_s: float = 60.0
    stop_grace_s: float = 15.0
    """SIGKILL follows this long after the request to end."""
    owner_pid: int | None = None
    """The server ends when this process does; none: it lives until it is stopped."""


class IndexServer:
    """Starts, finds and stops the index server of one folder."""

    def __init__(self, options: IndexServerOptions) -> None:
        self._options = options
        self._folder = ServiceFolder(options.data_dir)

    @property
    def version(self) -> str:
        """Of the server that would be started.

        Raises:
            ServiceError: the package is not installed.
        """
        try:
            return f"Milvus Lite {version('milvus-lite')}"
        except PackageNotFoundError as error:
            message = f"{TITLE} needs the package milvus-lite: install liveshelf[index]"
            raise ServiceError(message) from error

    def start(self) -> RunningService:
        """Start the server, which must not run yet, and wait until a client can connect.

        Raises:
            ServiceError: it runs already, or cannot be started; with the reason and what to do.
        """
        options = self._options
        owned_process.refuse_second(TITLE, self._folder)
        self._refuse_foreign_owner()
        self._folder.prepare(TITLE, self.version.split(".")[0], options.min_free_mb)
        port = self._folder.choose_port(options.port, TITLE)
        order = owned_process.Order(
            name=TITLE,
            version=self.version,
            folder=str(self._folder.path),
            port=port,
            command=self._command(port),
            owner_pid=options.owner_pid,
            # The server closes its folder in order on Ctrl-C only.
            stop_signal=signal.SIGINT,
            stop_grace_s=options.stop_grace_s,
        )
        return owned_process.start(order, lambda: answers(port), options.ready_timeout_s, _explain)

    def status(self) -> RunningService | None:
        """The server that runs in this folder, whoever started it."""
        return self._folder.running()

    def stop(self) -> bool:
        """Stop it and wait until it is gone; whether it ran."""
        return owned_process.stop(self._folder, self._options.stop_grace_s)

    def logs(self, last: int = 50) -> list[str]:
        """The last lines of its log, of earlier runs too."""
        return self._folder.log_lines(last)

    def _command(self, port: int) -> tuple[str, ...]:
        server = (sys.executable, "-P", "-u", "-m", "milvus_lite", "server")
        return (*server, "--data-dir", str(self._folder.data), "--host", HOST, "--port", str(port))

    def _refuse_foreign_owner(self) -> None:
        """A program that opened the same folder by itself, with no server, holds Milvus's lock."""
        lock = self._folder.data / "LOCK"
        if lock_is_held(lock):
            pid = lock_holder(lock)
            message = (
                f"this index is open in another process (pid {pid or 'unknown'}): "
                f"end that one to serve {self._folder.path}"
            )
            raise ServiceError(message)


def uri(service: RunningService) -> str:
    """What a Milvus client connects to."""
    return f"http://{service.address}"


def answers(port: int) -> bool:
    """Whether an index server on loopback lets a client connect."""
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        # Only now the real client, which logs a traceback for every port that is closed.
        return _connects(f"http://{HOST}:{port}")
    return False


def _connects(address: str) -> bool:
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    # Its own remarks on a failed call would be read as ours; the answer here is all we need.
    logging.getLogger("pymilvus").addFilter(_nothing)
    try:
        # Dedicated: pymilvus never closes a shared connection, and pings through it for ever.
        client = MilvusClient(uri=address, timeout=5, dedicated=True)
        try:
            client.list_collections()
        finally:
            client.close()
    except MilvusException:
        return False
    finally:
        logging.getLogger("pymilvus").removeFilter(_nothing)
    return True


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def _explain(log: str) -> str | None:
    return next((reason for sign, reason in _REASONS.items() if sign in log), None)
