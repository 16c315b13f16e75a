"""Fits what a title of a cart needs to be believed, on validation pairs."""

from collections.abc import Sequence

import numpy as np

from workers.rooms.pair_examples import window_of
from workers.rooms.pairs import Pair, is_none
from workers.summarizers.trained import Choice, Evidence, TrainedAnswers

_SILENT = 0.96
_WEIGHTS = (0.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0)


def fit_evidence(answers: TrainedAnswers, pairs: Sequence[Pair]) -> Evidence:
    """Return weight and threshold under which most windows are answered right.

    The weight is the smallest one that ranks most titles right. The threshold leaves at least .96
    of the windows without a product unnamed, if any does: a product missed is looked for by what
    was heard, a product invented is believed. Of those it is the one under which windows with and
    windows without a product, however many there are of each, fare best.
    """
    counted = [pair for pair in pairs if pair.cart_apart or pair.product_id is None]
    choices = [answers.choices(window_of(pair, cart=True)) for pair in counted]
    return fitted(counted, choices)


def fitted(pairs: Sequence[Pair], choices: Sequence[Sequence[Choice]]) -> Evidence:
    """Return weight and threshold for windows whose choices are known."""
    if not pairs:
        return Evidence()
    weight = max(_WEIGHTS, key=lambda one: (_ranked(pairs, choices, Evidence(one)), -one))
    gains = [max((one.gain for one in found), default=-np.inf) for found in choices]
    least = max(_thresholds(gains), key=lambda one: _worth(pairs, choices, Evidence(weight, one)))
    return Evidence(weight, least)


def _worth(
    pairs: Sequence[Pair], choices: Sequence[Sequence[Choice]], evidence: Evidence
) -> tuple[float, float]:
    silent = shares_right(pairs, choices, evidence).get(False, 1.0)
    return min(silent, _SILENT), share_right(pairs, choices, evidence)


def _ranked(pairs: Sequence[Pair], choices: Sequence[Sequence[Choice]], evidence: Evidence) -> int:
    """Return how many products are right if any is named."""
    return sum(
        bool(found) and pair.titles[evidence.best(found).index] == pair.title
        for pair, found in zip(pairs, choices, strict=True)
    )


def _thresholds(values: Sequence[float]) -> list[float]:
    """Return the middles between neighbouring values: any other threshold does as one of these."""
    known = np.unique([value for value in values if np.isfinite(value)])
    return [round(float(middle), 3) for middle in (known[:-1] + known[1:]) / 2] or [0.0]


def share_right(
    pairs: Sequence[Pair], choices: Sequence[Sequence[Choice]], evidence: Evidence
) -> float:
    """Return the mean of two shares: windows with a product that get one, and without that do not.

    Which product it is does not depend on the threshold.
    """
    shares = shares_right(pairs, choices, evidence).values()
    return sum(shares) / len(shares) if shares else 0.0


def shares_right(
    pairs: Sequence[Pair], choices: Sequence[Sequence[Choice]], evidence: Evidence
) -> dict[bool, float]:
    """Return the two shares by whether there is a product; none where there is no such window."""
    hits: dict[bool, list[bool]] = {}
    for pair, found in zip(pairs, choices, strict=True):
        speaks = max((one.gain for one in found), default=-np.inf) >= evidence.least
        hits.setdefault(not is_none(pair), []).append(speaks != is_none(pair))
    return {has: sum(found) / len(found) for has, found in hits.items()}
