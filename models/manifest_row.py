"""One row of a manifest, or one text to it: what it may hold, and the check of what a file says.

In: an object as a file has it. Out: a `Row`, or the texts of a line. Reads no file.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from models.batch import Domain
from models.errors import InputError

Split = Literal["train", "val", "test", "test-unseen"]
SPLITS: tuple[Split, ...] = get_args(Split)
TextKind = Literal["summary", "transcript", "chatter"]
_MOST_MS = 2**53


@dataclass(frozen=True)
class Row:
    """One page, short video or live clip."""

    product_id: str | None
    domain: Domain
    frames: tuple[str, ...]
    """Paths relative to the manifest's folder."""
    split: Split
    title: str | None = None
    transcript: str | None = None
    """What was heard, as recognised; none when nothing was."""
    summary: str | None = None
    """What a summarizer made of it; none when it was not asked or found no product."""
    category: str | None = None
    shop: str | None = None
    stream_id: str | None = None
    """The room that a clip is of."""
    media: str | None = None
    """Sound or film of a clip, relative to the manifest's folder."""
    start_ms: int | None = None
    """Where in `media` the clip begins; none: at its beginning."""
    end_ms: int | None = None
    """Where it ends; none: at its end."""


@dataclass(frozen=True)
class Heard:
    """A text that a clip of a product may come with."""

    product_id: str | None
    text: str
    kind: TextKind
    split: Split
    title: str | None = None
    """Of the product, where the text brings it along."""


def row_of(item: dict[str, Any], origin: str) -> Row:
    """Return a checked row.

    Args:
        item: as the file has it; keys that are not known are left alone.
        origin: for messages: file, and line or row.

    Raises:
        InputError: a value is not of the form that `models.manifest` describes.
    """
    frames = item.get("frames") or []
    if not isinstance(frames, list) or not all(isinstance(name, str) for name in frames):
        message = f"{origin}: frames should be a list of paths, not {frames!r}"
        raise InputError(message)
    product_id = _text(item, "product_id", origin)
    domain = _one_of(item, "domain", get_args(Domain), origin)
    if domain == "page" and product_id is None:
        message = f"{origin}: a page needs a product_id"
        raise InputError(message)
    made = Row(
        product_id=product_id,
        domain=cast("Domain", domain),
        frames=tuple(frames),
        split=cast("Split", _one_of(item, "split", SPLITS, origin)),
        title=_text(item, "title", origin),
        transcript=_text(item, "transcript" if "transcript" in item else "text", origin),
        summary=_text(item, "summary", origin),
        category=_text(item, "category", origin),
        shop=_text(item, "shop", origin),
        stream_id=_text(item, "stream_id", origin),
        media=_text(item, "media", origin),
        start_ms=_ms(item, "start_ms", origin),
        end_ms=_ms(item, "end_ms", origin),
    )
    if domain == "page" and not (made.frames or made.title):
        message = f"{origin}: the page of {product_id} has neither picture nor title"
        raise InputError(message)
    if made.end_ms is not None and made.end_ms <= (made.start_ms or 0):
        message = f"{origin}: end_ms {made.end_ms} is not after start_ms {made.start_ms or 0}"
        raise InputError(message)
    return made


def heard_of(item: dict[str, Any], origin: str) -> list[Heard]:
    """Return the texts of a line: one, or those of a summarizer's pair."""
    title = _text(item, "title", origin)
    if "transcript" not in item:
        return [_heard(item, origin, "text", item.get("kind"), title)]
    if not _text(item, "transcript", origin):
        # Nothing was heard.
        return []
    # The summarizer calls what it never learns from held out.
    item = {**item, "split": "test" if item.get("split") == "held-out" else item.get("split")}
    if item.get("product_id") is None:
        return [_heard(item, origin, "transcript", "chatter", None)]
    if str(item.get("answer")).strip() == "none":
        # The words are about a product, but do not say which.
        return []
    return [
        _heard(item, origin, "transcript", "transcript", title),
        _heard(item, origin, "answer", "summary", title),
    ]


def _heard(item: dict[str, Any], origin: str, key: str, kind: object, title: str | None) -> Heard:
    text = _text(item, key, origin)
    if text is None:
        message = f"{origin}: a text is wanted, not {item.get(key)!r}"
        raise InputError(message)
    known = cast("TextKind", _one_of({"kind": kind}, "kind", get_args(TextKind), origin))
    split = cast("Split", _one_of(item, "split", SPLITS, origin))
    product_id = _text(item, "product_id", origin)
    if (known == "chatter") != (product_id is None):
        message = f"{origin}: kind {known} with product_id {product_id!r}; only chatter has none"
        raise InputError(message)
    return Heard(product_id, text, known, split, title)


def _text(item: dict[str, Any], key: str, origin: str) -> str | None:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        message = f"{origin}: {key} should be text or null, not {value!r}"
        raise InputError(message)
    return value.strip() or None if value is not None else None


def _ms(item: dict[str, Any], key: str, origin: str) -> int | None:
    value = item.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_MS:
        message = f"{origin}: {key} should be milliseconds, 0 to {_MOST_MS}, or null, not {value!r}"
        raise InputError(message)
    return value


def _one_of(item: dict[str, Any], key: str, known: tuple[str, ...], origin: str) -> str:
    value = item.get(key)
    if value not in known:
        message = f"{origin}: {key} is {value!r}, which is none of {', '.join(known)}"
        raise InputError(message)
    return str(value)
