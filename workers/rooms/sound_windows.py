"""Windows whose truth is known, as arrays on which the weight of what was heard is fitted.

From the summarizer's pairs: what was heard against titles, words alone. On whole rooms, where
pictures speak too, `workers.rooms.fit` fits the weight together with the threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.batch import Sample
from models.calibrate import FittedWeight, Scope, fit_sounds_weight
from models.errors import InputError
from models.sound_scores import Array, sound_scores
from workers.encoding import Encodes
from workers.rooms.pairs import Pair


@dataclass(frozen=True)
class SoundWindows:
    """N windows against M products."""

    scores: Array
    """(N, M) by vector; NaN where a product is no candidate."""
    named: Array
    """(N, M) by sound."""
    truth: tuple[int, ...]
    """(N,) the right column."""
    groups: tuple[str, ...]
    """(N,) what must not be fitted and measured on alike: brands, or rooms."""

    def fit(self) -> FittedWeight:
        """Return the weight that one half of the groups wants, with its figures on the other.

        Raises:
            InputError: too few groups.
        """
        return fit_sounds_weight(self.scores, self.named, self.truth, self.groups)


def of_pairs(pairs: Sequence[Pair], encoder: Encodes, scope: Scope) -> SoundWindows:
    """Return the windows in which a product was told apart by words.

    They stand against the titles of each cart, or against all titles.

    Raises:
        InputError: there is no such window.
    """
    told = [(pair, pair.title) for pair in pairs if pair.title and pair.told_apart]
    if not told:
        message = f"no window of {len(pairs)} pairs tells a product apart by words"
        raise InputError(message)
    titles = sorted({one for pair, title in told for one in (title, *pair.titles)})
    at = {title: column for column, title in enumerate(titles)}
    pages = encoder.encode([Sample("page", (), title) for title in titles])
    queries = encoder.encode([Sample("live", (), pair.transcript or None) for pair, _ in told])
    scores = np.array(
        [[part.score for part in encoder.layout.compare(query, pages)] for query in queries]
    )
    if scope == "cart":
        for row, (pair, title) in enumerate(told):
            candidates = {at[one] for one in (title, *pair.titles)}
            scores[row, [column for column in at.values() if column not in candidates]] = np.nan
    return SoundWindows(
        scores=scores,
        named=sound_scores([pair.transcript for pair, _ in told], titles),
        truth=tuple(at[title] for _, title in told),
        # A title begins with its brand.
        groups=tuple(title.split()[0].casefold() for _, title in told),
    )
