"""What the decoding child and its parent say to each other: options, limits and framing.

One request as a line of JSON goes down; messages come back, each a JSON header and bytes, both with
their length in front. Nothing here decodes media, and nothing is ever unpickled: the child handles
bytes of strangers, so the parent believes no length and no field that it has not checked.
"""

import json
import resource
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import JsonValue

_LENGTHS = struct.Struct(">II")
HEADER_LIMIT_BYTES = 64 * 1024
PAYLOAD_LIMIT_BYTES = 4 * 1024 * 1024

Header = dict[str, JsonValue]


@dataclass(frozen=True)
class MediaOptions:
    """How a source is read and what it may cost."""

    frame_slot_ms: int = 500
    """Length of one frame slot."""
    refresh_ms: int = 4_000
    """A picture is kept at least this often, changed or not."""
    candidates: int = 4
    """Pictures of one slot that are looked at for sharpness."""
    jpeg_quality: int = 85
    """Where JPEG quality starts; lowered until a picture fits."""
    max_side_px: int = 1_280
    """Longest side of a kept picture."""
    max_frame_bytes: int = 256 * 1024
    """Size of a kept picture at most."""
    max_pixels: int = 33_177_600
    """Pixels of one decoded picture at most (8K)."""
    max_gap_ms: int = 10_000
    """A longer jump forward of the timestamps is a broken clock, not a pause."""
    max_back_ms: int = 1_000
    """A longer jump backward is a broken clock, not an overlap."""
    skew_ms: int = 2_000
    """How far one track may run ahead before the other is filled up."""
    open_limit_s: float = 20.0
    """Time to open a source."""
    read_limit_s: float = 15.0
    """Time without data from a network source before the connection counts as lost."""
    stall_limit_s: float = 60.0
    """Wall time that the child may say nothing while it is listened to, then it is killed."""
    cpu_limit_s: int = 60
    """CPU seconds that the child may burn between two messages."""
    memory_limit_mb: int = 2_048
    """Address space that the child may add to what it starts with."""
    threads: int = 2
    """Decoder threads."""
    sound_only: bool = False
    """Whether pictures are left alone."""
    live: bool | None = None
    """Whether the end of the source means a lost connection; none: a URL without a duration is."""
    attempts: int = 5
    """Connections tried in a row before a live source is given up."""
    backoff_s: float = 1.0
    """Pause before the first new connection, doubled each time up to 30 s."""

    def to_header(self) -> Header:
        """Return the options as JSON."""
        return asdict(self)


def write_message(stream: BinaryIO, header: Header, payload: bytes = b"") -> None:
    """Write one message and flush it."""
    text = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(text), len(payload)))
    stream.write(text)
    stream.write(payload)
    stream.flush()


class MalformedMessageError(Exception):
    """The other side sent bytes that are no message."""


def read_message(read: Callable[[int], bytes]) -> tuple[Header, bytes] | None:
    """Read one message, or none where the stream ends between two.

    Args:
        read: Returns exactly so many bytes, or fewer at the end of the stream.

    Raises:
        MalformedMessageError: Lengths are over the limit, the stream ends within a message, or
            the header is no JSON object.
    """
    lengths = read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        message = "the stream ends within a message"
        raise MalformedMessageError(message)
    header_bytes, payload_bytes = _LENGTHS.unpack(lengths)
    if header_bytes > HEADER_LIMIT_BYTES or payload_bytes > PAYLOAD_LIMIT_BYTES:
        message = f"a message of {header_bytes} + {payload_bytes} bytes is over the limit"
        raise MalformedMessageError(message)
    text, payload = read(header_bytes), read(payload_bytes)
    if len(text) < header_bytes or len(payload) < payload_bytes:
        message = "the stream ends within a message"
        raise MalformedMessageError(message)
    try:
        header = json.loads(text)
    except ValueError as error:
        message = f"a header is no JSON: {error}"
        raise MalformedMessageError(message) from error
    if not isinstance(header, dict):
        message = "a header is no JSON object"
        raise MalformedMessageError(message)
    return header, payload


def limit_memory(extra_mb: int) -> None:
    """Limit this process's address space to what it has now plus `extra_mb`."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    wanted = pages * resource.getpagesize() + extra_mb * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def allow_cpu(seconds: int) -> None:
    """Let this process burn `seconds` of CPU from now on before SIGXCPU ends it.

    Called at every sign of progress, so that a room may last for days and a decoder that
    spins on one packet may not.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
