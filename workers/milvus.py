"""The seam to Milvus: connects, connects again, and speaks our errors.

In: calls on a `MilvusClient`. Out: their answers. Works with Milvus Lite in this process (a path
ending in `.db`), with `milvus-lite server`, and with any Milvus by URI. A server that came back has
its collections on disk but not loaded, and says so when one is asked: it is loaded then.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import grpc  # type: ignore[import-untyped]
from pymilvus import MilvusClient
from pymilvus.exceptions import ConnectionConfigException, MilvusException

from models.errors import BadEventError, MismatchError, ServiceError, TransientError

Answer = TypeVar("Answer")
Consistency = Literal["Strong", "Session", "Bounded", "Eventually"]
_NO_CONNECTION = 2
_NOT_FOUND = 100
_NOT_LOADED = 101
# Codes of a server that is starting, busy or out of memory for now (Milvus `merr`); with 103 it is
# loading a collection, with 700 it builds the index that the collection is searched through.
_BUSY = frozenset({3, 5, 8, 9, 10, 103, 700})
_BAD_INPUT = 6
# Milvus Lite in this process is asked for what it has not, and its server logs each time.
_LITE_LOGGERS = ("grpc._server",)
NO_PINGS = {"grpc.keepalive_time_ms": 2**31 - 1, "grpc.keepalive_permit_without_calls": 0}
"""pymilvus pings every 10 s, idle or not; Milvus Lite's server takes one in 5 min, then hangs up.
Nobody misses them: every call has a time limit."""
_AWAY = ("unavailable", "timeout", "timed out", "deadline", "channel not found")
# The last is said of a search whose collection is released under it, to get another index.


@dataclass(frozen=True)
class MilvusOptions:
    """Which Milvus."""

    uri: str
    """`http://host:port`, or a path ending in `.db` for Milvus Lite in this process."""
    token: str = field(default="", repr=False)
    """`user:password` or an API key; empty: none."""
    timeout_s: float = 10.0
    """For each call."""
    consistency: Consistency = "Strong"
    """Of searches. `Strong`: all that was written before is found, for which a server waits some
    .2 to .6 s; `Session`: what this connection wrote; `Bounded`: at most some 5 s old, without
    waiting; `Eventually`: whatever is there. Milvus Lite is always strong, and never waits."""

    @property
    def is_lite(self) -> bool:
        """Whether Milvus Lite runs in this process."""
        return self.uri.endswith(".db")


class Milvus:
    """One connection, made when it is first needed. Not for several threads at once."""

    def __init__(self, options: MilvusOptions) -> None:
        self.options = options
        self._client: Any = None

    def call(self, do: Callable[[Any, float], Answer], collection: str = "") -> Answer:
        """Return what a call on the client returns.

        Args:
            do: takes the client and the time limit in seconds.
            collection: loaded if the server says that it is not.

        Raises:
            TransientError: Milvus is away.
            MismatchError: there is no such collection.
            BadEventError: Milvus will never take this row.
            ServiceError: anything else that Milvus says.
        """
        try:
            return self._try(do, collection)
        except MilvusException as error:
            raise self._translated(error, collection) from error
        except (grpc.RpcError, OSError) as error:
            self.close()
            message = f"Milvus at {self.options.uri} is away: {error!r}"
            raise TransientError(message) from error

    def close(self) -> None:
        """Let go of the connection; the next call makes one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _try(self, do: Callable[[Any, float], Answer], collection: str) -> Answer:
        timeout_s = self.options.timeout_s
        if self._client is None:
            # Every failed call would be logged with its traceback beside the error we raise.
            for name in ("pymilvus", "milvus_lite", *_LITE_LOGGERS[: self.options.is_lite]):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            self._client = MilvusClient(
                uri=self.options.uri,
                token=self.options.token,
                timeout=timeout_s,
                # Not the one that all clients of a process share, and that no `close` closes.
                dedicated=True,
                grpc_options=NO_PINGS,
            )
        try:
            return do(self._client, timeout_s)
        except MilvusException as error:
            if error.code != _NOT_LOADED or not collection:
                raise
        self._client.load_collection(collection, timeout=timeout_s)
        return do(self._client, timeout_s)

    def _translated(self, error: MilvusException, collection: str) -> Exception:
        said = " ".join(str(error.message).split())[:300]
        where = f"Milvus at {self.options.uri}"
        if isinstance(error, ConnectionConfigException):
            return ServiceError(
                f"{where} cannot be opened: {said}; a .db folder may be open in another process, "
                "and its parent folder must exist"
            )
        lower = said.lower()
        if error.code == _NOT_FOUND:
            return MismatchError(f"{where} has no collection {collection!r}: {said}")
        if error.code == _BAD_INPUT:
            # Before the words: what is refused is quoted, and may be a "timeout timer".
            return BadEventError(f"{where} refuses this: {said}")
        if error.code == _NO_CONNECTION or any(word in lower for word in _AWAY):
            self.close()
            return TransientError(f"{where} is away: {said}")
        if error.code in _BUSY:
            return TransientError(f"{where} is busy: {said}")
        return ServiceError(f"{where} failed (code {error.code}): {said}")


def quoted(value: str) -> str:
    """Return a filter's string literal; pymilvus itself escapes nothing, ids included."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'
