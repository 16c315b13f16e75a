"""Windows whose truth is known, as arrays on which the weight of what was heard is fitted.

From the summarizer's pairs: what was heard against titles, words alone. From matches of whole
rooms: what the live path saw and heard, if it ran with a weight of 0 and told of every candidate.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.batch import Sample
from models.calibrate import FittedWeight, Scope, fit_sounds_weight
from models.errors import InputError
from models.sound_scores import Array, sound_scores
from workers.encoding import Encodes
from workers.events import Match


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


def of_matches(
    matches: Iterable[Match], sold: Callable[[str, int], str | None]
) -> SoundWindows | None:
    """Return the clips of rooms in which a product was sold that was among the candidates.

    Args:
        matches: of a run with `match.sounds_weight` 0 and `match.top_k` as large as the cart.
        sold: room and media time in ms to the product for sale, or none.

    Returns:
        The windows, grouped by room; none if there is no such clip.
    """
    kept: list[tuple[Match, str]] = []
    for match in matches:
        right = sold(match.stream_id, (match.start_ms + match.end_ms) // 2)
        if right is not None and any(one.product_id == right for one in match.candidates):
            kept.append((match, right))
    if not kept:
        return None
    ids = sorted({one.product_id for match, _ in kept for one in match.candidates})
    at = {product_id: column for column, product_id in enumerate(ids)}
    scores, named = np.full((len(kept), len(ids)), np.nan), np.zeros((len(kept), len(ids)))
    for row, (match, _) in enumerate(kept):
        for one in match.candidates:
            scores[row, at[one.product_id]] = one.score
            named[row, at[one.product_id]] = one.by.get("sounds", 0.0)
    truth = tuple(at[right] for _, right in kept)
    return SoundWindows(scores, named, truth, tuple(match.stream_id for match, _ in kept))
