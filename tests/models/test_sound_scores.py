"""Two scores into one, and ranks: against slow loops, and weights fitted where truth is planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibrate import SOUND_WEIGHTS, fit_sounds_weight
from models.errors import InputError
from models.sound_scores import combined, ranks, recall, sound_scores

SCORES = st.floats(-1, 1)
SHARES = st.floats(0, 1)


@given(score=SCORES, named=SHARES, more=SHARES, weight=st.floats(0, 50))
def test_what_was_heard_adds_to_a_score_and_never_takes_away(
    score: float, named: float, more: float, weight: float
) -> None:
    low, high = sorted((named, more))
    assert score <= combined(score, low, weight) <= combined(score, high, weight) + 1e-12
    assert combined(score, high, weight) <= 1 + 1e-12
    # To the last bit: one threshold serves clips with and without words.
    assert combined(score, 0.0, weight) == combined(score, named, 0.0) == score


@given(data=st.data(), rows=st.integers(1, 6), columns=st.integers(1, 6))
def test_ranks_are_what_a_slow_loop_says(data: st.DataObject, rows: int, columns: int) -> None:
    values = [
        data.draw(st.lists(st.sampled_from([0.0, 0.25, 0.5]), min_size=columns, max_size=columns))
        for _ in range(rows)
    ]
    truth = data.draw(st.lists(st.integers(0, columns - 1), min_size=rows, max_size=rows))
    slow = []
    for row, right in zip(values, truth, strict=True):
        place = 1
        for column, value in enumerate(row):
            place += column != right and value >= row[right]
        slow.append(place)
    assert ranks(values, truth).tolist() == slow
    assert recall(slow, 2) == pytest.approx(sum(place <= 2 for place in slow) / rows)


def test_a_column_that_is_no_candidate_is_not_before_the_right_one() -> None:
    assert ranks([[0.2, np.nan, 0.9]], [0]).tolist() == [2]
    with pytest.raises(InputError, match="row 0 is no candidate"):
        ranks([[0.2, np.nan, 0.9]], [1])
    with pytest.raises(InputError, match="columns from 0 to 2"):
        ranks([[0.2, 0.1, 0.9]], [3])
    with pytest.raises(InputError, match="would fit"):
        ranks([[0.2, 0.1, 0.9]], [1, 1])


def test_the_title_that_was_misheard_is_named_most() -> None:
    titles = ("Oatrelle Oat Drink", "Ostro Olive Oil", "Marnaro Toothpaste")
    named = sound_scores(("so the ot rell oat drink", "that olive oil by ostrow", ""), titles)
    assert named.argmax(axis=1)[:2].tolist() == [0, 1]
    assert not named[2].any()
    assert sound_scores((), titles).shape == (0, 3)


def planted(sounds_tell: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Return windows in which only one of the two channels knows the product."""
    draw = np.random.default_rng(3)
    truth = draw.integers(0, 9, size=60)
    told, noise = np.full((60, 9), 0.1), draw.uniform(0, 0.5, size=(60, 9))
    told[np.arange(60), truth] = 0.4
    groups = [f"brand {row % 12}" for row in range(60)]
    return (noise, told, truth, groups) if sounds_tell else (told, noise, truth, groups)


def test_a_channel_that_knows_gets_the_weight() -> None:
    fitted = fit_sounds_weight(*planted(sounds_tell=True))
    assert fitted.weight >= 1
    assert fitted.recall_1 > 0.95 > 0.5 > fitted.vector_recall_1
    assert fitted.count == 30
    ignored = fit_sounds_weight(*planted(sounds_tell=False))
    assert (ignored.weight, ignored.recall_1) == (0.0, 1.0)


def test_windows_of_a_group_are_in_one_half_and_their_order_is_no_matter() -> None:
    scores, named, truth, groups = planted(sounds_tell=True)
    turned = fit_sounds_weight(scores[::-1], named[::-1], truth[::-1], groups[::-1])
    assert turned == fit_sounds_weight(scores, named, truth, groups)
    assert turned.weight in SOUND_WEIGHTS
    with pytest.raises(InputError, match="1 groups of 60 windows cannot be halved"):
        fit_sounds_weight(scores, named, truth, ["one"] * 60)
    with pytest.raises(InputError, match="both should be"):
        fit_sounds_weight(scores, named[:, :3], truth)
