"""The commands `liveshelf broker …` and `liveshelf index serve|stop|status`; decide nothing.

What is not given on the command line comes from `Defaults`, which the caller takes from settings.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from models.errors import ServiceError
from stream import broker as kafka
from stream import index_server as milvus
from stream.service_folder import RunningService

NOT_RUNNING = 3
"""Exit code of `status` when nothing runs, as service managers have it."""

_LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Defaults:
    """What the commands use where no option is given."""

    broker: kafka.BrokerOptions
    index: milvus.IndexServerOptions


class _Service(Protocol):
    def status(self) -> RunningService | None: ...
    def stop(self) -> bool: ...
    def logs(self, last: int = ...) -> list[str]: ...


_Folder = Annotated[
    Path | None, typer.Option("--data-dir", help="Its folder; default: in paths.data_dir.")
]
_Port = Annotated[
    int | None,
    typer.Option(min=0, max=65_535, help="Loopback port; 0: its last one, or any free one."),
]
_Foreground = Annotated[
    bool, typer.Option("--foreground", help="Stay, show its log, stop it with Ctrl-C.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_FreeMb = Annotated[
    int | None, typer.Option(min=0, help="Refuse to start with less free disk, in MB.")
]


def broker_app(defaults: Callable[[], Defaults]) -> typer.Typer:
    """Return the commands of the embedded broker.

    Args:
        defaults: called when a command runs, not before.
    """
    app = typer.Typer(no_args_is_help=True, help="The embedded Apache Kafka of this machine.")

    def found(data_dir: Path | None) -> kafka.Broker:
        return kafka.Broker(replace(defaults().broker, **_given(data_dir=data_dir)))

    @app.command()
    def start(
        data_dir: _Folder = None,
        port: _Port = None,
        heap_mb: Annotated[
            int | None, typer.Option(min=128, help="Limit of the Java heap, in MB.")
        ] = None,
        min_free_mb: _FreeMb = None,
        foreground: _Foreground = False,
    ) -> None:
        """Start it and return when it answers; fetches 44 MB of Java archives the first time.

        Example: liveshelf broker start --port 9092 --heap-mb 512
        """
        given = _given(data_dir=data_dir, port=port, heap_mb=heap_mb, min_free_mb=min_free_mb)
        owner_pid = os.getpid() if foreground else None
        service = kafka.Broker(replace(defaults().broker, owner_pid=owner_pid, **given))
        with download_bar() as on_progress:
            running = service.start(on_progress)
        _stay(service, running, running.address, foreground=foreground)

    @app.command()
    def prepare() -> None:
        """Fetch its Java archives and store its classes, so that it starts in half the time.

        Takes some 15 seconds once. Example: liveshelf broker prepare
        """
        with download_bar() as on_progress:
            kafka.Broker(defaults().broker).prepare(on_progress)
        typer.echo("the embedded broker is ready to be started")

    @app.command()
    def status(data_dir: _Folder = None, as_json: _Json = False) -> None:
        """Say whether it runs and answers, where, and its memory in MB; exit code 3 if it does not.

        Example: liveshelf broker status --json
        """
        _show(found(data_dir).status(), "bootstrap_servers", kafka.answers, as_json=as_json)

    @app.command()
    def stop(data_dir: _Folder = None) -> None:
        """Stop it, gracefully first, and return when it is gone.

        Example: liveshelf broker stop
        """
        _stop(found(data_dir), kafka.TITLE)

    @app.command()
    def logs(
        data_dir: _Folder = None,
        last: Annotated[int, typer.Option(min=1, help="How many lines.")] = 50,
    ) -> None:
        """Print the last lines of its log, of earlier runs too.

        Example: liveshelf broker logs --last 20
        """
        lines = found(data_dir).logs(last)
        if not lines:
            typer.echo(f"{kafka.TITLE} has never run in this folder", err=True)
        for line in lines:
            typer.echo(line)

    return app


def add_index_commands(app: typer.Typer, defaults: Callable[[], Defaults]) -> None:
    """Add `serve`, `status` and `stop` of the index server to the index commands.

    Args:
        app: the commands to add to.
        defaults: called when a command runs, not before.
    """

    def found(data_dir: Path | None) -> milvus.IndexServer:
        return milvus.IndexServer(replace(defaults().index, **_given(data_dir=data_dir)))

    @app.command()
    def serve(
        data_dir: _Folder = None,
        port: _Port = None,
        min_free_mb: _FreeMb = None,
        foreground: _Foreground = False,
    ) -> None:
        """Serve the index of this machine and return when a client can connect.

        Example: liveshelf index serve --port 19530
        """
        given = _given(data_dir=data_dir, port=port, min_free_mb=min_free_mb)
        owner_pid = os.getpid() if foreground else None
        service = milvus.IndexServer(replace(defaults().index, owner_pid=owner_pid, **given))
        running = service.start()
        _stay(service, running, milvus.uri(running), foreground=foreground)

    @app.command()
    def status(data_dir: _Folder = None, as_json: _Json = False) -> None:
        """Say whether it runs and answers, where, and its memory in MB; exit code 3 if it does not.

        Example: liveshelf index status --json
        """
        _show(found(data_dir).status(), "uri", milvus.answers, as_json=as_json)

    @app.command()
    def stop(data_dir: _Folder = None) -> None:
        """Stop the server, gracefully first, and return when it is gone.

        Example: liveshelf index stop
        """
        _stop(found(data_dir), milvus.TITLE)


@contextmanager
def download_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error that appears with the first byte; yields what moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    tasks: list[TaskID] = []

    def move(name: str, done_bytes: int, total_bytes: int) -> None:
        if not tasks:
            # Not sooner: even a bar without a task leaves an empty line.
            bar.start()
            tasks.append(bar.add_task("", total=total_bytes))
        bar.update(tasks[0], completed=done_bytes, description=name)

    try:
        yield move
    finally:
        if tasks:
            bar.stop()


def _given(**options: Any) -> dict[str, Any]:
    """Those options that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}


