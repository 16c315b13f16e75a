"""The way out for records that can never work: their original bytes, with the cause in headers."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import BadEventError
from stream.codec import Position, Record

logger = logging.getLogger(__name__)

PREFIX = "liveshelf-"


@dataclass(frozen=True)
class Original:
    """A record as it was read."""

    position: Position
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def dead_letter(original: Original, stage: str, error: BadEventError, attempts: int = 1) -> Record:
    """Return the record for `dead-letters`: the original, and headers that say what was wrong."""
    cause = error.__cause__
    reasons = {
        "topic": original.position.topic,
        "partition": str(original.position.partition),
        "offset": str(original.position.offset),
        "stage": stage,
        "error": type(cause or error).__name__,
        "reason": str(error),
        "attempts": str(attempts),
    }
    logger.warning("%s: dead letter: %s", stage, error)
    headers = [*original.headers]
    headers += [(PREFIX + name, text.encode()) for name, text in reasons.items()]
    return Record(original.key or b"", original.value, headers)
