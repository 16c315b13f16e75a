"""Fits what a title of a cart needs to be believed, on validation pairs."""

from collections.abc import Sequence

import numpy as np

from workers.rooms.pair_examples import window_of
from workers.rooms.pairs import Pair, is_none
from workers.summarizers.trained import Choice, Evidence, TrainedAnswers

_WEIGHTS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)


def fit_evidence(answers: TrainedAnswers, pairs: Sequence[Pair]) -> Evidence:
    """Return weight and threshold under which most windows are answered right.

    Windows with a product and windows without count alike, however many there are of each.
    """
    counted = [pair for pair in pairs if pair.cart_apart or pair.product_id is None]
    if not counted:
        return Evidence()
    choices = [answers.choices(window_of(pair, cart=True)) for pair in counted]
    best = (-1.0, Evidence())
    for weight in _WEIGHTS:
        tops = [_top(found, weight) for found in choices]
        for least in _thresholds([value for value, _ in tops]):
            reached = share_right(counted, tops, least)
            if reached > best[0] + 1e-9:
                best = (reached, Evidence(weight, least))
    return best[1]


def _top(found: Sequence[Choice], weight: float) -> tuple[float, int]:
    values = [(choice.gain + weight * choice.sound, choice.index) for choice in found]
    return max(values, key=lambda one: one[0], default=(-np.inf, -1))


def _thresholds(values: Sequence[float]) -> list[float]:
    """Return the middles between neighbouring values: any other threshold does as one of these."""
    known = np.unique([value for value in values if np.isfinite(value)])
    return [round(float(middle), 3) for middle in (known[:-1] + known[1:]) / 2] or [0.0]


def share_right(pairs: Sequence[Pair], tops: Sequence[tuple[float, int]], least: float) -> float:
    """Return the mean of the shares of right windows with a product and without."""
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for pair, (value, index) in zip(pairs, tops, strict=True):
        if is_none(pair):
            hits[False].append(value < least)
        else:
            hits[True].append(value >= least and pair.titles[index] == pair.title)
    shares = [sum(found) / len(found) for found in hits.values() if found]
    return sum(shares) / len(shares) if shares else 0.0
