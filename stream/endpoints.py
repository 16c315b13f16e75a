"""Which Kafka and which Milvus: what the settings name, else what runs embedded, else nothing yet.

`run` and `demo` start what is missing, own it, and keep it alive; every other command only looks.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import ServiceError
from stream import index_server as milvus
from stream.broker import Broker, BrokerOptions
from stream.index_server import IndexServer, IndexServerOptions
from stream.jars import Progress
from stream.services_cli import Defaults
from stream.settings import Settings
from stream.supervise import Supervisor


@dataclass(frozen=True)
class Endpoints:
    """Where Kafka and Milvus answer."""

    bootstrap_servers: str
    index_uri: str


def embedded_defaults(settings: Settings) -> Defaults:
    """Return the options of the embedded services that the settings imply."""
    return Defaults(
        BrokerOptions(
            data_dir=settings.data_dir / "broker",
            cache_dir=settings.cache_dir,
            java_home=settings.paths.java_home,
        ),
        IndexServerOptions(data_dir=settings.data_dir / "index"),
    )


def find_kafka(settings: Settings) -> str:
    """Return the bootstrap servers in force.

    Raises:
        ServiceError: none are set and no embedded broker runs.
    """
    if settings.kafka.bootstrap_servers:
        return settings.kafka.bootstrap_servers
    running = Broker(embedded_defaults(settings).broker).status()
    if running is None:
        message = (
            "no Kafka: kafka.bootstrap_servers is not set and no embedded broker runs; "
            "start one with `liveshelf broker start`"
        )
        raise ServiceError(message)
    return running.address


def find_index(settings: Settings) -> str:
    """Return the URI of the Milvus in force.

    Raises:
        ServiceError: none is set and no index server runs.
    """
    if settings.index.uri:
        return settings.index.uri
    running = IndexServer(embedded_defaults(settings).index).status()
    if running is None:
        message = (
            "no Milvus: index.uri is not set and no index server runs; "
            "start one with `liveshelf index serve`"
        )
        raise ServiceError(message)
    return milvus.uri(running)


def start_missing(
    settings: Settings,
    supervisor: Supervisor,
    on_progress: Progress,
    say: Callable[[str], None],
) -> Endpoints:
    """Start the embedded services that are needed and not there, owned by this process.

    Args:
        settings: What is wanted.
        supervisor: Keeps what is started alive.
        on_progress: Told of archives that have to be fetched first.
        say: Told in words what is started.
    """
    defaults = embedded_defaults(settings)
    owner = os.getpid()
    servers = settings.kafka.bootstrap_servers
    if not servers:
        broker = Broker(replace(defaults.broker, owner_pid=owner))
        found = broker.status()
        if found is None:
            broker.prepare(on_progress)
            found = broker.start(on_progress)
            say(f"{found.version} (embedded) at {found.address}")
            supervisor.watch("broker", lambda: broker.status() is not None, broker.start)
        servers = found.address
    uri = settings.index.uri
    if not uri:
        index = IndexServer(replace(defaults.index, owner_pid=owner))
        serving = index.status()
        if serving is None:
            serving = index.start()
            say(f"{serving.version} (embedded) at {milvus.uri(serving)}")
            supervisor.watch("index server", lambda: index.status() is not None, index.start)
        uri = milvus.uri(serving)
    return Endpoints(servers, uri)


def stop_embedded(settings: Settings, owner_pid: int) -> None:
    """Stop the embedded services that a process owns."""
    defaults = embedded_defaults(settings)
    for service in (IndexServer(defaults.index), Broker(defaults.broker)):
        running = service.status()
        if running is not None and running.owner_pid == owner_pid:
            service.stop()


def logs_folder(settings: Settings) -> Path:
    """Return where the processes that `run` starts write what they say."""
    return settings.data_dir / "logs"
