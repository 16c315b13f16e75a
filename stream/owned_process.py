"""Starts, watches and stops one program that belongs to a folder and, if wanted, to an owner.

The owner starts `python -m stream.owned_process ORDER`. That takes the folder's lock, leaves a fork
of itself behind as the *guard* and goes away, so that nobody inherits a zombie. The guard runs in a
session of its own, where the owner's Ctrl-C does not reach, and has the service as its child:

    owner dies, even by SIGKILL  → its pidfd tells the guard, which stops the service gracefully
    guard dies by SIGKILL        → the kernel kills the service (PR_SET_PDEATHSIG)
    service dies                 → the guard notes it in the log and goes; the lock is free again

A death signal set in the service for the owner itself would not do: it is bound to the *thread*
that started the process, and an owner may use a thread that ends. A guard has one thread.
"""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.errors import ServiceError
from stream.service_folder import RunningService, ServiceFolder

_ALREADY_RUNNING = 75
_LOCK_WAIT_S = 2.0
_LOOK_EVERY_S = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Order:
    """What a guard is asked to run."""

    name: str
    version: str
    folder: str
    port: int
    command: tuple[str, ...]
    owner_pid: int | None = None
    """Stop the service when this process has ended; none: never."""
    stop_signal: int = int(signal.SIGTERM)
    """Asks the service to end gracefully."""
    stop_grace_s: float = 20.0
    """SIGKILL follows after this."""


def start(
    order: Order,
    ready: Callable[[], bool],
    timeout_s: float,
    explain: Callable[[str], str | None] = lambda _log: None,
) -> RunningService:
    """Run an order and return once the service is ready; safe to call from any thread.

    Args:
        order: what to run.
        ready: says whether the service answers; called again and again.
        timeout_s: the service is stopped if it is not ready by then.
        explain: turns the log of a failed start into a reason, where it knows one.

    Raises:
        ServiceError: it runs already, or it did not become ready.
    """
    folder = ServiceFolder(Path(order.folder))
    refuse_second(order.name, folder)
    folder.rotate_log()
    said_before = folder.log_path.stat().st_size if folder.log_path.exists() else 0
    _launch(order, folder)
    try:
        service = _await_ready(folder, ready, timeout_s)
    except BaseException:
        # Such as Ctrl-C: what nobody waits for any more must not stay behind.
        stop(folder, order.stop_grace_s)
        raise
    if service is not None:
        return service
    late = folder.locked()
    stop(folder, order.stop_grace_s)
    with folder.log_path.open("rb") as log:
        log.seek(said_before)
        text = log.read().decode(errors="replace")
    last = "; ".join(line.strip() for line in text.splitlines()[-5:] if line.strip())
    what = f"was not ready after {timeout_s:g} s" if late else "ended while it was starting"
    reason = explain(text) or f"last words: {last or 'none'}"
    message = f"{order.name} ({order.version}) {what}: {reason}. All of its log: {folder.log_path}"
    raise ServiceError(message)


