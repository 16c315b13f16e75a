"""How well titles are told apart by what was heard, on arrays: windows against titles.

`combined` is what the match does with a candidate's two scores. Both are evidence on their own, so
what speaks against a candidate is multiplied: 1 − (1 − score)·(1 − named)^weight. Where nothing was
named the score stays what it was, so that one threshold serves clips with and without the name; a
weighted mean, which ranks as well, would halve it.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from models import sounds
from models.errors import InputError

Array = npt.NDArray[np.float64]
Numbers = TypeVar("Numbers", float, Array)


def combined(score: Numbers, named: Numbers, weight: float) -> Numbers:
    """Return the score of a candidate by both channels, from the first's to 1.

    Args:
        score: by vector, from -1 to 1.
        named: by sound, from 0 to 1.
        weight: of the second, at least 0, which leaves the score as it is.
    """
    doubt: Numbers = (1.0 - named) ** weight
    return score + (1.0 - score) * (1.0 - doubt)


def sound_scores(texts: Sequence[str], titles: Sequence[str]) -> Array:
    """Return (N, M): how much each title was named in each text, from 0 to 1."""
    weights = [sounds.title_weights(title) for title in titles]
    rows = []
    for text in texts:
        speech = sounds.heard(text)
        rows.append([sounds.named(one, speech) for one in weights])
    return np.asarray(rows, dtype=np.float64).reshape(len(texts), len(titles))


def ranks(scores: npt.ArrayLike, truth: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return (N,) the place of the right column in each row, from 1; equal ones count before it.

    Args:
        scores: (N, M); NaN for a column that is no candidate.
        truth: (N,) the right column.

    Raises:
        InputError: shapes that do not fit, or a right column that is no candidate.
    """
    values, right = np.asarray(scores, dtype=np.float64), np.asarray(truth, dtype=np.int64)
    if values.ndim != 2 or right.shape != values.shape[:1]:
        message = f"got scores {values.shape} and truths {right.shape}; (N, M) and (N,) would fit"
        raise InputError(message)
    if right.size and not 0 <= right.min() <= right.max() < values.shape[1]:
        message = f"truths should be columns from 0 to {values.shape[1] - 1}"
        raise InputError(message)
    own = values[np.arange(len(values)), right]
    if not np.isfinite(own).all():
        message = f"the right column of row {int(np.argmin(np.isfinite(own)))} is no candidate"
        raise InputError(message)
    with np.errstate(invalid="ignore"):
        return np.asarray((values >= own[:, None]).sum(axis=1), dtype=np.int64)


def recall(places: npt.ArrayLike, most: int) -> float:
    """Return the share of places that are among the first so many; 0 of none."""
    found = np.asarray(places) <= most
    return float(found.mean()) if found.size else 0.0
