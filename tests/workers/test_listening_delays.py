"""Percentiles of delays against a slow count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from workers.listening.delays import delays_of


@given(waits_ms=st.lists(st.floats(0, 60_000), min_size=1, max_size=60))
def test_a_percentile_is_the_least_wait_that_so_many_do_not_exceed(waits_ms: list[float]) -> None:
    found = delays_of(waits_ms)
    for share, value_s in ((0.5, found.p50_s), (0.9, found.p90_s), (0.99, found.p99_s)):
        slow = next(
            wait
            for wait in sorted(waits_ms)
            if sum(one <= wait for one in waits_ms) >= share * len(waits_ms)
        )
        assert value_s == pytest.approx(slow / 1_000)


def test_nothing_has_no_delay() -> None:
    with pytest.raises(InputError, match="no word was heard"):
        delays_of([])
