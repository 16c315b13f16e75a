"""Threshold and probabilities of a scope: at a named precision, judged on other rooms."""

import numpy as np
import pytest

from models.errors import InputError
from models.probability import METHODS
from models.scope_calibration import ScopeClips, calibrate_scope


def clips(seed: int = 0, count: int = 3_000, steep: float = 25.0, rooms: int = 12) -> ScopeClips:
    """Return clips whose probability to be right is known: a sigmoid of the score."""
    draw = np.random.default_rng(seed)
    scores = np.clip(draw.normal(0.75, 0.12, count), -1, 1)
    right = draw.random(count) < 1 / (1 + np.exp(-steep * (scores - 0.75)))
    # Every tenth clip with a product finds another one.
    shown = right | (draw.random(count) < 0.1)
    return ScopeClips(scores, right, shown, tuple(f"room-{n % rooms}" for n in range(count)))


@pytest.mark.parametrize("precision", [0.8, 0.9, 0.95])
def test_a_named_precision_holds_on_rooms_that_were_held_out(precision: float) -> None:
    found = calibrate_scope(clips(), precision)
    assert found.precision == precision
    held = found.chosen
    assert held.precision is not None
    assert precision - 0.01 <= held.precision <= precision + 0.04
    assert found.clips == 3_000
    assert found.rooms == 12
    # On clips that nobody has seen, too.
    fresh = clips(seed=7)
    believed = fresh.scores >= found.threshold
    assert precision - 0.01 <= fresh.right[believed].mean() <= precision + 0.04


@pytest.mark.parametrize("count", [300, 1_000])
def test_few_clips_do_not_make_a_precision_seem_better_than_it_is(count: int) -> None:
    right = believed = 0.0
    for seed in range(20):
        found = calibrate_scope(clips(seed, count), 0.8)
        fresh = clips(1_000 + seed)
        accepted = fresh.scores >= found.threshold
        right += fresh.right[accepted].sum()
        believed += accepted.sum()
    assert right / believed >= 0.8


def test_probabilities_come_true_as_often_as_they_say() -> None:
    found = calibrate_scope(clips(), 0.9)
    assert found.chosen.expected_error <= 0.03
    assert found.chosen.adaptive_error <= 0.03
    for score in (0.6, 0.7, 0.75, 0.8, 0.9):
        true = 1 / (1 + np.exp(-25 * (score - 0.75)))
        assert found.curve.probability(score) == pytest.approx(true, abs=0.05)


def test_more_precise_is_higher_and_believes_less() -> None:
    low, high = (calibrate_scope(clips(), wanted) for wanted in (0.7, 0.95))
    assert low.threshold < high.threshold
    assert low.chosen.recall > high.chosen.recall
    assert low.chosen.false_share > high.chosen.false_share


def test_the_curve_with_the_better_held_out_brier_score_is_taken() -> None:
    # A step at .7 is no sigmoid: right always above it, and every second time below.
    draw = np.random.default_rng(1)
    scores = draw.uniform(0.4, 1.0, 4_000)
    right = (scores > 0.7) | (draw.random(4_000) < 0.5)
    step = ScopeClips(scores, right, right, tuple(f"r{n % 8}" for n in range(4_000)))
    found = calibrate_scope(step, 0.9)
    assert found.curve.method == "isotonic"
    assert set(found.held_out) == set(METHODS)
    assert found.held_out["isotonic"].brier < found.held_out["platt"].brier
    few = calibrate_scope(clips(count=150), 0.8)
    assert few.chosen.brier == min(one.brier for one in few.held_out.values())
    assert calibrate_scope(step, 0.9, ["platt"]).curve.method == "platt"


def test_held_out_figures_do_not_know_the_room_itself() -> None:
    # One room whose high scores are all wrong: fitted on itself it would be refused.
    honest = clips(rooms=4, count=800)
    scores = np.concatenate([honest.scores, np.full(100, 0.99)])
    wrong = np.zeros(100, dtype=bool)
    mixed = ScopeClips(
        scores,
        np.concatenate([honest.right, wrong]),
        np.concatenate([honest.shown, wrong]),
        (*honest.rooms, *["stranger"] * 100),
    )
    found = calibrate_scope(mixed, 0.7)
    # The others' threshold believes the whole room, and the others' curve is sure of it.
    assert found.chosen.false_share >= 100 / found.nothings
    assert found.chosen.expected_error > 0.05


def test_fpr_at_95_tpr_needs_no_fit() -> None:
    scores = np.concatenate([np.linspace(0.5, 1.0, 100), np.linspace(0.0, 0.6, 100)])
    shown = np.arange(200) < 100
    apart = ScopeClips(scores, shown, shown, tuple(f"r{n % 5}" for n in range(200)))
    kept = np.sort(scores[:100])[5]
    expected = (scores[100:] >= kept).mean()
    assert calibrate_scope(apart, 0.9).fpr_at_95_tpr == pytest.approx(expected)


@pytest.mark.parametrize(
    "unfit",
    [
        ScopeClips(
            np.array([0.5, 0.6]), np.array([True, False]), np.array([True, False]), ("a",) * 2
        ),
        ScopeClips(
            np.array([0.5, 0.6]), np.array([True, True]), np.array([True, True]), ("a", "b")
        ),
        ScopeClips(np.array([0.5, 0.6]), np.zeros(2, bool), np.zeros(2, bool), ("a", "b")),
    ],
)
def test_one_room_or_one_kind_of_clip_is_refused(unfit: ScopeClips) -> None:
    with pytest.raises(InputError, match="to hold rooms out"):
        calibrate_scope(unfit, 0.9)


def test_a_precision_that_no_threshold_reaches_is_refused() -> None:
    with pytest.raises(InputError, match=r"no threshold .* reaches precision 1\.0"):
        calibrate_scope(
            ScopeClips(
                np.array([0.5, 0.6, 0.7, 0.8]),
                np.array([True, True, True, False]),
                np.array([True, True, True, False]),
                ("a", "b", "a", "b"),
            ),
            1.0,
        )
