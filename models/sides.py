"""Rows of a domain as an encoder sees them: one side of a search.

In: rows and their texts. Out: branch vectors with what is of which product; every row takes the
live path. What a search may look at is cut from these, so that a picture is encoded once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from models.batch import BranchVectors, joined
from models.dataset import plain
from models.encoder import Encoder
from models.errors import InputError
from models.manifest import Manifest, Row
from models.pictures import open_picture
from models.ranking import Ints
from models.readable_pictures import Read

Seen = Literal["whole", "picture", "text", "both", "textless"]
"""What of a query is looked at. `whole`: all that it has; `both`: queries that have picture and
text; `textless`: queries that have a picture and no text."""
SEEN: tuple[Seen, ...] = get_args(Seen)
Tell = Callable[[int, int], None]
NO_PRODUCT = -1
_CHUNK = 8


@dataclass(frozen=True)
class Side:
    """Rows of one domain."""

    rows: tuple[Row, ...]
    texts: tuple[str | None, ...]
    """What was read of each."""
    parts: BranchVectors
    products: Ints
    """(N,) number of the product, or -1."""

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: Ints) -> "Side":
        """Return some of the rows."""
        parts = self.parts
        return Side(
            tuple(self.rows[at] for at in chosen),
            tuple(self.texts[at] for at in chosen),
            BranchVectors(
                parts.image[chosen],
                parts.text[chosen],
                parts.has_image[chosen],
                parts.has_text[chosen],
                parts.domain[chosen] if parts.domain is not None else None,
            ),
            self.products[chosen],
        )

    def seen(self, how: Seen) -> tuple[BranchVectors, npt.NDArray[np.bool_]]:
        """Return what is looked at, and which rows have it."""
        parts = self.parts
        if how == "picture":
            return without(parts, text=True), parts.has_image
        if how == "text":
            return without(parts, image=True), parts.has_text
        if how == "both":
            return parts, parts.has_image & parts.has_text
        if how == "textless":
            return parts, parts.has_image & ~parts.has_text
        return parts, parts.has_image | parts.has_text


def encode_rows(
    encoder: Encoder,
    manifest: Manifest,
    rows: Sequence[Row],
    texts: Sequence[str | None],
    tell: Tell,
    read: Read = open_picture,
) -> BranchVectors:
    """Return what the branches say of rows with the given texts.

    Args:
        encoder: to be asked.
        manifest: of the rows.
        rows: at least one.
        texts: of each row.
        tell: hears how many are done, of how many.
        read: opens a picture; a `ReadablePictures` passes over those that cannot be.

    Raises:
        InputError: there are no rows, or a picture cannot be read and nobody counts it.
    """
    found = []
    for start in range(0, len(rows), _CHUNK):
        some = zip(rows[start : start + _CHUNK], texts[start : start + _CHUNK], strict=True)
        samples = [plain(manifest, row, read, text) for row, text in some]
        found.append(encoder.parts(samples))
        tell(min(start + _CHUNK, len(rows)), len(rows))
    if not found:
        message = "there are no such rows"
        raise InputError(message)
    return joined(found)


def without(parts: BranchVectors, *, image: bool = False, text: bool = False) -> BranchVectors:
    """Return the vectors with pictures or texts taken away."""
    nothing = np.zeros(len(parts.has_image), dtype=bool)
    if image:
        parts = replace(parts, image=np.zeros_like(parts.image), has_image=nothing)
    if text:
        parts = replace(parts, text=np.zeros_like(parts.text), has_text=nothing)
    return parts