def _launch(order: Order, folder: ServiceFolder) -> None:
    with folder.log_path.open("ab") as log:
        launched = subprocess.run(
            # -P: a folder named `stream` where the user happens to be must not be imported.
            [sys.executable, "-P", "-m", "stream.owned_process", json.dumps(asdict(order))],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
    if launched.returncode == _ALREADY_RUNNING:
        refuse_second(order.name, folder)


def _await_ready(
    folder: ServiceFolder, ready: Callable[[], bool], timeout_s: float
) -> RunningService | None:
    deadline = time.monotonic() + timeout_s
    while folder.locked() and time.monotonic() < deadline:
        service = folder.running()
        if service is not None and ready() and service.alive():
            return service
        time.sleep(_LOOK_EVERY_S)
    return None


def refuse_second(name: str, folder: ServiceFolder) -> None:
    """Return if nothing runs in a folder, once anything that is just ending has ended.

    Raises:
        ServiceError: something runs there, with its pid and port.
    """
    _settle(folder)
    if not folder.locked():
        return
    service = folder.running()
    who = f"pid {service.pid}, port {service.port}" if service else "another process starts it"
    message = f"{name} is already running in {folder.path} ({who})"
    raise ServiceError(message)


def _settle(folder: ServiceFolder) -> None:
    """Wait until a guard that starts or ends has said who runs, or has gone."""
    _wait_until(lambda: folder.running() is not None or not folder.locked(), _LOCK_WAIT_S)


def stop(folder: ServiceFolder, grace_s: float) -> bool:
    """Stop what runs in a folder and wait until it is gone; whether there was anything to stop.

    Raises:
        ServiceError: it cannot be stopped, such as when it belongs to another user.
    """
    _settle(folder)
    service = folder.running()
    if service is None:
        return False
    try:
        _signal(service.guard_pid, signal.SIGTERM)
        # The guard counts the grace; a little more for it to notice and tidy up.
        if not _wait_until(lambda: not folder.locked(), grace_s + 5):
            _signal(service.pid, signal.SIGKILL)
            _signal(service.guard_pid, signal.SIGKILL)
    except PermissionError as error:
        message = f"{service.name} (pid {service.pid}) belongs to another user: {error}"
        raise ServiceError(message) from error
    if not _wait_until(lambda: not folder.locked(), 5):
        message = f"{service.name} (pid {service.pid}) does not end, not even by SIGKILL"
        raise ServiceError(message)
    return True


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_until(claim: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not (holds := claim()) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    return holds


def main(arguments: Sequence[str]) -> int:
    """Be the launcher and, in a fork, the guard; the exit status tells whether the lock was had."""
    order = Order(**json.loads(arguments[0]))
    folder = ServiceFolder(Path(order.folder))
    held: list[int] = []

    def take() -> bool:
        held.extend(lock for lock in [folder.take_lock()] if lock is not None)
        return bool(held)

    # Somebody who asks whether a service runs holds the lock for an instant: try for a while.
    if not _wait_until(take, _LOCK_WAIT_S):
        return _ALREADY_RUNNING
    folder.clear_state()
    if os.fork() > 0:
        return 0
    _Guard(order, folder, held[0]).run()
    return 0


class _Guard:
    """Keeps one service and its owner in view until either is gone."""

    def __init__(self, order: Order, folder: ServiceFolder, lock: int) -> None:
        self._order = order
        self._folder = folder
        self._lock = lock
        self._events = selectors.DefaultSelector()

    def run(self) -> None:
        """Run the service to its end."""
        wake, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        # Handlers, not SIG_IGN: a handler is not inherited by the service.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._events.register(wake, selectors.EVENT_READ, "was asked to stop")
        if not self._watch_owner():
            return
        service = self._spawn()
        if service is None:
            return
        self._events.register(os.pidfd_open(service.pid), selectors.EVENT_READ, "")
        self._folder.write_state(self._describe(service.pid))
        self._end(service, self._why_to_stop())
        self._folder.clear_state()

    def _watch_owner(self) -> bool:
        owner = self._order.owner_pid
        if owner is None:
            return True
        try:
            descriptor = os.pidfd_open(owner)
        except ProcessLookupError:
            self._note(f"not started: its owner (pid {owner}) has ended already")
            return False
        self._events.register(descriptor, selectors.EVENT_READ, f"owner (pid {owner}) has ended")
        return True

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        prctl = ctypes.CDLL(None).prctl
        guard_pid = os.getpid()

        def die_with_guard() -> None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != guard_pid:  # the guard died before the line above
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            return subprocess.Popen(
                self._order.command,
                stdin=subprocess.DEVNULL,
                pass_fds=(self._lock,),
                process_group=0,
                preexec_fn=die_with_guard,  # noqa: PLW1509  the guard has one thread
            )
        except OSError as error:
            self._note(f"cannot run {self._order.command[0]}: {error}")
            return None

    def _describe(self, pid: int) -> RunningService:
        order = self._order
        return RunningService(
            name=order.name,
            version=order.version,
            port=order.port,
            pid=pid,
            guard_pid=os.getpid(),
            owner_pid=order.owner_pid,
            folder=order.folder,
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    def _why_to_stop(self) -> str:
        """Sleep until something happens; "" means that the service itself has ended."""
        reasons = [str(key.data) for key, _ in self._events.select()]
        return "" if "" in reasons else reasons[0]

    def _end(self, service: subprocess.Popen[bytes], why: str) -> None:
        if why:
            self._note(f"{why}: stopping")
            service.send_signal(self._order.stop_signal)
            try:
                service.wait(self._order.stop_grace_s)
            except subprocess.TimeoutExpired:
                self._note(f"still there after {self._order.stop_grace_s:g} s: killing")
        # Also whatever the service started and left behind.
        with suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)
        self._note(f"ended with status {service.wait()}")

    def _note(self, what: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        sys.stderr.write(f"{now} guard: {self._order.name} {what}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