def _show(
    service: RunningService | None, name: str, answers: Callable[[int], bool], *, as_json: bool
) -> None:
    facts: dict[str, object] = {"running": service is not None}
    if service is not None:
        address = service.address if name == "bootstrap_servers" else f"http://{service.address}"
        facts |= {
            "ready": answers(service.port),
            name: address,
            "port": service.port,
            "pid": service.pid,
            "owner_pid": service.owner_pid,
            "version": service.version,
            "started_at": service.started_at,
            "resident_mb": service.resident_mb,
            "folder": service.folder,
            "log": str(service.log_path),
        }
    if as_json:
        typer.echo(json.dumps(facts))
    elif service is None:
        start = "broker start" if name == "bootstrap_servers" else "index serve"
        typer.echo(f"not running; `liveshelf {start}` starts it")
    else:
        for key, value in facts.items():
            typer.echo(f"{key:18} {_plain(value)}")
    if service is None:
        raise typer.Exit(NOT_RUNNING)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _stop(service: _Service, title: str) -> None:
    typer.echo(f"{title} {'is stopped' if service.stop() else 'was not running'}")


def _stay(service: _Service, running: RunningService, address: str, *, foreground: bool) -> None:
    """Say where it answers; in the foreground show its log until it or the user ends it."""
    answer = f"{running.version} answers at {address} (pid {running.pid})\nlog: {running.log_path}"
    if not foreground:
        typer.echo(answer)
        return
    try:
        typer.echo(answer)
        with running.log_path.open(encoding="utf-8", errors="replace") as log:
            log.seek(0, os.SEEK_END)
            while running.alive():
                sys.stdout.writelines(log)
                sys.stdout.flush()
                time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        service.stop()
        return
    message = f"{running.name} (pid {running.pid}) has ended by itself; see {running.log_path}"
    raise ServiceError(message)
