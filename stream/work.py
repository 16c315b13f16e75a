"""`liveshelf worker` and `liveshelf app`: processes that work until they are told to stop."""

import asyncio
import functools
import logging
import os
from collections.abc import Sequence

from models.errors import SettingsError
from stream.admin import ensure_topics
from stream.endpoints import Endpoints, find_index, find_kafka
from stream.meter import MeterOf
from stream.metrics_server import port_of, serve_metrics
from stream.play import at
from stream.process import MemberName, run_stages
from stream.settings import Settings
from stream.stages.loading import FACTORIES

logger = logging.getLogger(__name__)

_NEEDS_INDEX = {"match"}


def work(settings: Settings, stages: Sequence[str], member: str | None) -> None:
    """Run stages until a signal.

    Raises:
        SettingsError: a stage is not known.
        ServiceError: Kafka or Milvus is not there, or the port of the metrics is taken.
    """
    unknown = [name for name in stages if name not in FACTORIES]
    if unknown or not stages:
        message = f"stage {unknown[0] if unknown else ''!r} is not one of {', '.join(FACTORIES)}"
        raise SettingsError(message)
    parent_pid = os.getppid()
    servers = find_kafka(settings)
    uri = find_index(settings) if _NEEDS_INDEX & set(stages) else settings.index.uri
    settings = at(settings, Endpoints(servers, uri))
    factories = [functools.partial(FACTORIES[name], settings) for name in stages]

    async def run(name: str, meter_of: MeterOf) -> None:
        kafka = settings.kafka
        prefix = kafka.topic_prefix
        await ensure_topics(servers, prefix, kafka.partitions, kafka.replication)
        logger.info("member %s at %s, stages %s", name, servers, ", ".join(stages))
        await run_stages(factories, servers, prefix, settings.runner, name, parent_pid, meter_of)

    if member is not None:
        with serve_metrics(settings.metrics, port_of(settings.metrics, stages)) as meter_of:
            asyncio.run(run(member, meter_of))
        return
    held = MemberName(settings.data_dir / "members", stages)
    with held as name:
        port = port_of(settings.metrics, stages, held.number)
        with serve_metrics(settings.metrics, port) as meter_of:
            asyncio.run(run(name, meter_of))


def work_app(settings: Settings) -> None:
    """Run the Faust application until a signal.

    Raises:
        ServiceError: Kafka is not there.
    """
    from stream.stages.loading import run_application

    parent_pid = os.getppid()
    servers = find_kafka(settings)
    settings = at(settings, Endpoints(servers, find_index(settings)))
    kafka = settings.kafka
    asyncio.run(ensure_topics(servers, kafka.topic_prefix, kafka.partitions, kafka.replication))
    run_application(settings, parent_pid)
