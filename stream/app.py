"""The Faust application around the stream: agents whose work is small, keyed and idempotent.

The catalogue agent lives here; audio to tags does not (`stream/runner.py`). Faust keeps no tables,
declares no topics and serves no web page. Nothing happens on import, and neither logging nor the
command line is Faust's business.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import faust
from aiokafka.errors import KafkaError

from models.errors import ServiceError
from stream.agents import catalogue
from stream.agents.catalogue import CatalogueIndex
from stream.ordered_agent import AgentPlan, LaneOptions, add_ordered_agent
from stream.ordered_consumer import commit_in_order
from stream.orphan import stop_when_orphaned
from stream.topics import DEAD_LETTERS

logger = logging.getLogger(__name__)

_MAX_REQUEST_BYTES = 2 * 1024 * 1024 + 64 * 1024
"""A record of the largest size that our topics take, and the headers of a dead letter."""

_NEVER_S = 2_000_000
"""Twenty-three days, about the most that aiokafka takes. While the index is away and our buffers
are full, nothing is fetched. Beyond this limit aiokafka leaves the group until the next fetch, and
Faust fetches nothing until it has joined again: both would wait for each other for ever."""


@dataclass(frozen=True)
class AppOptions:
    """Where the application works."""

    bootstrap_servers: str
    """Host and port of one or more brokers, separated by commas."""
    data_dir: Path
    """A folder that Faust insists on having; it stays empty."""
    prefix: str = "liveshelf."
    """Put before every topic name, and before the consumer group `app`."""
    member: str = "1"
    """Names this process in the group: restarted, it takes its partitions up again at once."""
    commit_interval_ms: int = 1_000
    """Between commits; also the most work that a crash makes us do again."""
    lanes: LaneOptions = field(default_factory=LaneOptions)
    """How records wait and are tried again."""


def create_app(options: AppOptions, index_factory: Callable[[], CatalogueIndex]) -> faust.App:
    """Return the application, ready to start; connects to nothing yet.

    Args:
        options: Where to work.
        index_factory: Opens the index; called once, on the thread that then writes to it.
    """
    group = f"{options.prefix}app"
    app = faust.App(
        group,
        broker=[f"kafka://{server.strip()}" for server in options.bootstrap_servers.split(",")],
        datadir=options.data_dir,
        consumer_group_instance_id=f"{group}.{options.member}",
        autodiscover=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        # Each of these is far from Faust's default, with which a crash goes unnoticed for a minute.
        broker_session_timeout=6,
        broker_heartbeat_interval=1.5,
        broker_rebalance_timeout=15,
        broker_request_timeout=10,
        broker_max_poll_interval=_NEVER_S,
        broker_commit_interval=options.commit_interval_ms / 1_000,
        stream_buffer_maxsize=64,
        stream_wait_empty=False,
        producer_request_timeout=10,
        producer_max_request_size=_MAX_REQUEST_BYTES,
    )
    commit_in_order(app)
    app.boot_strategy.enable_web = False  # the setting `web_enabled=False` is ignored
    add_ordered_agent(
        app,
        AgentPlan(
            name=catalogue.TOPIC.name,
            topic=options.prefix + catalogue.TOPIC.name,
            dead_letters=options.prefix + DEAD_LETTERS.name,
            make_work=partial(catalogue.catalogue_work, index_factory),
            options=options.lanes,
        ),
    )
    return app


def run_app(
    options: AppOptions,
    index_factory: Callable[[], CatalogueIndex],
    parent_pid: int | None = None,
) -> None:
    """Run the application in the foreground until SIGINT or SIGTERM ends it in order.

    Topics must exist. Call it from the main thread.

    Args:
        options: How it runs.
        index_factory: Opens the index.
        parent_pid: Of the owner, with which it ends; none: the parent of now.

    Raises:
        ServiceError: Kafka cannot be reached.
        Exception: whatever crashed an agent, or Faust itself.
    """
    try:
        asyncio.run(_serve(options, index_factory, parent_pid or os.getppid()))
    except KafkaError as error:
        message = (
            f"the application cannot work with Kafka at {options.bootstrap_servers}: {error!r}; "
            "start that broker, or name another by its bootstrap servers"
        )
        raise ServiceError(message) from error


async def _serve(
    options: AppOptions, index_factory: Callable[[], CatalogueIndex], parent_pid: int
) -> None:
    app = create_app(options, index_factory)
    loop = asyncio.get_running_loop()
    stop_wanted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop_wanted.set)
    working = asyncio.create_task(_work(app))
    stopping = asyncio.create_task(stop_wanted.wait())
    watching = asyncio.create_task(stop_when_orphaned(stop_wanted.set, parent_pid))
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        logger.info("app: stopping")
    finally:
        working.cancel()
        stopping.cancel()
        watching.cancel()
        await asyncio.gather(working, stopping, watching, return_exceptions=True)
        await app.stop()
    if app.crash_reason is not None:
        raise app.crash_reason


async def _work(app: faust.App) -> None:
    await app.start()
    await app.wait_until_stopped()
