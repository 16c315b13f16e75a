"""Where each query finds the pages of its product, with several right pages per query.

In: scores by blocks and what is of which product. Out: arrays with one value per query. Ties count
against the query: a page of another product with the same score stands before the right one, so
that a network that says the same of everything finds nothing. Nothing is averaged here.

The j-th right page stands at place r_j = j + (other pages with at least its score), and
AP = 1/P Σ_j j / r_j over all P right pages;
nDCG@10 = Σ_{r_j ≤ 10} 1/log2(1 + r_j) / Σ_{i ≤ min(10, P)} 1/log2(1 + i)
(Järvelin and Kekäläinen, 2002, eq. 3-4, for gains of 0 and 1).
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.fusion import Floats
from models.score_blocks import BlockScorer, Scores

Ints = npt.NDArray[np.int64]
NOWHERE = -1
"""In place of a page, or of a count, where there is none."""
_CUT = 10


@dataclass(frozen=True)
class Ranked:
    """What (Q,) queries found."""

    before: Ints
    """Pages of other products before the best right one; -1 where no page is right."""
    right_at: Ints
    """The best right page, or -1."""
    right_score: Scores
    """Its score; -inf where no page is right."""
    wrong_at: Ints
    """The best page of another product, or -1."""
    wrong_score: Scores
    """Its score; -inf where there is no other product."""
    average_precision: Scores
    """0 where no page is right."""
    ndcg_at_10: Scores
    """0 where no page is right."""

    def __len__(self) -> int:
        return len(self.before)

    @property
    def best_score(self) -> Scores:
        """(Q,) score of the first page, right or wrong."""
        return np.maximum(self.right_score, self.wrong_score)

    @property
    def reciprocal(self) -> Scores:
        """(Q,) 1 / place of the first right page; 0 where no page is right."""
        found: Scores = np.where(self.before >= 0, 1.0 / (1.0 + np.maximum(self.before, 0)), 0.0)
        return found

    def hit(self, k: int) -> Scores:
        """Return (Q,) 1 where a right page is among the first k, else 0."""
        return ((self.before >= 0) & (self.before < k)).astype(np.float64)

    def take(self, chosen: npt.NDArray[np.bool_] | Ints) -> "Ranked":
        """Return some of the queries."""
        return Ranked(**{item.name: getattr(self, item.name)[chosen] for item in fields(self)})


def rank(
    scorer: BlockScorer, queries: Floats, query_product: Ints, gallery_product: Ints
) -> Ranked:
    """Rank the gallery for every query.

    Args:
        scorer: of the gallery.
        queries: (Q, D).
        query_product: (Q,) numbers of products; those without a page find nothing.
        gallery_product: (G,); negative: of no product, so never right.

    Raises:
        InputError: shapes do not fit.
    """
    if len(gallery_product) != scorer.size or len(query_product) != len(queries):
        message = (
            f"{len(queries)} queries with {len(query_product)} products, "
            f"{scorer.size} pages with {len(gallery_product)}"
        )
        raise InputError(message)
    pages_of = _places(gallery_product)
    size = len(queries)
    before, right_at, wrong_at = (np.full(size, NOWHERE, dtype=np.int64) for _ in range(3))
    right_score, wrong_score = (np.full(size, -np.inf) for _ in range(2))
    found = Ranked(
        before, right_at, right_score, wrong_at, wrong_score, np.zeros(size), np.zeros(size)
    )
    nothing = np.zeros(0, dtype=np.int64)
    for where, block in scorer.blocks(queries):
        for at, scores in zip(range(where.start, where.stop), block, strict=True):
            own = pages_of.get(int(query_product[at]), nothing)
            _place(found, at, scores, own)
    return found


def _place(found: Ranked, at: int, scores: Scores, own: Ints) -> None:
    """Write what one query found; `scores` (G,) is spoilt."""
    right = scores[own]
    scores[own] = -np.inf
    if len(own) < len(scores):
        found.wrong_at[at] = scores.argmax()
        found.wrong_score[at] = scores[found.wrong_at[at]]
    if not len(own):
        return
    found.right_at[at] = own[right.argmax()]
    found.right_score[at] = right.max()
    before = len(scores) - np.searchsorted(np.sort(scores), np.sort(right)[::-1], side="left")
    turn = np.arange(1, len(own) + 1)
    places = turn + before
    found.before[at] = before[0]
    found.average_precision[at] = (turn / places).mean()
    gains = 1.0 / np.log2(1.0 + places[places <= _CUT])
    found.ndcg_at_10[at] = gains.sum() / (1.0 / np.log2(1.0 + turn[:_CUT])).sum()


def _places(product: Ints) -> dict[int, Ints]:
    """Return the pages of every product."""
    order = np.argsort(product, kind="stable")
    names, starts = np.unique(product[order], return_index=True)
    cut = np.split(order, starts[1:])
    return {int(name): at for name, at in zip(names, cut, strict=True) if name >= 0}
