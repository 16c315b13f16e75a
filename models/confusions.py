"""The worst confusions: queries that preferred a page of another product by far.

In: the answers of one direction. Out: rows and scores of the worst, for people to look at.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from models.directions import Answered
from models.manifest import Row

_OF_A_PAIR = 2
"""Confusions of the same two products that are shown; more would teach nothing new."""


@dataclass(frozen=True)
class Confusion:
    """One query and what stood before its product."""

    query: Row
    text: str | None
    """That was read with the query."""
    right: Row
    """The best row of its product."""
    wrong: Row
    """The best row of another product, or of none."""
    right_score: float
    wrong_score: float
    place: int
    """Of the right row, from 2 on."""


def worst_confusions(answered: Answered, most: int = 24) -> list[Confusion]:
    """Return wrong answers, those first whose wrong row leads by most.

    Args:
        answered: of one direction.
        most: confusions at most, two of a pair of products.
    """
    ranked, queries, gallery = answered.ranked, answered.queries, answered.gallery
    wrong = np.flatnonzero(ranked.before > 0)
    lead = ranked.wrong_score[wrong] - ranked.right_score[wrong]
    pairs: Counter[tuple[str | None, str | None]] = Counter()
    made: list[Confusion] = []
    for at in wrong[np.argsort(-lead, kind="stable")]:
        found = Confusion(
            query=queries.rows[at],
            text=queries.texts[at],
            right=gallery.rows[ranked.right_at[at]],
            wrong=gallery.rows[ranked.wrong_at[at]],
            right_score=float(ranked.right_score[at]),
            wrong_score=float(ranked.wrong_score[at]),
            place=int(ranked.before[at]) + 1,
        )
        pair = (found.query.product_id, found.wrong.product_id)
        pairs[pair] += 1
        if pairs[pair] <= _OF_A_PAIR:
            made.append(found)
        if len(made) == most:
            break
    return made
