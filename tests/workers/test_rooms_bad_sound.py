"""Stretches of bad sound: of the same length, only where they are, the same each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.rooms.bad_sound import spoil

RATE_HZ = 22_050
_STEPS = np.arange(6 * RATE_HZ)
TONE = (0.08 * (np.sin(_STEPS / 20) + np.sin(_STEPS / 1.5))).astype(np.float32)
"""Something low and something high."""


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1_000), start_ms=st.integers(0, 5_000), length_ms=st.integers(0, 9_000))
def test_only_the_stretch_changes(seed: int, start_ms: int, length_ms: int) -> None:
    spoilt = spoil(TONE, RATE_HZ, [(start_ms, start_ms + length_ms)], seed)
    start, end = (ms * RATE_HZ // 1000 for ms in (start_ms, start_ms + length_ms))
    assert spoilt.shape == TONE.shape
    assert np.array_equal(spoilt[:start], TONE[:start])
    assert np.array_equal(spoilt[end:], TONE[end:])
    assert np.abs(spoilt).max() <= 1.0
    assert np.array_equal(spoilt, spoil(TONE, RATE_HZ, [(start_ms, start_ms + length_ms)], seed))


@pytest.mark.parametrize("seed", range(12))
def test_every_way_is_heard(seed: int) -> None:
    spoilt = spoil(TONE, RATE_HZ, [(1_000, 5_000)], seed)
    change = (spoilt - TONE)[2 * RATE_HZ : 4 * RATE_HZ]
    assert np.sqrt(np.mean(change**2)) > 0.01
