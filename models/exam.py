"""An encoder examined on a manifest: clips against all pages, by picture, by words, by both.

In: an encoder and a list of rows. Out: plain figures and the scores behind them. Every clip and
page takes the live path, and a score is what the layout's comparison gives, as in `match`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from models.batch import BranchVectors, Domain, Sample
from models.encoder import Encoder
from models.errors import InputError
from models.evaluate import Recall, auroc, ranks, recall
from models.fusion import Floats
from models.manifest import Manifest, Split
from models.ranking import rank
from models.readable_pictures import ReadablePictures
from models.row_texts import TextChoice, heard_in, shown_texts
from models.score_blocks import BlockScorer
from models.sides import NO_PRODUCT, Side, Tell, encode_rows, without

Mode = Literal["picture", "text", "both", "chatter"]
"""What of a clip is looked at; `chatter`: its picture, with words about no product put to it."""
MODES: tuple[Mode, ...] = get_args(Mode)
Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Asked = dict[Mode, tuple[BranchVectors, npt.NDArray[np.bool_]]]
_MOST_CHATTER = 200


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
    """One encoder on one manifest; every row is encoded once."""

    def __init__(
        self,
        encoder: Encoder,
        manifest: Manifest,
        tell: Tell = _silent,
        choice: TextChoice | None = None,
    ) -> None:
        """Encode the gallery: all pages.

        Args:
            encoder: to be examined.
            manifest: rows and texts.
            tell: gets rows done and rows in all, of one side after the other.
            choice: which words are read.
        """
        self.encoder = encoder
        self.manifest = manifest
        self._tell = tell
        self._choice = choice or TextChoice()
        self.pictures = ReadablePictures()
        """Counts those that cannot be read; their rows go without."""
        ids = sorted({str(row.product_id) for row in manifest.pages})
        others = {row.product_id for row in manifest.rows} - {None, *ids}
        # Products of pages first: a product that only clips are of has a number past theirs.
        named = [*ids, *sorted(str(name) for name in others)]
        self._number = {name: at for at, name in enumerate(named)}
        self._sides: dict[tuple[Domain, Split, int | None], Side] = {}
        self._gallery = self._side("page", "test", None)
        self.pages = Pages(
            vectors=encoder.fuse(self._gallery.parts)[0],
            products=tuple(str(row.product_id) for row in manifest.pages),
            shops=tuple(row.shop for row in manifest.pages),
            numbers=self._gallery.products,
        )

    def has(self, split: Split, domain: Domain = "live") -> bool:
        """Whether there is any row of a split, live if not told otherwise."""
        return bool(self.manifest.of(domain, split))

    def side(self, domain: Domain, split: Split, most: int | None = None) -> Side | None:
        """Return the rows of a domain and split; none where there is no such row.

        Args:
            domain: pages are all pages, whatever their split.
            split: of clips.
            most: clips at most, spread evenly; none: all.
        """
        if domain == "page":
            return self._gallery
        if not self.manifest.of(domain, split):
            return None
        key = (domain, split, most)
        if key not in self._sides:
            self._sides[key] = self._side(domain, split, most)
        return self._sides[key]

    def _side(self, domain: Domain, split: Split, most: int | None) -> Side:
        manifest = self.manifest
        rows = manifest.pages if domain == "page" else manifest.of(domain, split)
        if most is not None and len(rows) > most:
            rows = tuple(rows[at * len(rows) // most] for at in range(most))
        texts = shown_texts(manifest, rows, split, self._choice)
        parts = encode_rows(self.encoder, manifest, rows, texts, self._tell, self.pictures)
        known = [self._number.get(str(row.product_id), NO_PRODUCT) for row in rows]
        return Side(tuple(rows), tuple(texts), parts, np.array(known, dtype=np.int64))

    def clips(self, split: Split, most: int | None = None) -> Clips:
        """Score the live rows of a split against every page, all at once.

        Args:
            split: which rows.
            most: rows at most, spread evenly; none: all.
        """
        side, asked = self._asked(split, most)
        scorer = self.scorer()
        fuse = self.encoder.fuse
        return Clips(
            numbers=self._of_pages(side),
            scores={mode: scorer(fuse(asked[mode][0])[0]) for mode in MODES},
            usable={mode: asked[mode][1] for mode in MODES},
            text_share=fuse(side.parts)[1][:, 1],
        )

    def scorer(self) -> BlockScorer:
        """Return what scores against every page."""
        return BlockScorer(self.encoder.layout, self.pages.vectors)

    def figures(self, split: Split, most: int | None = None) -> dict[str, Any]:
        """Return what `recalls` and `told_apart` say of `clips`, without all scores at once."""
        side, asked = self._asked(split, most)
        scorer, numbers, size = self.scorer(), self.pages.numbers, len(self.pages.products)
        products = self._of_pages(side)
        of = products >= 0
        recalled: dict[Mode, Recall] = {}
        apart: dict[Mode, dict[str, float]] = {}
        for mode, (parts, usable) in asked.items():
            if not usable.any():
                continue
            ranked = rank(scorer, self.encoder.fuse(parts)[0], products, numbers)
            if (usable & of).any():
                chosen = usable & of
                recalled[mode] = recall(ranked.before[chosen], products[chosen], size)
            best = ranked.best_score
            if (usable & of).any() and (usable & ~of).any():
                apart[mode] = _apart(best[usable & of], best[usable & ~of])
        return {
            "recall": {mode: asdict(one) for mode, one in recalled.items()},
            "no_product": apart,
        }

    def _of_pages(self, side: Side) -> Ints:
        """Return the product of each row; -1 too where no page is of it."""
        known = len(set(self.pages.products))
        found: Ints = np.where(side.products < known, side.products, NO_PRODUCT)
        return found

    def _asked(self, split: Split, most: int | None) -> tuple[Side, Asked]:
        side = self.side("live", split, most)
        if side is None:
            message = f"there are no live rows of split {split}"
            raise InputError(message)
        chatted = self._with_chatter(side.parts, split)
        return side, {
            "picture": side.seen("picture"),
            "text": side.seen("text"),
            "both": side.seen("both"),
            "chatter": (chatted, side.parts.has_image & chatted.has_text),
        }

    def _with_chatter(self, parts: BranchVectors, split: Split) -> BranchVectors:
        """Return the clips with other words: what is said in this split about no product."""
        splits = heard_in(split)
        texts = self.manifest.texts
        said = [one.text for one in texts if one.kind == "chatter" and one.split in splits]
        empty = [row for one in splits for row in self.manifest.live(one) if not row.product_id]
        said += [row.transcript for row in empty if row.transcript]
        said = sorted(set(said))[:_MOST_CHATTER]
        if not said:
            return without(parts, text=True)
        vectors = self.encoder.parts([Sample("live", (), text) for text in said]).text
        turn = np.arange(len(parts.text)) % len(said)
        spoken = np.full(len(turn), fill_value=True)
        return replace(parts, text=vectors[turn], has_text=spoken)


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
            found[mode] = _apart(of, none)
    return found


def _apart(of: Scores, none: Scores) -> dict[str, float]:
    return {
        "auroc": auroc(of, none),
        "products": len(of),
        "nothings": len(none),
        "product_median": float(np.median(of)),
        "nothing_p95": float(np.quantile(none, 0.95)),
    }


def report(exam: Exam, splits: Sequence[Split], most: int | None = None) -> dict[str, Any]:
    """Return the figures of some splits as JSON has them; splits without rows are left out.

    Args:
        exam: of the encoder and the data.
        splits: which rows.
        most: rows of a split at most; none: all.
    """
    return {split: exam.figures(split, most) for split in splits if exam.has(split)}
