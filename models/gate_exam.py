"""An encoder's answers on the frozen set, as the gate compares them.

In: an encoder and the set. Out: ranks and best scores, clip by clip. This is the only place where
the gate touches the exam.
"""

import numpy as np

from models.encoder import Encoder
from models.evaluate import ranks
from models.exam import Clips, Exam, Mode, Pages, Tell
from models.frozen import EXAMINED, frozen_rows
from models.gate import Answers
from models.manifest import Manifest, Row

LOOKED_AT: tuple[Mode, ...] = ("picture", "text", "both")
"""Ways to look at a clip that an encoder is gated by."""


def answers(encoder: Encoder, frozen: Manifest, fingerprint: str, tell: Tell) -> Answers:
    """Return what an encoder answers.

    Args:
        encoder: is examined.
        frozen: the set; its splits `test` and `test-unseen` count, its pages are the gallery.
        fingerprint: of the set.
        tell: hears of rows done and to do, for pages and for each split.
    """
    rows = frozen_rows(frozen)
    exam = Exam(encoder, frozen, tell)
    parts = [exam.clips(split) for split in EXAMINED if exam.has(split)]
    return Answers(
        fingerprint=encoder.fingerprint,
        frozen=fingerprint,
        groups=tuple(_group(at, row) for at, row in enumerate(rows)),
        has_product=tuple(row.product_id is not None for row in rows),
        ranks={
            mode: tuple(found for part in parts for found in _ranks(part, exam.pages, mode))
            for mode in LOOKED_AT
        },
        best={
            mode: tuple(found for part in parts for found in _best(part, mode))
            for mode in LOOKED_AT
        },
    )


def _group(at: int, row: Row) -> str:
    if row.stream_id:
        return f"room {row.stream_id}"
    return f"product {row.product_id}" if row.product_id else f"clip {at}"


def _ranks(clips: Clips, pages: Pages, mode: Mode) -> list[int | None]:
    asked = np.flatnonzero(clips.usable[mode] & (clips.numbers >= 0))
    found: list[int | None] = [None] * len(clips.numbers)
    if len(asked):
        at = ranks(clips.scores[mode][asked], clips.numbers[asked], pages.numbers)
        for place, rank in zip(asked.tolist(), at.tolist(), strict=True):
            found[place] = int(rank)
    return found


def _best(clips: Clips, mode: Mode) -> list[float | None]:
    best = clips.scores[mode].max(axis=1)
    usable = clips.usable[mode].tolist()
    return [float(score) if seen else None for score, seen in zip(best, usable, strict=True)]
