"""Scores as probabilities: curves never fall, fit what they are told, and survive their JSON."""

import json
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.probability import METHODS, Curve, Method, curve_from_json
from models.probability_fit import fit_curve

PAIRS = st.lists(st.tuples(st.floats(-1, 1, width=16), st.booleans()), min_size=1, max_size=40)
ISOTONIC = Curve("isotonic", scores=(0.2, 0.4, 0.8), probabilities=(0.0, 0.5, 0.75))


def split(pairs: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [score for score, _ in pairs], [right for _, right in pairs]


def obvious_isotonic(scores: list[float], right: list[bool]) -> list[float]:
    """Return the fit at each score by its min-max formula, over all ranges of scores."""
    places = sorted(set(scores))

    def mean(low: float, high: float) -> float:
        inside = [told for score, told in zip(scores, right, strict=True) if low <= score <= high]
        return sum(inside) / len(inside)

    return [
        max(min(mean(low, high) for high in places if high >= one) for low in places if low <= one)
        for one in places
    ]


@given(PAIRS)
def test_the_isotonic_curve_is_that_of_the_obvious_loop(pairs: list[tuple[float, bool]]) -> None:
    scores, right = split(pairs)
    curve = fit_curve(scores, right, "isotonic")
    found = [curve.probability(one) for one in sorted(set(scores))]
    assert found == pytest.approx(obvious_isotonic(scores, right))


@given(PAIRS)
def test_no_slope_and_offset_beside_it_fit_platts_targets_better(
    pairs: list[tuple[float, bool]],
) -> None:
    scores, right = (np.array(column) for column in split(pairs))
    curve = fit_curve(scores, right, "platt")
    yes = right.sum()
    targets = np.where(right, (yes + 1) / (yes + 2), 1 / (len(right) - yes + 2))

    def loss(slope: float, offset: float) -> float:
        logits = slope * scores + offset
        return float((np.logaddexp(0, logits) - targets * logits).sum())

    best = loss(curve.slope, curve.offset)
    for slope in (-0.1, 0.0, 0.1):
        for offset in (-0.1, 0.0, 0.1):
            if curve.slope + slope >= 0.0:
                assert best <= loss(curve.slope + slope, curve.offset + offset) + 1e-6


@given(PAIRS, st.sampled_from(METHODS), st.lists(st.floats(-2, 2), min_size=2, max_size=9))
def test_no_curve_falls_or_leaves_zero_to_one(
    pairs: list[tuple[float, bool]], method: Method, asked: list[float]
) -> None:
    curve = fit_curve(*split(pairs), method)
    found = [curve.probability(one) for one in sorted(asked)]
    assert all(0.0 <= one <= 1.0 for one in found)
    assert all(one <= other + 1e-12 for one, other in pairwise(found))


@given(PAIRS, st.sampled_from(METHODS))
def test_a_curve_survives_its_json(pairs: list[tuple[float, bool]], method: Method) -> None:
    curve = fit_curve(*split(pairs), method)
    assert curve_from_json(json.loads(json.dumps(asdict(curve)))) == curve


def test_straight_lines_lie_between_the_knots_and_flat_ones_beyond() -> None:
    found = [ISOTONIC.probability(one) for one in (-1.0, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)]
    assert found == pytest.approx([0.0, 0.0, 0.25, 0.5, 0.625, 0.75, 0.75])


def test_scores_that_tell_nothing_get_the_share_of_what_is_right() -> None:
    scores, right = [0.9, 0.8, 0.2, 0.1], [False, False, True, True]
    assert fit_curve(scores, right, "platt").probability(0.9) == pytest.approx(0.5)
    assert fit_curve(scores, right, "isotonic").probability(0.1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "curve",
    [
        Curve("platt", slope=-1.0),
        Curve("platt", slope=float("nan")),
        Curve("isotonic"),
        replace(ISOTONIC, probabilities=(0.5, 0.4, 0.9)),
        replace(ISOTONIC, probabilities=(0.5, 0.6, 1.9)),
        replace(ISOTONIC, scores=(0.2, 0.1, 0.8)),
        replace(ISOTONIC, scores=(0.2, 0.8)),
    ],
)
def test_a_curve_that_falls_or_is_none_is_refused(curve: Curve) -> None:
    with pytest.raises(InputError, match="no rising curve"):
        curve_from_json(asdict(curve))


@pytest.mark.parametrize("told", [None, {}, {"method": "platt", "slope": "steep"}, [1]])
def test_what_is_no_curve_is_refused(told: object) -> None:
    with pytest.raises(InputError, match="no curve of probabilities"):
        curve_from_json(told)


@pytest.mark.parametrize(
    ("scores", "right"), [([], []), ([0.5], [True, False]), ([float("nan")], [True])]
)
def test_there_must_be_something_to_fit(scores: list[float], right: list[bool]) -> None:
    with pytest.raises(InputError):
        fit_curve(scores, right, "platt")
