"""What LPR4M's authors make of its recognised speech before it is used, step by step.

In: a cell as the release has it. Out: plain words, or none. Data repository adxcreative/RICE.
"""

import json

from models.errors import InputError


def training_words(cell: str) -> str | None:
    """Return the words of a training row: segments joined by U+0001, each "text time time"."""
    segments = [segment.split() for segment in cell.split("\x01")]
    words = "".join(segment[0] for segment in segments if segment).replace("|", "").strip()
    return None if words in {"", "null"} else words


def clip_words(cell: str, origin: str) -> str | None:
    """Return the words of a test clip: a JSON list of objects with `text`, or "null".

    Raises:
        InputError: it is neither.
    """
    try:
        found = json.loads(cell)
        texts = [one["text"].strip() for one in found or ()]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{origin}: speech should be a JSON list of objects with text, not {cell!r}"
        raise InputError(message) from error
    return ",".join(text for text in texts if text) or None
