"""Real services for the tests that need them, started once; and no test is timed."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no reason to fail.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

CACHE_DIR = Path.home() / ".cache" / "liveshelf"
"""Where jars and weights are kept between runs, as for any user."""


@pytest.fixture
def free_port() -> int:
    """A port of loopback at which nobody listens."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap servers of a real Kafka: `TEST_KAFKA_BROKER`, or an embedded one."""
    given = os.environ.get("TEST_KAFKA_BROKER")
    if given:
        yield given
        return
    from stream.broker import Broker, BrokerOptions

    folder = tmp_path_factory.mktemp("broker")
    broker = Broker(BrokerOptions(data_dir=folder, cache_dir=CACHE_DIR, owner_pid=os.getpid()))
    broker.prepare()
    service = broker.start()
    yield service.address
    broker.stop()
