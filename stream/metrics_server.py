"""Each process tells Prometheus what it does, at a port of its own, on loopback by default."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from models.errors import ServiceError, SettingsError
from stream.meter import MeterOf, no_meter
from stream.setting_groups import MetricsSettings
from stream.stages.loading import FACTORIES

logger = logging.getLogger(__name__)

_PORTS_OF_A_ROW = 10
"""One for each stage, and some for stages to come."""


def port_of(settings: MetricsSettings, stages: Sequence[str], number: int = 0) -> int:
    """Return the port of a process.

    Args:
        settings: the port of the first stage.
        stages: of the process; the first one in the table of stages counts.
        number: of the process among those with the same stages on this machine, from 0 on.

    Returns:
        The port; 0 where there are no metrics.
    """
    if not settings.port:
        return 0
    place = min(list(FACTORIES).index(stage) for stage in stages)
    return settings.port + place + _PORTS_OF_A_ROW * number


def address_of(settings: MetricsSettings, stages: Sequence[str]) -> str:
    """Return where the first process with these stages tells; empty where there are no metrics."""
    port = port_of(settings, stages)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}/metrics" if port else ""


@contextmanager
def serve_metrics(settings: MetricsSettings, port: int) -> Iterator[MeterOf]:
    """Listen while the block runs; yields what the stages tell it to.

    Raises:
        ServiceError: the port is taken, or the address is not one of this machine.
        SettingsError: the extra `stream` is not installed.
    """
    if not port:
        yield no_meter
        return
    try:
        from prometheus_client import start_http_server

        from stream.metrics import Metrics
    except ModuleNotFoundError as error:
        message = "metrics.port is set, but the metrics need the extra liveshelf[stream]"
        raise SettingsError(message) from error
    metrics = Metrics()
    try:
        server, thread = start_http_server(port, settings.host, metrics.registry)
    except OSError as error:
        message = (
            f"metrics cannot be told at {settings.host}:{port}: {error.strerror}; set another "
            "metrics.port, or 0 for none"
        )
        raise ServiceError(message) from error
    logger.info("metrics: http://%s:%d/metrics", settings.host, port)
    try:
        yield metrics.of
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
