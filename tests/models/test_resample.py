"""Intervals of shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.resample import share_of


@given(right=st.lists(st.booleans(), min_size=1, max_size=40), groups=st.integers(1, 5))
def test_a_share_lies_within_its_interval_or_at_its_edge(right: list[bool], groups: int) -> None:
    names = [str(at % groups) for at in range(len(right))]
    found = share_of(right, names, draws=200)
    assert found is not None
    assert found == share_of(right, names, draws=200)
    assert found.value == sum(right) / len(right)
    assert 0 <= found.low <= found.high <= 1


def test_no_case_has_no_share() -> None:
    assert share_of([], []) is None


def test_what_is_always_right_has_no_doubt() -> None:
    found = share_of([True] * 20, [str(at) for at in range(20)])
    assert found is not None
    assert (found.low, found.value, found.high) == (1.0, 1.0, 1.0)


def test_cases_of_few_groups_are_less_sure_than_as_many_alone() -> None:
    right = [at < 50 for at in range(100)]
    alone = share_of(right, [str(at) for at in range(100)])
    together = share_of(right, [str(at // 25) for at in range(100)])
    assert alone is not None
    assert together is not None
    assert together.high - together.low > alone.high - alone.low
    assert alone.high - alone.low == pytest.approx(0.196, abs=0.03)
