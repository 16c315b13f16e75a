"""Windows whose truth is known, as arrays on which the weight of what was heard is fitted.

From the summarizer's pairs: what was heard against titles, words alone. On whole rooms, where
pictures speak too, `workers.rooms.fit` fits the weight together with the threshold.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.batch import Sample
from models.calibrate import FittedWeight, Scope, fit_sounds_weight
from models.errors import InputError
from models.sound_scores import Array, sound_scores
from workers.encoding import Encodes


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


@dataclass(frozen=True)
class HeardPair:
    """What was heard in one window, and the title that is right."""

    transcript: str
    title: str
    titles: tuple[str, ...]
    """Of the room's cart."""


def read_pairs(path: Path) -> tuple[HeardPair, ...]:
    """Return the pairs of a JSON Lines file in which the product was told apart by words.

    Raises:
        InputError: it is no such file, or has none.
    """
    found: list[HeardPair] = []
    read = 0
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["title"] and row["told_apart"]:
                found.append(HeardPair(row["transcript"], row["title"], tuple(row["titles"])))
            read += 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"line {1 + read} of {path} is no pair: {error!r}"
        raise InputError(message) from error
    if not found:
        message = f"{path} has no window in which a product was told apart by words"
        raise InputError(message)
    return tuple(found)


def of_pairs(pairs: Sequence[HeardPair], encoder: Encodes, scope: Scope) -> SoundWindows:
    """Return the pairs' windows: against the titles of each cart, or against all titles."""
    titles = sorted({title for pair in pairs for title in (pair.title, *pair.titles)})
    at = {title: column for column, title in enumerate(titles)}
    pages = encoder.encode([Sample("page", (), title) for title in titles])
    queries = encoder.encode([Sample("live", (), pair.transcript or None) for pair in pairs])
    scores = np.array(
        [[part.score for part in encoder.layout.compare(query, pages)] for query in queries]
    )
    if scope == "cart":
        for row, pair in enumerate(pairs):
            candidates = {at[title] for title in (pair.title, *pair.titles)}
            scores[row, [column for column in at.values() if column not in candidates]] = np.nan
    return SoundWindows(
        scores=scores,
        named=sound_scores([pair.transcript for pair in pairs], titles),
        truth=tuple(at[pair.title] for pair in pairs),
        # A title begins with its brand.
        groups=tuple(pair.title.split()[0].casefold() for pair in pairs),
    )
