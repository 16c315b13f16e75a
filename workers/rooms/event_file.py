"""Events of a room and their times on disk: JSON Lines, one event each, bytes as base64.

A file appears whole or not at all, so that work that was stopped is done again and never half read.
"""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from models.errors import InputError
from workers.events import EVENTS, Event
from workers.rooms.timed import Timed

_KINDS = {kind.kind: kind for kind in EVENTS}
_AT, _WORKED = "_at_ms", "_worked_ms"
"""No event has fields of these names."""


def write_events(path: Path, events: Iterable[Timed[Event]]) -> None:
    """Write events, replacing what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        for one in events:
            payload = getattr(one.event, "payload", b"")
            fields = json.loads(one.event.model_dump_json(exclude_defaults=True))
            bytes_ = {"payload": base64.b64encode(payload).decode()} if payload else {}
            times = {_AT: one.at_ms, _WORKED: one.worked_ms}
            file.write(json.dumps({"kind": one.event.kind, **times, **fields, **bytes_}) + "\n")
    part.replace(path)


def read_events(path: Path) -> list[Timed[Event]]:
    """Read events back, equal to those that were written.

    Raises:
        InputError: a line is no event.
    """
    events: list[Timed[Event]] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                events.append(_event(json.loads(line)))
            except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
                message = f"{path}, line {number} is no event ({error!r}); delete the file"
                raise InputError(message) from error
    return events


def _event(fields: dict[str, object]) -> Timed[Event]:
    kind = _KINDS[str(fields.pop("kind"))]
    payload = base64.b64decode(str(fields.pop("payload", "")))
    at_ms, worked_ms = int(str(fields.pop(_AT))), int(str(fields.pop(_WORKED)))
    event: Event = kind.model_validate_json(json.dumps(fields))
    if payload:
        event = event.model_copy(update={"payload": payload})
    return Timed(event, at_ms, worked_ms)
