"""A video and a catalogue → tags: starts what is missing, plays, tells, ends when all is said.

`run` and `demo` are this with different words around it.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from models.errors import InputError
from stream.admin import ensure_topics
from stream.endpoints import Endpoints, logs_folder, start_missing, stop_embedded
from stream.follow import Follower, RoomEnded, Seen
from stream.ingest import IngestOrder, IngestReport, ingest, lacking
from stream.link import connect
from stream.metrics_server import address_of
from stream.services_cli import download_bar
from stream.setting_groups import IndexSettings, KafkaSettings
from stream.settings import Settings
from stream.show import Screen, Told
from stream.supervise import Child, Supervisor, command
from stream.topics import MATCHES, PARTIALS, STATE, SUMMARIES, TAGS, TRANSCRIPTS
from stream.weights import bring_missing
from stream.worker_layout import Layout, layout_of
from workers.events import StreamEvent, Tag
from workers.media import MediaReport, MediaSource, open_source
from workers.standing import standing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlayOrder:
    """What to play and what to tell."""

    source: str
    ingest: IngestOrder
    catalogue: Path | None = None
    """Indexed first; rows that are indexed already cost nothing."""
    tags_out: Path | None = None
    """JSON lines, one tag event each."""
    json_lines: bool = False
    """Print tag events as JSON lines instead of words."""
    with_app: bool = True
    """Also run the Faust application (catalogue upserts)."""
    workers: Layout | None = None
    """Stages of each worker process; none: as the settings want them."""
    on_first_tag: Callable[[], object] = lambda: None
    """Told once."""


@dataclass
class Played:
    """What came of it."""

    told: Told
    report: IngestReport
    endpoints: Endpoints
    tags: list[Tag] = field(default_factory=list)
    """The tags as they stand, by start."""
    wall_s: float = 0.0
    """From the first chunk sent to the last tag."""


async def play(
    settings: Settings, order: PlayOrder, console: Console, say: Callable[[str], None]
) -> Played:
    """Play a source to its end.

    Raises:
        InputError: the source, catalogue or room cannot be used.
        ServiceError: Kafka, Milvus or a worker cannot be had.
        SettingsError: a stage is wanted whose package is missing.
    """
    layout = order.workers or layout_of(settings)
    if order.tags_out is not None:
        _claim(order.tags_out)
    source = await asyncio.to_thread(open_source, order.source, settings.ingest)
    for line in lacking(source.probe):
        say(f"source: {line}")
    supervisor = Supervisor()
    tasks: list[asyncio.Task[Any]] = []
    try:
        await asyncio.to_thread(bring_missing, settings, say)
        with download_bar() as on_progress:
            endpoints = await asyncio.to_thread(
                start_missing, settings, supervisor, on_progress, say
            )
        settings = at(settings, endpoints)
        supervisor.environment |= settings.as_environment()
        kafka = settings.kafka
        await ensure_topics(
            kafka.bootstrap_servers, kafka.topic_prefix, kafka.partitions, kafka.replication
        )
        _start_workers(settings, supervisor, layout, say, with_app=order.with_app)
        watching = asyncio.create_task(supervisor.run())
        tasks.append(watching)
        if order.catalogue is not None:
            await _index(settings, order.catalogue, say)
        playing = asyncio.create_task(_play_and_tell(settings, order, source, console, say))
        tasks.append(playing)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
        played = playing.result()
        played.endpoints = endpoints
        return played
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        source.close()
        await asyncio.to_thread(supervisor.stop)
        await asyncio.to_thread(stop_embedded, settings, os.getpid())


def at(settings: Settings, endpoints: Endpoints) -> Settings:
    """Return the settings with the endpoints filled in, as child processes must see them."""
    kafka: KafkaSettings = replace(settings.kafka, bootstrap_servers=endpoints.bootstrap_servers)
    index: IndexSettings = replace(settings.index, uri=endpoints.index_uri)
    return replace(settings, kafka=kafka, index=index)


def _start_workers(
    settings: Settings,
    supervisor: Supervisor,
    layout: Layout,
    say: Callable[[str], None],
    *,
    with_app: bool,
) -> None:
    logs = logs_folder(settings)
    for stages in layout:
        name = "+".join(stages)
        run = command("worker", "--stages", ",".join(stages), python=sys.executable)
        supervisor.add(Child(name, run, logs / f"{name}.log", gives_up_after=5))
        if settings.metrics.port:
            say(f"metrics of {name}: {address_of(settings.metrics, stages)}")
    if with_app:
        run = command("app", python=sys.executable)
        supervisor.add(Child("app", run, logs / "app.log", gives_up_after=5))


def _claim(path: Path) -> None:
    """Empty a file now, so that nobody waits for tags that then cannot be written."""
    try:
        path.write_bytes(b"")
    except OSError as error:
        message = f"tags cannot be written to {path}: {error.strerror}"
        raise InputError(message) from error


async def _index(settings: Settings, catalogue: Path, say: Callable[[str], None]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command("index", "build", str(catalogue), python=sys.executable),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **settings.as_environment()},
    )
    said, complained = await process.communicate()
    for line in said.decode(errors="replace").splitlines():
        say(line)
    if process.returncode != 0:
        words = complained.decode(errors="replace").strip().splitlines()
        message = words[-1] if words else f"indexing {catalogue} failed"
        raise InputError(message.removeprefix("error: "))


async def _play_and_tell(
    settings: Settings,
    order: PlayOrder,
    source: MediaSource,
    console: Console,
    say: Callable[[str], None],
) -> Played:
    servers, prefix = settings.kafka.bootstrap_servers, settings.kafka.topic_prefix
    topics = [PARTIALS, TRANSCRIPTS, SUMMARIES, MATCHES, TAGS, STATE]
    follower = Follower(servers, prefix, topics)
    screen = Screen(console, quiet=order.json_lines)
    out = order.tags_out.open("w", encoding="utf-8") if order.tags_out else None
    try:
        await follower.start(from_start=False)
        async with connect(servers, prefix, "ingest") as link:
            started_s = asyncio.get_running_loop().time()
            report = await _both(
                ingest(source, order.ingest, link, lambda r: _report(r, say), lambda _: None),
                _tell(follower, order, screen, [o for o in (out, _stdout(order)) if o]),
            )
    finally:
        await follower.stop()
        if out is not None:
            out.close()
    screen.flush()
    tags = standing(screen.told.tags.values())
    wall_s = asyncio.get_running_loop().time() - started_s
    return Played(screen.told, report, Endpoints("", ""), tags, wall_s)


async def _both(
    sending: Coroutine[Any, Any, IngestReport], telling: Coroutine[Any, Any, None]
) -> IngestReport:
    """Send and tell until both are done; neither goes on without the other, nor after Ctrl-C."""
    sent, told = asyncio.create_task(sending), asyncio.create_task(telling)
    try:
        await asyncio.wait({sent, told}, return_when=asyncio.FIRST_EXCEPTION)
        for task in (sent, told):
            if task.done():
                task.result()
        await told
        return await sent
    finally:
        for task in (sent, told):
            task.cancel()
        await asyncio.gather(sent, told, return_exceptions=True)


def _stdout(order: PlayOrder) -> IO[str] | None:
    return sys.stdout if order.json_lines else None


async def _tell(follower: Follower, order: PlayOrder, screen: Screen, files: list[IO[str]]) -> None:
    """Show the room's events until its last stage has ended it."""
    written: set[str] = set()
    async for seen in follower.events():
        if isinstance(seen.event, RoomEnded):
            if seen.event.stream_id == order.ingest.stream_id:
                screen.told.sound = seen.event.sums or screen.told.sound
            if (seen.event.stage, seen.event.stream_id) != ("tag", order.ingest.stream_id):
                continue
            # Its tags were acknowledged before this was written, but lie in other partitions.
            async for late in follower.stored():
                _tell_one(late, order, screen, files, written)
            return
        _tell_one(seen, order, screen, files, written)


def _tell_one(
    seen: Seen, order: PlayOrder, screen: Screen, files: list[IO[str]], written: set[str]
) -> None:
    event = seen.event
    if isinstance(event, RoomEnded) or event.event_id in written:
        return
    if not isinstance(event, StreamEvent) or event.stream_id != order.ingest.stream_id:
        return
    screen.show(event)
    written.add(event.event_id)
    if isinstance(event, Tag):
        if len(screen.told.tags) == 1 and event.status == "started":
            order.on_first_tag()
        for file in files:
            file.write(event.model_dump_json() + "\n")
            file.flush()


def _report(report: MediaReport, say: Callable[[str], None]) -> None:
    if not report.is_final or report.status == "failed":
        say(f"source: {report.status} at {report.position_ms / 1_000:.1f} s: {report.reason}")
