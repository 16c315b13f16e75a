"""Where to draw the line between a product and no product, from scores whose truth is known.

In: plain arrays. Out: a threshold, and how much a name that was heard counts beside the vector;
each belongs to one encoder (by fingerprint) and one scope, a threshold to one version of the index,
too. One of another means nothing and is refused by whoever loads it. A threshold is fitted on
scores that the weight went into.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.evidence import EvidenceWeights, evidence_from_json
from models.probability import Curve, curve_from_json
from models.sound_scores import Array, combined, ranks, recall

SOUND_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0)
"""Weights of the sound-alike score that are tried."""
_AS_GOOD = 0.01
Scope = Literal["cart", "shop", "catalogue"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class Calibration:
    """The least score at which a product is believed."""

    scope: Scope
    threshold: float
    """Compared with a candidate's score, from -1 to 1."""
    version: str
    """Names the data that it was fitted on; travels in a tag's evidence."""
    fingerprint: str
    """Of the encoder that it was fitted with."""
    index: str = ""
    """Version of the index that it was fitted with (`index_version`); empty: from before thresholds
    were bound to one, so that nobody may serve with it."""
    build: str = ""
    """The one build of an index that it may serve with; empty: any of that version."""
    precision: float | None = None
    """Share of believed clips that should be right; none: it was fitted for something else."""
    curve: Curve | None = None
    """Turns scores into probabilities; none: not calibrated."""
    evidence: tuple[EvidenceWeights, ...] = ()
    """How much each modality's scores speak for a candidate; none: not calibrated."""


@dataclass(frozen=True)
class SoundsWeight:
    """How much a name that was heard counts beside the vector."""

    scope: Scope
    weight: float
    """At least 0; see `models.sound_scores.combined`."""
    version: str
    """Names the data that it was fitted on."""
    fingerprint: str
    """Of the encoder that it was fitted with."""


@dataclass(frozen=True)
class FittedWeight:
    """A weight, and what it did on windows that it was not fitted on."""

    weight: float
    recall_1: float
    """Share of held-out windows whose product came first."""
    recall_5: float
    vector_recall_1: float
    """The same by the vector alone."""
    vector_recall_5: float
    count: int
    """Held-out windows."""


@dataclass(frozen=True)
class Fitted:
    """A threshold, and what it did on the data that it was fitted on."""

    threshold: float
    precision: float
    """Share of accepted scores that were of the right product."""
    recall: float
    """Share of right scores that were accepted."""
    count: int
    """Scores that it was fitted on."""


def index_version(fingerprint: str, sounds: str, weights: Mapping[str, float]) -> str:
    """Return 16 hexadecimal digits that name what in an index decides a score.

    Which products it holds does not count: they come and go while it serves.

    Args:
        fingerprint: of the encoder.
        sounds: version of the sound-alike weights of its titles.
        weights: how much a heard name counts, by scope; none counts 0.
    """
    told = {"encoder": fingerprint, "sounds": sounds,
            "weights": {scope: weight for scope, weight in weights.items() if weight}}  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def fit_threshold(
    scores: npt.ArrayLike,
    is_product: npt.ArrayLike,
    precision: float = 0.95,
    caution: float = 0.0,
) -> Fitted:
    """Return the lowest threshold whose accepted scores are right at least so often.

    The threshold lies half-way to the next lower score, so that scores a rounding below the
    last accepted one are still accepted.

    Args:
        scores: (N,) scores of first candidates.
        is_product: (N,) whether that candidate was the product being sold.
        precision: share of accepted scores that must be right, above 0, at most 1.
        caution: standard errors by which the share that was seen may be luck (Wilson, 1927, the
            lower end of his interval); 0: the share is taken as it is.

    Raises:
        InputError: nothing to fit on, or no threshold is that precise.
    """
    values = np.asarray(scores, dtype=np.float64)
    right = np.asarray(is_product, dtype=bool)
    if values.ndim != 1 or values.shape != right.shape or not values.size:
        message = f"got scores {values.shape} and truths {right.shape}; both should be (N,), N > 0"
        raise InputError(message)
    if not np.isfinite(values).all() or not 0.0 < precision <= 1.0:
        message = f"scores must be finite and precision in (0, 1], but it is {precision}"
        raise InputError(message)
    order = np.argsort(-values, kind="stable")
    values, right = values[order], right[order]
    hits = np.cumsum(right)
    shares = hits / np.arange(1, len(values) + 1)
    # Equal scores are accepted together or not at all.
    ends = np.append(values[1:] != values[:-1], True)
    least = _lower_end(shares, np.arange(1, len(values) + 1), caution)
    good = np.flatnonzero(ends & (least >= precision) & (hits > 0))
    if not good.size:
        message = f"no threshold over these {len(values)} scores reaches precision {precision}"
        raise InputError(message)
    last = int(good[-1])
    below = values[last + 1] if last + 1 < len(values) else values[last] - 0.02
    return Fitted(
        threshold=float((values[last] + below) / 2),
        precision=float(shares[last]),
        recall=float(hits[last] / hits[-1]),
        count=len(values),
    )


