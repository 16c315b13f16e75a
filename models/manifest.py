"""The encoder's data as a list: one page, short video or live clip per line (JSON Lines).

    {"product_id": "oat-milk", "domain": "live", "frames": ["a.jpg"], "title": "Oat milk",
     "transcript": "so this oat milk", "summary": null, "split": "train", "category": "cartons",
     "shop": null, "stream_id": "room-7", "media": "room-7.mp4", "start_ms": 0, "end_ms": 5000}

`frames` and `media` are relative to the list's folder; `product_id` null: a clip that shows no
product. All keys but product_id, domain and split may be left out; `text` is an old name of
`transcript`.

Further lists may add texts for clips: {"product_id", "text", "kind", "split"}, kind `summary`,
`transcript` or, with product_id null, `chatter`; or the summarizer's pairs: {"transcript",
"answer", "product_id", "title", "split"}. A text with a title of its own may be of a product that
has no page: the two are trained on as words against words.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from models.batch import Domain
from models.errors import InputError

Split = Literal["train", "val", "test", "test-unseen"]
SPLITS: tuple[Split, ...] = get_args(Split)
TextKind = Literal["summary", "transcript", "chatter"]


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


@dataclass(frozen=True)
class Manifest:
    """Rows and texts of one data set."""

    folder: Path
    rows: tuple[Row, ...]
    texts: tuple[Heard, ...] = ()
    fingerprint: str = ""
    """SHA-256 over rows and texts, not over the pictures that they name."""
    pages: tuple[Row, ...] = field(init=False)
    """Rows of domain `page`, in order: the gallery, whatever their split."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pages", tuple(row for row in self.rows if row.domain == "page"))

    @property
    def learnt_fingerprint(self) -> str:
        """SHA-256 over what training and its validation see: all pages, and splits train and val.

        More to examine on may be added to a run that has begun.
        """
        seen: tuple[Split, ...] = ("train", "val")
        rows = [row for row in self.rows if row.domain == "page" or row.split in seen]
        return _hash_of(rows, [one for one in self.texts if one.split in seen])

    def live(self, split: Split) -> tuple[Row, ...]:
        """Return the live rows of a split, those of no product included."""
        return self.of("live", split)

    def of(self, domain: Domain, split: Split) -> tuple[Row, ...]:
        """Return the rows of a domain and a split, those of no product included."""
        return tuple(row for row in self.rows if row.domain == domain and row.split == split)

    def paths(self, row: Row) -> list[Path]:
        """Return where the row's pictures lie."""
        return [self.folder / name for name in row.frames]


def load_manifest(path: Path, texts: Sequence[Path] = ()) -> Manifest:
    """Return a checked manifest.

    Raises:
        InputError: a file cannot be read, or a line is not of the form above.
    """
    rows = [_row(item, origin) for item, origin in _lines(path)]
    return checked_manifest(path, path.parent, rows, texts)


def checked_manifest(
    origin: Path, folder: Path, rows: Sequence[Row], texts: Sequence[Path] = ()
) -> Manifest:
    """Return rows with texts to them.

    Args:
        origin: for messages.
        folder: that the rows' frames are relative to.
        rows: pages and clips.
        texts: lists of texts or of pairs.

    Raises:
        InputError: a list cannot be read, or rows and texts do not fit together.
    """
    heard = [found for at in texts for item, where in _lines(at) for found in _said(item, where)]
    named = {row.product_id for row in rows if row.domain == "page"}
    homeless = [row.product_id for row in rows if row.product_id not in {*named, None}]
    if homeless:
        message = f"{origin} has live rows of {homeless[0]!r}, but no page of it"
        raise InputError(message)
    lost = [one for one in heard if one.product_id not in {*named, None} and one.title is None]
    if lost:
        message = f"a text of {lost[0].product_id!r} has neither a page in {origin} nor a title"
        raise InputError(message)
    if not named:
        message = f"{origin} has no row of domain page, so nothing can be found"
        raise InputError(message)
    return Manifest(folder, tuple(rows), tuple(heard), _hash_of(rows, heard))


def _hash_of(rows: Sequence[Row], heard: Sequence[Heard]) -> str:
    whole = json.dumps([[asdict(row) for row in rows], [asdict(one) for one in heard]])
    return hashlib.sha256(whole.encode()).hexdigest()


def _lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        origin = f"{path}, line {number}"
        try:
            item = json.loads(line)
        except json.JSONDecodeError as error:
            message = f"{origin} is not JSON: {error}"
            raise InputError(message) from error
        if not isinstance(item, dict):
            message = f"{origin} should be an object"
            raise InputError(message)
        yield item, origin


def _row(item: dict[str, Any], origin: str) -> Row:
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
    return made


def _said(item: dict[str, Any], origin: str) -> list[Heard]:
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
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        message = f"{origin}: {key} should be milliseconds from 0 on or null, not {value!r}"
        raise InputError(message)
    return value


def _one_of(item: dict[str, Any], key: str, known: tuple[str, ...], origin: str) -> str:
    value = item.get(key)
    if value not in known:
        message = f"{origin}: {key} is {value!r}, which is none of {', '.join(known)}"
        raise InputError(message)
    return str(value)
