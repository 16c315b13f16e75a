"""An encoder examined on a manifest: clips against all pages, by picture, by words, by both.

In: an encoder and a list of rows. Out: plain figures and the scores behind them. Every clip and
page takes the live path, and a score is what the layout's comparison gives, as in `match`.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from models.batch import BranchVectors, Sample, joined
from models.dataset import plain
from models.encoder import Encoder
from models.errors import InputError
from models.evaluate import Recall, auroc, ranks, recall
from models.fusion import Floats
from models.manifest import Manifest, Row, Split
from models.pictures import open_picture

Mode = Literal["picture", "text", "both", "chatter"]
"""What of a clip is looked at; `chatter`: its picture, with words about no product put to it."""
MODES: tuple[Mode, ...] = get_args(Mode)
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Tell = Callable[[int, int], None]
_CHUNK = 8
_MOST_CHATTER = 200
NO_PRODUCT = -1


@dataclass(frozen=True)
class Pages:
    """The gallery."""

    vectors: Floats
    """(G, D)."""
    products: tuple[str, ...]
    """(G,) product ids."""
    shops: tuple[str | None, ...]
    numbers: Ints
    """(G,) one number for each product."""


@dataclass(frozen=True)
class Clips:
    """Live rows of a split and their scores, by mode."""

    numbers: Ints
    """(Q,) number of the product, or -1."""
    scores: dict[Mode, Scores]
    """(Q, G) each."""
    usable: dict[Mode, npt.NDArray[np.bool_]]
    """(Q,) whether the clip has what the mode looks at."""
    text_share: Floats
    """(Q,) weight of the words where a clip has both."""


def _silent(_done: int, _total: int) -> None:
    pass


class Exam:
    """One encoder on one manifest; the gallery is encoded once."""

    def __init__(self, encoder: Encoder, manifest: Manifest, tell: Tell = _silent) -> None:
        self._encoder = encoder
        self._manifest = manifest
        self._tell = tell
        rows = manifest.pages
        parts = self._parts(rows, [row.title for row in rows])
        names = tuple(str(row.product_id) for row in rows)
        self._number = {name: at for at, name in enumerate(sorted(set(names)))}
        self.pages = Pages(
            vectors=encoder.fuse(parts)[0],
            products=names,
            shops=tuple(row.shop for row in rows),
            numbers=np.array([self._number[name] for name in names], dtype=np.int64),
        )

    def has(self, split: Split) -> bool:
        """Whether there is any live row of a split."""
        return bool(self._manifest.live(split))

    def clips(self, split: Split, most: int | None = None) -> Clips:
        """Score the live rows of a split against every page.

        Args:
            split: which rows.
            most: rows at most, spread evenly; none: all.
        """
        rows = self._manifest.live(split)
        if most is not None and len(rows) > most:
            rows = tuple(rows[at * len(rows) // most] for at in range(most))
        texts = texts_of(self._manifest, rows, split)
        parts = self._parts(rows, texts)
        chatted = self._with_chatter(parts, split)
        masked: dict[Mode, tuple[BranchVectors, npt.NDArray[np.bool_]]] = {
            "picture": (_without(parts, text=True), parts.has_image),
            "text": (_without(parts, image=True), parts.has_text),
            "both": (parts, parts.has_image & parts.has_text),
            "chatter": (chatted, parts.has_image & chatted.has_text),
        }
        known = [self._number.get(str(row.product_id), NO_PRODUCT) for row in rows]
        return Clips(
            numbers=np.array(known, dtype=np.int64),
            scores={mode: self._scores(masked[mode][0]) for mode in MODES},
            usable={mode: masked[mode][1] for mode in MODES},
            text_share=self._encoder.fuse(parts)[1][:, 1],
        )

    def _with_chatter(self, parts: BranchVectors, split: Split) -> BranchVectors:
        """Return the clips with other words: what is said in this split about no product."""
        splits = _heard_in(split)
        texts = self._manifest.texts
        said = [one.text for one in texts if one.kind == "chatter" and one.split in splits]
        empty = [row for one in splits for row in self._manifest.live(one) if not row.product_id]
        said += [row.transcript for row in empty if row.transcript]
        said = sorted(set(said))[:_MOST_CHATTER]
        if not said:
            return _without(parts, text=True)
        vectors = self._encoder.parts([Sample("live", (), text) for text in said]).text
        turn = np.arange(len(parts.text)) % len(said)
        spoken = np.full(len(turn), fill_value=True)
        return replace(parts, text=vectors[turn], has_text=spoken)

    def _scores(self, parts: BranchVectors) -> Scores:
        vectors = self._encoder.fuse(parts)[0]
        pages = self.pages.vectors
        rows = [
            [one.score for one in self._encoder.layout.compare(vector, pages)] for vector in vectors
        ]
        return np.array(rows, dtype=np.float64).reshape(len(vectors), len(pages))

    def _parts(self, rows: Sequence[Row], texts: Sequence[str | None]) -> BranchVectors:
        found = []
        for start in range(0, len(rows), _CHUNK):
            some = list(zip(rows, texts, strict=True))[start : start + _CHUNK]
            samples = [plain(self._manifest, row, open_picture, text) for row, text in some]
            found.append(self._encoder.parts(samples))
            self._tell(min(start + _CHUNK, len(rows)), len(rows))
        if not found:
            message = "there are no such rows"
            raise InputError(message)
        return joined(found)


def texts_of(manifest: Manifest, rows: Sequence[Row], split: Split) -> list[str | None]:
    """Return each row's text; where it has none, the texts of its product and split in turn.

    Rows without a product take chatter, and texts as heard go before summaries.
    """
    pool: dict[str | None, list[str]] = {}
    accepted = _heard_in(split)
    for heard in sorted(manifest.texts, key=lambda item: item.kind == "summary"):
        if heard.split in accepted:
            pool.setdefault(heard.product_id, []).append(heard.text)
    taken: dict[str | None, int] = {}
    found: list[str | None] = []
    for row in rows:
        known = pool.get(row.product_id, [])
        if row.transcript is not None or not known:
            found.append(row.transcript)
            continue
        turn = taken.get(row.product_id, 0)
        taken[row.product_id] = turn + 1
        found.append(known[turn % len(known)])
    return found


def _heard_in(split: Split) -> tuple[Split, ...]:
    """Return the splits whose texts belong to a split: lists of texts know one kind of test."""
    return ("test-unseen", "test") if split == "test-unseen" else (split,)


def _without(parts: BranchVectors, *, image: bool = False, text: bool = False) -> BranchVectors:
    nothing = np.zeros(len(parts.has_image), dtype=bool)
    if image:
        parts = replace(parts, image=np.zeros_like(parts.image), has_image=nothing)
    if text:
        parts = replace(parts, text=np.zeros_like(parts.text), has_text=nothing)
    return parts


def recalls(clips: Clips, pages: Pages) -> dict[Mode, Recall]:
    """Return how the clips of products find their pages; modes that no clip has are left out."""
    found: dict[Mode, Recall] = {}
    for mode in MODES:
        chosen = clips.usable[mode] & (clips.numbers >= 0)
        if chosen.any():
            numbers = clips.numbers[chosen]
            at = ranks(clips.scores[mode][chosen], numbers, pages.numbers)
            found[mode] = recall(at, numbers, len(pages.products))
    return found


def told_apart(clips: Clips) -> dict[Mode, dict[str, float]]:
    """Return how the best scores of clips with and without a product differ, by mode."""
    found: dict[Mode, dict[str, float]] = {}
    for mode in MODES:
        best, some = clips.scores[mode].max(axis=1), clips.usable[mode]
        of = best[some & (clips.numbers >= 0)]
        none = best[some & (clips.numbers < 0)]
        if len(of) and len(none):
            found[mode] = {
                "auroc": auroc(of, none),
                "products": len(of),
                "nothings": len(none),
                "product_median": float(np.median(of)),
                "nothing_p95": float(np.quantile(none, 0.95)),
            }
    return found


def report(exam: Exam, splits: Sequence[Split], most: int | None = None) -> dict[str, Any]:
    """Return the figures of some splits as JSON has them; splits without rows are left out.

    Args:
        exam: of the encoder and the data.
        splits: which rows.
        most: rows of a split at most; none: all.
    """
    found: dict[str, Any] = {}
    for split in splits:
        if not exam.has(split):
            continue
        clips = exam.clips(split, most)
        found[split] = {
            "recall": {mode: asdict(one) for mode, one in recalls(clips, exam.pages).items()},
            "no_product": told_apart(clips),
        }
    return found
