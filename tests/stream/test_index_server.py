"""The index server, on the real Milvus Lite server and its real client."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import typer
from pymilvus import MilvusClient
from typer.testing import CliRunner

from models.errors import ServiceError
from stream.broker import BrokerOptions
from stream.index_server import IndexServer, IndexServerOptions, answers, uri
from stream.service_folder import RunningService, free_port
from stream.services_cli import NOT_RUNNING, Defaults, add_index_commands

pytestmark = pytest.mark.milvus


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> IndexServerOptions:
    folder = tmp_path_factory.mktemp("milvus") / "index"
    return IndexServerOptions(folder, min_free_mb=100, owner_pid=os.getpid())


@pytest.fixture(scope="module")
def server(options: IndexServerOptions) -> Iterator[IndexServer]:
    made = IndexServer(options)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def running(server: IndexServer) -> RunningService:
    """The one server of this module, started again if the test before this one killed it."""
    return server.status() or server.start()


@contextmanager
def client(service: RunningService) -> Iterator[MilvusClient]:
    made = MilvusClient(uri=uri(service))
    try:
        yield made
    finally:
        made.close()


def test_asking_whether_it_answers_leaves_no_connection_behind(running: RunningService) -> None:
    """One that stays pings for ever, and the server hangs up on it, in words on our terminal."""
    assert answers(running.port)
    connections = psutil.Process().net_connections()
    assert not [one for one in connections if running.port in tuple(one.raddr)[1:]]


def test_upserted_rows_outlive_a_sigkill_and_the_port_stays(
    server: IndexServer, running: RunningService
) -> None:
    with client(running) as milvus:
        milvus.create_collection("products", dimension=4, metric_type="COSINE")
        rows = [{"id": n, "vector": [1.0, float(n), 0.0, 0.0]} for n in range(20)]
        milvus.upsert("products", rows)
    process = psutil.Process(running.pid)
    process.kill()
    process.wait(timeout=20)
    again = server.start()
    assert again.port == running.port
    with client(again) as milvus:
        milvus.load_collection("products")
        assert len(milvus.query("products", filter="id >= 0", limit=100)) == 20
        hits = milvus.search("products", data=[[1.0, 7.0, 0.0, 0.0]], limit=1)
    assert hits[0][0]["id"] == 7


def test_two_clients_see_each_others_rows(running: RunningService) -> None:
    with client(running) as one, client(running) as other:
        one.create_collection("shared", dimension=4)
        one.upsert("shared", [{"id": 1, "vector": [0.1, 0.2, 0.3, 0.4]}])
        assert len(other.query("shared", filter="id >= 0", limit=10)) == 1


def test_it_listens_on_loopback_only(running: RunningService) -> None:
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for connection in psutil.Process(running.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_a_second_server_in_the_folder_is_refused_with_pid_and_port(
    options: IndexServerOptions, running: RunningService
) -> None:
    with pytest.raises(ServiceError, match=rf"pid {running.pid}, port {running.port}"):
        IndexServer(options).start()


def test_a_taken_port_is_refused_with_its_holder(
    options: IndexServerOptions, running: RunningService, tmp_path: Path
) -> None:
    other = replace(options, data_dir=tmp_path / "other", port=running.port)
    with pytest.raises(ServiceError, match=rf"{running.port}: .*pid {running.pid}"):
        IndexServer(other).start()


def test_an_index_that_another_process_opened_is_refused_with_its_pid(
    options: IndexServerOptions, tmp_path: Path
) -> None:
    from milvus_lite.db import MilvusLite

    opened = IndexServer(replace(options, data_dir=tmp_path / "opened"))
    folder = tmp_path / "opened" / "data"
    folder.mkdir(parents=True)
    elsewhere = MilvusLite(str(folder))
    try:
        with pytest.raises(ServiceError, match=rf"open in another process \(pid {os.getpid()}\)"):
            opened.start()
    finally:
        elsewhere.close()


def test_a_folder_of_another_milvus_is_refused(options: IndexServerOptions, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "folder.json").write_text(json.dumps({"generation": "Milvus Lite 2"}))
    with pytest.raises(ServiceError, match=r"made by Milvus Lite 2 and this is Milvus Lite 3:"):
        IndexServer(replace(options, data_dir=folder)).start()


def test_a_full_disk_is_refused(options: IndexServerOptions, tmp_path: Path) -> None:
    full = replace(options, data_dir=tmp_path / "full", min_free_mb=10**9)
    with pytest.raises(ServiceError, match="MB of free disk"):
        IndexServer(full).start()


def test_a_port_where_nobody_listens_answers_nothing() -> None:
    assert not answers(free_port())


def test_serve_status_and_stop_work_from_the_command_line(
    options: IndexServerOptions, tmp_path: Path
) -> None:
    commands = typer.Typer()
    unused = BrokerOptions(tmp_path / "none", tmp_path / "none")
    add_index_commands(commands, lambda: Defaults(unused, options))
    run = CliRunner().invoke
    folder = ["--data-dir", str(tmp_path / "cli")]
    assert run(commands, ["status", "--json", *folder]).exit_code == NOT_RUNNING
    try:
        served = run(commands, ["serve", *folder])
        assert served.exit_code == 0
        facts = json.loads(run(commands, ["status", "--json", *folder]).stdout)
        assert facts["ready"] is True
        assert f"answers at {facts['uri']} (pid {facts['pid']})" in served.stdout
    finally:
        stopped = run(commands, ["stop", *folder])
    assert "is stopped" in stopped.stdout
    log = (tmp_path / "cli" / "service.log").read_text()
    assert "Shutting down" in log, "its folder was not closed in order"


def test_in_the_foreground_it_shows_its_log_and_ends_with_ctrl_c(
    options: IndexServerOptions, tmp_path: Path
) -> None:
    folder = tmp_path / "foreground"
    program = (
        "import sys, pathlib, typer\n"
        "from stream.broker import BrokerOptions\n"
        "from stream.index_server import IndexServerOptions\n"
        "from stream.services_cli import Defaults, add_index_commands\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "index = IndexServerOptions(folder, min_free_mb=1)\n"
        "made = Defaults(BrokerOptions(folder, folder), index)\n"
        "app = typer.Typer()\n"
        "add_index_commands(app, lambda: made)\n"
        "app(['serve', '--foreground'])\n"
    )
    command = [sys.executable, "-u", "-c", program, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as terminal:
        assert terminal.stdout is not None
        assert "answers at" in terminal.stdout.readline()
        terminal.send_signal(signal.SIGINT)
        assert terminal.wait(timeout=30) == 0
    assert IndexServer(replace(options, data_dir=folder)).status() is None
