"""Events of a room on disk: JSON Lines, one event each, bytes as base64.

A file appears whole or not at all, so that work that was stopped is done again and never half read.
"""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from models.errors import InputError
from workers.events import EVENTS, Event

_KINDS = {kind.kind: kind for kind in EVENTS}


def write_events(path: Path, events: Iterable[Event]) -> None:
    """Write events, replacing what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        for event in events:
            payload = getattr(event, "payload", b"")
            fields = json.loads(event.model_dump_json(exclude_defaults=True))
            bytes_ = {"payload": base64.b64encode(payload).decode()} if payload else {}
            file.write(json.dumps({"kind": event.kind, **fields, **bytes_}) + "\n")
    part.replace(path)


def read_events(path: Path) -> list[Event]:
    """Read events back, equal to those that were written.

    Raises:
        InputError: a line is no event.
    """
    events: list[Event] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                fields = json.loads(line)
                kind = _KINDS[fields.pop("kind")]
                payload = base64.b64decode(fields.pop("payload", ""))
                event = kind.model_validate_json(json.dumps(fields))
            except (ValidationError, ValueError, KeyError) as error:
                message = f"{path}, line {number} is no event ({error!r}); delete the file"
                raise InputError(message) from error
            events.append(event.model_copy(update={"payload": payload}) if payload else event)
    return events
