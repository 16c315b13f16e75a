"""How much scores speak for a candidate: the fit against a slow one, and what is read back."""

import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from models.errors import InputError
from models.evidence import (
    LEAST_NATS,
    MOST_NATS,
    EvidenceWeights,
    Witness,
    evidence_from_json,
    weights_for,
)
from models.evidence_fit import fit_evidence

SEEN = EvidenceWeights(-20.0, {"vision": 27.0})
HEARD = EvidenceWeights(-5.0, {"speech": 9.0, "sounds": 6.0})
BOTH = EvidenceWeights(-18.0, {"vision": 26.0, "speech": 1.0, "sounds": 3.0, "variant": 2.0})
FITTED = (SEEN, HEARD, BOTH)


def slowly(scores: list[list[float]], right: list[bool], steps: int = 60_000) -> list[float]:
    """Weights and offset of the regression by plain gradient descent, the ridge included."""
    weights, offset = [0.0] * len(scores[0]), 0.0
    for _ in range(steps):
        slopes, slope = [0.01 * weight for weight in weights], 0.0
        for row, truth in zip(scores, right, strict=True):
            likely = 1 / (
                1 + math.exp(-offset - sum(w * x for w, x in zip(weights, row, strict=True)))
            )
            slope += likely - truth
            slopes = [one + (likely - truth) * x for one, x in zip(slopes, row, strict=True)]
        weights = [one - 0.2 * down for one, down in zip(weights, slopes, strict=True)]
        offset -= 0.2 * slope
    return [*weights, offset - math.log(sum(right) / (len(right) - sum(right)))]


def test_weights_are_those_of_a_slow_regression_less_the_odds_of_the_sample() -> None:
    draws = np.random.default_rng(3)
    scores = draws.uniform(0.0, 1.0, (24, 2)).round(2)
    right = (scores @ [2.0, 1.0] + draws.normal(0, 0.5, 24)) > 1.8
    fitted = fit_evidence(scores, right, ["vision", "speech"])
    slow = slowly(scores.tolist(), right.tolist(), 4_000)
    found = [fitted.weights["vision"], fitted.weights["speech"], fitted.offset]
    assert found == pytest.approx(slow, abs=0.02)


def test_more_wrong_candidates_of_the_same_kind_change_no_ratio() -> None:
    draws = np.random.default_rng(4)
    good, bad = draws.normal(0.9, 0.1, 400), draws.normal(0.6, 0.1, 400)
    once = fit_evidence(np.append(good, bad)[:, None], [True] * 400 + [False] * 400, ["vision"])
    often = fit_evidence(
        np.concatenate([good, *[bad] * 9])[:, None], [True] * 400 + [False] * 3_600, ["vision"]
    )
    # Two normal distributions of one width: the ratio is linear, 30 a unit, even in the middle.
    for fitted in (once, often):
        assert fitted.weights["vision"] == pytest.approx(30.0, rel=0.15)
        assert -fitted.offset / fitted.weights["vision"] == pytest.approx(0.75, abs=0.02)


def test_scores_that_part_all_candidates_have_finite_weights() -> None:
    fitted = fit_evidence([[0.9], [0.8], [0.3], [0.2]], [True, True, False, False], ["vision"])
    assert 0 < fitted.weights["vision"] < 200


@pytest.mark.parametrize(
    ("scores", "right", "says"),
    [
        ([[0.9], [0.1]], [True, True], "2 are right"),
        ([[0.9], [0.1]], [False, False], "0 are right"),
        ([[0.9, 0.1]], [True], "for 1 modalities"),
        ([[float("nan")], [0.1]], [True, False], "got scores"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    scores: list[list[float]], right: list[bool], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        fit_evidence(scores, right, ["vision"])


@pytest.mark.parametrize(
    ("by", "weights"),
    [
        ({"vision": 0.9}, SEEN),
        ({"speech": 0.9, "sounds": 0.1}, HEARD),
        ({"speech": 0.9}, HEARD),
        ({"vision": 0.9, "speech": 0.2, "sounds": 0.1}, BOTH),
        ({"sounds": 0.4}, None),
        ({}, None),
    ],
)
def test_a_candidate_is_weighed_by_the_modalities_that_its_clip_has(
    by: dict[str, float], weights: EvidenceWeights | None
) -> None:
    assert weights_for(FITTED, by) == weights


def test_a_clip_says_no_more_than_the_line_was_drawn_from() -> None:
    assert SEEN.nats({"vision": 0.8}) == pytest.approx(1.6)
    assert SEEN.nats({"vision": -1.0}) == LEAST_NATS
    assert EvidenceWeights(0.0, {"vision": 30.0}).nats({"vision": 1.0}) == MOST_NATS


def test_weights_are_read_back_as_written() -> None:
    assert evidence_from_json(json.loads(json.dumps([asdict(one) for one in FITTED]))) == FITTED


@pytest.mark.parametrize(
    "told",
    [
        7,
        [{"weights": {"vision": 1.0}}],
        [{"offset": 0.0, "weights": {"smell": 1.0}}],
        [{"offset": 0.0, "weights": {"vision": math.inf}}],
        [{"offset": 0.0, "weights": 3}],
        [{"offset": 0.0, "weights": {}}],
    ],
)
def test_malformed_weights_are_refused(told: object) -> None:
    with pytest.raises(InputError, match="weights of evidence"):
        evidence_from_json(told)


def test_senses_are_named_as_matches_name_them() -> None:
    witnesses: tuple[Witness, ...] = ("vision", "speech", "sounds", "variant")
    assert {name for one in FITTED for name in one.weights} == set(witnesses)