def _lower_end(shares: Array, counts: npt.NDArray[np.int64], errors: float) -> Array:
    square = errors * errors
    spread = np.sqrt(shares * (1.0 - shares) / counts + square / (4.0 * counts * counts))
    return np.asarray(
        (shares + square / (2.0 * counts) - errors * spread) / (1.0 + square / counts)
    )


def fit_sounds_weight(
    scores: npt.ArrayLike,
    named: npt.ArrayLike,
    truth: npt.ArrayLike,
    groups: Sequence[object] | None = None,
) -> FittedWeight:
    """Return the weight with the best mean reciprocal rank on one half; figures of the other.

    Args:
        scores: (N, M) by vector; NaN where a product is no candidate of the window.
        named: (N, M) by sound, from 0 to 1.
        truth: (N,) the right column.
        groups: (N,) what must not be in both halves, such as the brand; none: every window alone.

    Raises:
        InputError: shapes that do not fit, or a half with nothing in it.
    """
    by_vector, by_sound = np.asarray(scores, np.float64), np.asarray(named, np.float64)
    right = np.asarray(truth, dtype=np.int64)
    if by_sound.shape != by_vector.shape:
        message = f"got scores {by_vector.shape} and sounds {by_sound.shape}; both should be (N, M)"
        raise InputError(message)
    names = [str(one) for one in (groups if groups is not None else range(len(right)))]
    # Every second group of their names' order: the same halves whatever the windows' order.
    order = {name: place for place, name in enumerate(sorted(set(names)))}
    first = np.array([order[name] % 2 == 0 for name in names], dtype=bool)
    if len(names) != len(right) or not first.any() or first.all():
        message = f"{len(order)} groups of {len(names)} windows cannot be halved"
        raise InputError(message)

    def places(weight: float, half: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return ranks(combined(by_vector[half], by_sound[half], weight), right[half])

    gain = {one: float((1.0 / places(one, first)).mean()) for one in SOUND_WEIGHTS}
    # Of nearly as good weights the least: from some weight on the gain is flat, but what is only
    # mentioned goes on to outweigh what is seen.
    best = min(one for one in SOUND_WEIGHTS if gain[one] >= max(gain.values()) - _AS_GOOD)
    with_it, alone = places(best, ~first), places(0.0, ~first)
    return FittedWeight(
        best, recall(with_it, 1), recall(with_it, 5), recall(alone, 1), recall(alone, 5),
        len(with_it),
    )  # fmt: skip


def to_json(items: Sequence[Calibration], weights: Sequence[SoundsWeight] = ()) -> str:
    """Return JSON that `from_json` and `weights_from_json` read."""
    told: dict[str, object] = {"thresholds": [asdict(item) for item in items]}
    if weights:
        told["sounds"] = [asdict(item) for item in weights]
    return json.dumps(told, indent=2) + "\n"


def from_json(text: str, origin: str) -> tuple[Calibration, ...]:
    """Return what `to_json` wrote.

    Raises:
        InputError: it is malformed.
    """
    try:
        items = tuple(_calibration(item) for item in json.loads(text)["thresholds"])
    except (ValueError, TypeError, KeyError, InputError) as error:
        message = f"{origin} is no calibration: {error}"
        raise InputError(message) from error
    for item in items:
        if not _is_cosine(item.threshold):
            message = f"{origin}: threshold {item.threshold!r} should be from -1 to 1"
            raise InputError(message)
    return items


def weights_from_json(text: str, origin: str) -> tuple[SoundsWeight, ...]:
    """Return the sound weights that `to_json` wrote; none where an older version wrote it.

    Raises:
        InputError: it is malformed.
    """
    try:
        items = tuple(SoundsWeight(**item) for item in json.loads(text).get("sounds", ()))
    except (ValueError, TypeError, AttributeError) as error:
        message = f"{origin} is no calibration: {error}"
        raise InputError(message) from error
    for item in items:
        if not _is_weight(item.weight):
            message = f"{origin}: sound weight {item.weight!r} should be a number from 0"
            raise InputError(message)
    return items


def _calibration(told: dict[str, Any]) -> Calibration:
    curve = told.get("curve")
    return Calibration(
        **{
            **told,
            "curve": None if curve is None else curve_from_json(curve),
            "evidence": evidence_from_json(told.get("evidence", ())),
        }
    )


def _is_cosine(value: object) -> bool:
    return isinstance(value, int | float) and -1.0 <= value <= 1.0


def _is_weight(value: object) -> bool:
    return isinstance(value, int | float) and 0.0 <= value < math.inf
