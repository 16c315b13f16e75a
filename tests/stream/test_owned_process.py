"""A service has one guard, one folder and at most one owner, and outlives none of them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from models.errors import ServiceError
from stream import owned_process
from stream.owned_process import Order
from stream.service_folder import RunningService, ServiceFolder, free_port, port_is_free

GRACE_S = 5.0

# Listens, and writes down whether it was asked to end; `stubborn` does not end when asked.
LISTENER = dedent("""
    import pathlib, signal, socket, sys, time
    port, notes, stubborn = int(sys.argv[1]), pathlib.Path(sys.argv[2]), len(sys.argv) > 3
    def asked(*_):
        notes.write_text("asked to end")
        if not stubborn:
            sys.exit(0)
    signal.signal(signal.SIGTERM, asked)
    server = socket.create_server(("127.0.0.1", port))
    while True:
        time.sleep(3600)
""")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[ServiceFolder]:
    made = ServiceFolder(tmp_path / "service")
    made.prepare("the listener", "listener 1", min_free_mb=0)
    yield made
    owned_process.stop(made, GRACE_S)


def order(
    folder: ServiceFolder, *more: str, owner_pid: int | None = None, grace_s: float = GRACE_S
) -> Order:
    port = folder.choose_port(0, "the listener")
    notes = str(folder.path / "notes")
    return Order(
        name="the listener",
        version="listener 1.0",
        folder=str(folder.path),
        port=port,
        command=(sys.executable, "-c", LISTENER, str(port), notes, *more),
        owner_pid=owner_pid,
        stop_grace_s=grace_s,
    )


def start(wanted: Order, timeout_s: float = 20) -> RunningService:
    return owned_process.start(wanted, lambda: not port_is_free(wanted.port), timeout_s)


def wait_for_end(pid: int) -> None:
    """Block until a process that is no child of ours is gone."""
    try:
        psutil.Process(pid).wait(timeout=20)
    except psutil.NoSuchProcess:
        return


def test_a_started_service_is_found_and_stopped_gracefully(folder: ServiceFolder) -> None:
    service = start(order(folder))
    assert folder.running() == service
    assert service.alive()
    assert service.resident_mb is not None
    assert owned_process.stop(folder, GRACE_S)
    assert (folder.path / "notes").read_text() == "asked to end"
    assert folder.running() is None
    assert port_is_free(service.port)
    assert not owned_process.stop(folder, GRACE_S), "nothing was left to stop"


def test_a_second_start_names_the_pid_and_port_of_the_first(folder: ServiceFolder) -> None:
    wanted = order(folder)
    service = start(wanted)
    with pytest.raises(
        ServiceError, match=f"already running .*pid {service.pid}, port {service.port}"
    ):
        start(wanted)
    assert service.alive()


def test_a_service_that_ignores_the_request_is_killed_after_its_grace(
    folder: ServiceFolder,
) -> None:
    service = start(order(folder, "stubborn", grace_s=0.2))
    assert owned_process.stop(folder, 0.2)
    assert (folder.path / "notes").read_text() == "asked to end"
    assert not psutil.pid_exists(service.pid)


def test_a_killed_service_leaves_its_folder_and_port_free_for_the_next(
    folder: ServiceFolder,
) -> None:
    first = start(order(folder))
    os.kill(first.pid, signal.SIGKILL)
    wait_for_end(first.guard_pid)
    assert not first.alive()
    second = start(order(folder))
    assert second.port == first.port
    assert second.pid != first.pid


def test_a_killed_guard_takes_its_service_with_it(folder: ServiceFolder) -> None:
    service = start(order(folder))
    os.kill(service.guard_pid, signal.SIGKILL)
    wait_for_end(service.pid)
    assert folder.running() is None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_service_ends_gracefully_when_its_owner_dies(
    folder: ServiceFolder, how: signal.Signals
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        service = start(order(folder, owner_pid=owner.pid))
        assert service.owner_pid == owner.pid
        owner.send_signal(how)
        owner.wait()
    wait_for_end(service.guard_pid)
    assert not psutil.pid_exists(service.pid)
    assert (folder.path / "notes").read_text() == "asked to end"


def test_a_service_outlives_the_thread_that_started_it(folder: ServiceFolder) -> None:
    wanted = order(folder, owner_pid=os.getpid())
    started: list[RunningService] = []
    thread = threading.Thread(target=lambda: started.append(start(wanted)))
    thread.start()
    thread.join()
    assert started[0].alive()
    assert psutil.Process(started[0].pid).status() != psutil.STATUS_ZOMBIE


def test_a_service_is_out_of_reach_of_its_owners_ctrl_c(folder: ServiceFolder) -> None:
    service = start(order(folder, owner_pid=os.getpid()))
    for pid in (service.pid, service.guard_pid):
        assert os.getsid(pid) != os.getsid(0)
        assert os.getpgid(pid) != os.getpgid(0)


def test_no_service_is_started_for_an_owner_that_is_dead(folder: ServiceFolder) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as owner:
        owner.wait()
    with pytest.raises(ServiceError, match=r"ended while it was starting: .*has ended already"):
        start(order(folder, owner_pid=owner.pid))


def test_a_service_that_ends_at_once_is_reported_with_its_last_words(folder: ServiceFolder) -> None:
    wanted = Order(
        **{**asdict(order(folder)), "command": ("/bin/sh", "-c", "echo no luck; exit 7")}
    )
    with pytest.raises(ServiceError, match=r"no luck; .*ended with status 7") as caught:
        start(wanted)
    assert str(folder.log_path) in str(caught.value)


def test_a_service_that_is_never_ready_is_stopped(folder: ServiceFolder) -> None:
    wanted = order(folder)
    with pytest.raises(ServiceError, match=r"was not ready after 0\.3 s"):
        owned_process.start(wanted, lambda: False, timeout_s=0.3)
    assert folder.running() is None


def test_a_program_that_does_not_exist_is_named(folder: ServiceFolder) -> None:
    wanted = Order(**{**asdict(order(folder)), "command": ("/nowhere/java",)})
    with pytest.raises(ServiceError, match="cannot run /nowhere/java"):
        start(wanted)


def test_a_taken_port_is_refused_with_its_holder(folder: ServiceFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"127\.0\.0\.1:{port}.*pid {os.getpid()}"):
            folder.choose_port(port, "the listener")


def test_free_ports_are_none_that_the_system_gives_to_clients() -> None:
    low, _high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert all(free_port() < int(low) for _ in range(20))


def test_a_folder_of_another_version_is_refused_by_both_names(folder: ServiceFolder) -> None:
    with pytest.raises(ServiceError, match="made by listener 1 and this is listener 2"):
        folder.prepare("the listener", "listener 2", min_free_mb=0)


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ServiceError, match="not empty and was not made by the listener"):
        ServiceFolder(tmp_path).prepare("the listener", "listener 1", min_free_mb=0)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_full_disk_is_refused_with_the_limit(folder: ServiceFolder) -> None:
    with pytest.raises(ServiceError, match=r"needs 1000000000 MB of free disk .* has \d+ MB"):
        folder.prepare("the listener", "listener 1", min_free_mb=1_000_000_000)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ServiceError, match=f"cannot write to its folder {tmp_path}/file/service"):
        ServiceFolder(tmp_path / "file" / "service").prepare("the listener", "listener 1", 0)
