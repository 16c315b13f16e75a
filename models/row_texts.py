"""Which words a page or a clip comes with when an encoder is examined.

In: rows of a manifest and what may be shown of them. Out: one text, or none, for each row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from models.manifest import Heard, Manifest, Row, Split

PageText = Literal["title", "none"]
ClipText = Literal["any", "transcript", "summary", "none"]
PAGE_TEXTS: tuple[PageText, ...] = get_args(PageText)
CLIP_TEXTS: tuple[ClipText, ...] = get_args(ClipText)


@dataclass(frozen=True)
class TextChoice:
    """What may be read."""

    page: PageText = "title"
    """Of pages."""
    clip: ClipText = "any"
    """Of short videos and live clips. `any`: the row's transcript, or else what the lists of texts
    say of its product, transcripts first. `transcript` and `summary`: the row's own, or else one of
    that kind from the lists."""


def texts_of(
    manifest: Manifest, rows: Sequence[Row], split: Split, choice: ClipText = "any"
) -> list[str | None]:
    """Return each clip's text; where it has none, the texts of its product and split in turn.

    Rows without a product take chatter, and texts as heard go before summaries. A row that was
    heard but has no summary gets none from the lists: its summarizer found no product.
    """
    if choice == "none":
        return [None] * len(rows)
    pool = _pool(manifest, split, choice)
    taken: dict[str | None, int] = {}
    found: list[str | None] = []
    for row in rows:
        known = pool.get(row.product_id, [])
        own = row.summary if choice == "summary" else row.transcript
        if own is not None or not known or (choice == "summary" and row.transcript is not None):
            found.append(own)
            continue
        turn = taken.get(row.product_id, 0)
        taken[row.product_id] = turn + 1
        found.append(known[turn % len(known)])
    return found


def heard_in(split: Split) -> tuple[Split, ...]:
    """Return the splits whose texts belong to a split: lists of texts know one kind of test."""
    return ("test-unseen", "test") if split == "test-unseen" else (split,)


def shown_texts(
    manifest: Manifest, rows: Sequence[Row], split: Split, choice: TextChoice
) -> list[str | None]:
    """Return the text of each row, pages by their choice and clips by theirs."""
    if rows and rows[0].domain == "page":
        return [row.title if choice.page == "title" else None for row in rows]
    return texts_of(manifest, rows, split, choice.clip)


def _pool(manifest: Manifest, split: Split, choice: ClipText) -> dict[str | None, list[str]]:
    accepted = heard_in(split)
    pool: dict[str | None, list[str]] = {}
    for heard in sorted(manifest.texts, key=lambda item: item.kind == "summary"):
        if heard.split in accepted and _of_kind(heard, choice):
            pool.setdefault(heard.product_id, []).append(heard.text)
    return pool


def _of_kind(heard: Heard, choice: ClipText) -> bool:
    if choice == "any":
        return True
    if choice == "summary":
        return heard.kind == "summary"
    # Chatter is what was heard in a clip of no product.
    return heard.kind != "summary"
