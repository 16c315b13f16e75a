"""Event ↔ Kafka record, as CloudEvents 1.0 in Kafka binary mode.

Attributes travel in `ce_*` headers, the payload is the value. JSON events are JSON. Audio and
frames put their bytes in the value and every other field in an extension attribute (the field's
name without underscores, as CloudEvents demands). Vectors are a length, a JSON header and float32s.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ValidationError

from models.errors import BadEventError
from workers.events import AudioChunk, Event, Frame, GridEvent, StreamEvent, Vector

EventT = TypeVar("EventT", bound=Event)
Headers = Sequence[tuple[str, bytes]]

_JSON = "application/json"
_VECTOR = "application/vnd.liveshelf.vector"
_AUDIO = {
    "pcm_s16le": "audio/L16;rate={rate_hz};channels=1",
    "flac": "audio/flac",
    "opus": "audio/opus",
}
_LENGTH_BYTES = 4


@dataclass(frozen=True)
class Record:
    """What goes to a topic."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True)
class Position:
    """Where a record lies, for errors and ledgers."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


def encode(event: Event, *, source: str, at: datetime, traceparent: str | None = None) -> Record:
    """Return the record that carries an event.

    Args:
        event: What to send.
        source: Who sends it; becomes `ce_source`.
        at: Wall time of sending, with a zone.
        traceparent: W3C trace context of the input that this follows from.
    """
    subject = event.stream_id if isinstance(event, StreamEvent) else event.key
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event.event_id,
        "ce_type": f"liveshelf.{event.kind}",
        "ce_source": f"/liveshelf/{source}",
        "ce_time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": subject,
        "ce_dataschema": f"liveshelf:{event.kind}:1",
    }
    if traceparent:
        attributes["traceparent"] = traceparent
    if isinstance(event, AudioChunk | Frame):
        attributes |= _extensions(event)
        content_type, value = _media_type(event), event.payload
    elif isinstance(event, Vector):
        header = event.model_dump_json().encode()
        value = len(header).to_bytes(_LENGTH_BYTES, "little") + header + event.payload
        content_type = _VECTOR
    else:
        content_type, value = _JSON, event.model_dump_json().encode()
    attributes["content-type"] = content_type
    headers = [(name, text.encode()) for name, text in attributes.items()]
    return Record(event.key.encode(), value, headers)


def decode(
    kind: type[EventT],
    position: Position,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes | None]],
) -> EventT:
    """Return the event that a record carries.

    Raises:
        BadEventError: the record is not one; names topic, partition, offset and field.
    """
    if value is None:
        message = f"{position}: value is null, wanted a {kind.kind}"
        raise BadEventError(message)
    # Kafka allows a header without a value.
    found = {name: text for name, text in headers if text is not None}
    said = found.get("ce_type", b"").decode(errors="replace")
    if said not in ("", f"liveshelf.{kind.kind}"):
        message = f"{position}: header ce_type is {said!r}, wanted 'liveshelf.{kind.kind}'"
        raise BadEventError(message)
    try:
        if issubclass(kind, AudioChunk | Frame):
            return kind.model_validate(_fields(kind, found) | {"payload": value})
        if issubclass(kind, Vector):
            header, payload = _split_vector(value)
            vector = kind.model_validate_json(header)
            _check_length(payload, vector)
            return vector.model_copy(update={"payload": payload})
        return kind.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "value"
        message = f"{position}: field {field}: {first['msg']}"
        raise BadEventError(message) from error
    except ValueError as error:
        message = f"{position}: field value: {error}"
        raise BadEventError(message) from error


def traceparent_of(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """Return the trace context that a record carries, if any."""
    for name, value in headers:
        if name == "traceparent" and value is not None:
            return value.decode(errors="replace")
    return None


def _extensions(event: AudioChunk | Frame) -> dict[str, str]:
    fields = event.model_dump(mode="json", exclude_none=True)
    return {
        _attribute(name): json.dumps(value) if isinstance(value, bool) else str(value)
        for name, value in fields.items()
    }


def _fields(kind: type[GridEvent], headers: dict[str, bytes]) -> dict[str, object]:
    return {
        # An escaped surrogate is refused by every field, which then names itself.
        name: headers[_attribute(name)].decode(errors="surrogateescape")
        for name in kind.model_fields
        if _attribute(name) in headers
    }


def _attribute(field: str) -> str:
    return f"ce_{field.replace('_', '')}"


def _split_vector(value: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(value[:_LENGTH_BYTES], "little")
    start = _LENGTH_BYTES + length
    if start > len(value):
        message = f"JSON header of {length} bytes in a value of {len(value)} bytes"
        raise ValueError(message)
    return value[_LENGTH_BYTES:start], value[start:]


def _check_length(payload: bytes, vector: Vector) -> None:
    count = 1 + len(vector.alone)
    wanted = 4 * vector.dim * count
    if len(payload) != wanted:
        message = (
            f"payload of {len(payload)} bytes, wanted {wanted} for dim {vector.dim} and "
            f"{count} vectors"
        )
        raise ValueError(message)


def _media_type(event: AudioChunk | Frame) -> str:
    if isinstance(event, Frame):
        return "image/jpeg"
    return _AUDIO[event.encoding].format(rate_hz=event.rate_hz)
