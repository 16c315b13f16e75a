"""The decoding process as its parent sees it: messages, a limit of silence, a cause of death."""

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from typing import IO

from workers.media_wire import Header, MediaOptions, read_message


class StalledError(Exception):
    """The child has said nothing for too long."""


class Child:
    """The decoding process, started at once; close it."""

    def __init__(self, command: Sequence[str], options: MediaOptions, located: str) -> None:
        self._options = options
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the child
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,
        )
        request: Header = {"source": located, "options": options.to_header()}
        with contextlib.suppress(BrokenPipeError):
            _pipe(self._process.stdin).write(json.dumps(request).encode() + b"\n")
            _pipe(self._process.stdin).close()

    def next_message(self) -> tuple[Header, bytes] | None:
        """Return the next message, or none where the child has ended."""
        return read_message(self._read_exactly)

    def _read_exactly(self, count: int) -> bytes:
        descriptor = _pipe(self._process.stdout).fileno()
        poller = select.poll()
        poller.register(descriptor, select.POLLIN | select.POLLHUP)
        deadline = time.monotonic() + self._options.stall_limit_s
        pieces = bytearray()
        while len(pieces) < count:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not poller.poll(left_s * 1_000):
                message = f"said nothing for {self._options.stall_limit_s:g} s and was ended"
                raise StalledError(message)
            piece = os.read(descriptor, count - len(pieces))
            if not piece:
                break
            pieces += piece
            deadline = time.monotonic() + self._options.stall_limit_s
        return bytes(pieces)

    def cause_of_death(self) -> str:
        """Say why the child has ended without a final message."""
        try:
            code = self._process.wait(timeout=self._options.stall_limit_s)
        except subprocess.TimeoutExpired:
            return "the decoder closed its output and went on"
        if code == -signal.SIGXCPU:
            return f"the decoder used {self._options.cpu_limit_s} s of CPU without any result"
        if code < 0:
            return f"the decoder died of {signal.Signals(-code).name}"
        self._errors.seek(0)
        words = self._errors.read(1_000_000).decode(errors="replace").strip().splitlines()
        return f"the decoder ended with code {code}: {words[-1] if words else 'no word'}"

    def close(self) -> None:
        """Kill the child if it still runs and let go of its pipes; harmless when repeated."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        message = "the child was started without pipes"
        raise ValueError(message)
    return pipe
