"""Windows and batches: as short as may be, of one kind each, and nobody is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError
from workers.whisper_windows import CPU_WINDOWS_S, GPU_WINDOWS_S, batches, window_of


@given(st.integers(0, 3_000), st.sampled_from([CPU_WINDOWS_S, GPU_WINDOWS_S]))
def test_a_window_is_the_shortest_step_that_holds_the_sound(
    frames: int, steps_s: tuple[int, ...]
) -> None:
    window = window_of(frames, steps_s)
    assert window >= frames
    shorter = [step * 100 for step in steps_s if step * 100 < window]
    assert all(step < frames for step in shorter)


def test_a_longer_sound_is_refused() -> None:
    with pytest.raises(BadEventError, match=r"30\.1 s is over the limit of 30 s"):
        window_of(3_010, CPU_WINDOWS_S)


@given(st.lists(st.integers(0, 4)), st.integers(1, 8))
def test_everyone_is_in_one_batch_of_his_kind(keys: list[int], size: int) -> None:
    found = batches(keys, size)
    assert sorted(index for batch in found for index in batch) == list(range(len(keys)))
    assert all(len({keys[index] for index in batch}) == 1 for batch in found)
    assert all(batch == sorted(batch) and len(batch) <= size for batch in found)
    for key in set(keys):
        assert len([b for b in found if keys[b[0]] == key]) == -(-keys.count(key) // size)


@pytest.mark.parametrize(
    ("count", "calls", "sizes"), [(8, 2, [4, 4]), (9, 2, [5, 4]), (1, 4, [1]), (20, 2, [8, 8, 4])]
)
def test_calls_at_the_same_time_share_what_there_is(
    count: int, calls: int, sizes: list[int]
) -> None:
    assert [len(batch) for batch in batches(["same"] * count, 8, calls)] == sizes
