"""The frozen evaluation set: what it is, by hash, and the proof that nothing of it is learnt from.

In: manifests. Out: a fingerprint over rows, texts and pictures, or a refusal that names the row. A
room, a picture, or a clip's words alone are enough to be recognised; pages are the gallery of both
and may be shared.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from models.checkpoint import sha256_of
from models.errors import InputError
from models.manifest import Manifest, Row, Split

EXAMINED: tuple[Split, ...] = ("test", "test-unseen")
"""Splits that a frozen set is examined on."""
_LEARNT: tuple[Split, ...] = ("train", "val")


def frozen_rows(frozen: Manifest) -> tuple[Row, ...]:
    """Return the clips that encoders are examined on.

    Raises:
        InputError: none of them is of a product.
    """
    rows = tuple(row for split in EXAMINED for row in frozen.live(split))
    if not any(row.product_id for row in rows):
        message = (
            f"the frozen set in {frozen.folder} has {len(rows)} live rows of split "
            f"{' or '.join(EXAMINED)}, none of them of a product"
        )
        raise InputError(message)
    return rows


def frozen_fingerprint(frozen: Manifest) -> str:
    """Return 64 hexadecimal digits over rows, texts and the bytes of every picture.

    Raises:
        InputError: a picture of the set cannot be read.
    """
    hashes = [_hash_of(path) for row in frozen.rows for path in frozen.paths(row)]
    return hashlib.sha256("\x1f".join([frozen.fingerprint, *hashes]).encode()).hexdigest()


def rooms_of(rows: Sequence[Row]) -> frozenset[str]:
    """Return the rooms that rows are of, as far as they say."""
    return frozenset(row.stream_id for row in rows if row.stream_id)


def refuse_shared(training: Manifest, frozen: Manifest) -> None:
    """Refuse to learn from, or choose weights on, what the frozen set examines.

    Raises:
        InputError: a room, a picture or a clip's words are in both.
    """
    examined = frozen_rows(frozen)
    rooms = rooms_of(examined)
    pictures = {path: row for row in examined for path in frozen.paths(row)}
    # Files of another size cannot be the same, and most are of another size.
    sizes = {path.stat().st_size for path in pictures if path.is_file()}
    known = {_hash_of(path) for path in pictures}
    words = {_words(row) for row in examined if not row.frames}
    for row in training.rows:
        if row.domain == "page" or row.split not in _LEARNT:
            continue
        if row.stream_id in rooms:
            raise InputError(_shared(row, training, f"room {row.stream_id!r}"))
        if not row.frames and _words(row) in words:
            raise InputError(_shared(row, training, f"words {row.transcript!r}"))
        for path in training.paths(row):
            if path.is_file() and path.stat().st_size in sizes and _hash_of(path) in known:
                raise InputError(_shared(row, training, f"picture {path}"))


def _words(row: Row) -> tuple[str | None, str | None, str | None]:
    return row.product_id, row.transcript, row.summary


def _shared(row: Row, training: Manifest, what: str) -> str:
    return (
        f"the frozen set has the {what}, and so has a {row.split} row of {row.product_id!r} in "
        f"{training.folder}; what is examined on must not be learnt from: take it out of either"
    )


def _hash_of(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        message = f"the frozen set names {path}, which cannot be read: {error.strerror}"
        raise InputError(message) from error
