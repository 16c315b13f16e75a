"""How far probabilities are from what came true, against slow obvious loops."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration_error import adaptive_error, brier, expected_error
from models.errors import InputError

PAIRS = st.lists(st.tuples(st.floats(0, 1, width=16), st.booleans()), min_size=1, max_size=60)


def distance(some: list[tuple[float, bool]]) -> float:
    return abs(sum(said for said, _ in some) - sum(right for _, right in some))


@given(PAIRS, st.integers(1, 20))
def test_expected_error_is_that_of_the_obvious_loop(
    pairs: list[tuple[float, bool]], bins: int
) -> None:
    said, right = zip(*pairs, strict=True)
    off = 0.0
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        last = number == bins - 1
        off += distance([one for one in pairs if low <= one[0] < high or (last and one[0] == 1.0)])
    # Halves, quarters … fall on a border exactly; others are as near to it as floats are.
    if all(abs(one * bins - round(one * bins)) > 1e-6 or bins in {1, 2, 4, 8, 16} for one in said):
        assert expected_error(said, right, bins) == pytest.approx(off / len(pairs))


@given(PAIRS)
def test_adaptive_error_parts_no_equal_probabilities(pairs: list[tuple[float, bool]]) -> None:
    said, right = zip(*pairs, strict=True)
    by_value: dict[float, list[tuple[float, bool]]] = {}
    for pair in pairs:
        by_value.setdefault(pair[0], []).append(pair)
    each = sum(distance(some) for some in by_value.values()) / len(pairs)
    # With as many bins as clips every value has a bin of its own.
    assert adaptive_error(said, right, len(pairs)) == pytest.approx(each)
    assert adaptive_error(said, right, 1) == pytest.approx(distance(pairs) / len(pairs))
    assert 0.0 <= adaptive_error(said, right) <= each + 1e-12


def test_adaptive_bins_hold_equally_many() -> None:
    # Two bins of two: (.1, .2 | wrong, right) is off by .7, (.3, .4 | right, right) by 1.3.
    said, right = [0.3, 0.1, 0.4, 0.2], [True, False, True, True]
    assert adaptive_error(said, right, 2) == pytest.approx((0.7 + 1.3) / 4)


def test_probabilities_that_come_true_as_often_as_they_say_have_no_error() -> None:
    said, right = [0.25] * 4 + [0.75] * 4, [True, False, False, False, True, True, True, False]
    assert expected_error(said, right) == adaptive_error(said, right) == 0.0
    assert brier(said, right) == pytest.approx(0.1875)


@pytest.mark.parametrize("said", [[], [1.2, 0.5], [float("nan"), 0.5], [0.5]])
def test_what_is_no_probability_is_refused(said: list[float]) -> None:
    for measure in (expected_error, adaptive_error, brier):
        with pytest.raises(InputError):
            measure(said, [True, False])
