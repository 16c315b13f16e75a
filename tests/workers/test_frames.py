"""Frame choice: one answer per slot, the sharpest new picture or why there is none."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.frames import (
    GREY_SHAPE,
    FrameChooser,
    FrameSlot,
    Grey,
    cell_means,
    is_duplicate,
    sharpness,
)


def scene(seed: int) -> Grey:
    random = np.random.default_rng(seed)
    return np.kron(
        random.integers(0, 256, (9, 16), dtype=np.uint8), np.ones((10, 10), dtype=np.uint8)
    )


def blurred(grey: Grey, times: int = 6) -> Grey:
    levels = grey.astype(np.float32)
    for _ in range(times):
        levels += np.roll(levels, 1, 0) + np.roll(levels, 1, 1)
        levels /= 3
    return levels.astype(np.uint8)


def choose(
    pictures: list[tuple[int, Grey]], end_ms: int, refresh_ms: int = 4_000
) -> list[FrameSlot[int]]:
    """Play (time, picture) pairs; the picture handed out is its number."""
    chooser: FrameChooser[int] = FrameChooser(500, refresh_ms, 4)
    slots: list[FrameSlot[int]] = []
    for number, (at_ms, grey) in enumerate(pictures):
        slots += chooser.advance(at_ms)
        if chooser.wants(at_ms):
            chooser.offer(at_ms, grey, number)
    return slots + chooser.flush(end_ms)


def test_an_unchanged_scene_is_kept_once_and_again_within_the_refresh_time() -> None:
    still = [(at_ms, scene(1)) for at_ms in range(0, 10_000, 40)]
    kept_ms = [slot.at_ms for slot in choose(still, 10_000) if slot.choice == "kept"]
    assert kept_ms[0] == 0
    assert all(0 < b - a <= 4_000 for a, b in pairwise(kept_ms))
    assert len(kept_ms) == 3


def test_a_new_scene_is_kept_in_its_slot() -> None:
    cut = [(at_ms, scene(1 if at_ms < 1_200 else 2)) for at_ms in range(0, 2_000, 40)]
    choices = [slot.choice for slot in choose(cut, 2_000)]
    assert choices[0] == "kept"
    assert choices.count("kept") == 2
    assert "kept" in choices[2:4]


def test_the_sharpest_candidate_of_a_slot_is_the_one_kept() -> None:
    pictures = [(0, blurred(scene(1))), (130, scene(1)), (260, blurred(scene(1), 3))]
    (slot,) = choose(pictures, 500)
    assert (slot.choice, slot.picture, slot.at_ms, slot.seen) == ("kept", 1, 130, 3)


def test_motion_blur_is_not_kept() -> None:
    pictures = [(0, scene(1)), (600, blurred(scene(2), 20)), (1_100, scene(2))]
    assert [slot.choice for slot in choose(pictures, 1_500)] == ["kept", "blurred", "kept"]


def test_a_black_room_shows_nothing_until_a_picture_comes() -> None:
    black = np.zeros(GREY_SHAPE, dtype=np.uint8)
    pictures = [(0, black), (500, black), (1_000, scene(1))]
    assert [slot.choice for slot in choose(pictures, 1_500)] == ["blurred", "blurred", "kept"]


def test_a_slot_without_pictures_says_none() -> None:
    slots = choose([(0, scene(1)), (1_600, scene(2))], 2_000)
    assert [slot.choice for slot in slots] == ["kept", "none", "none", "kept"]


def test_a_slot_with_one_picture_is_answered_by_it_however_early_it_comes() -> None:
    slots = choose([(0, scene(1)), (490, scene(1)), (510, scene(2))], 1_000)
    assert [slot.choice for slot in slots] == ["kept", "kept"]


def test_only_a_few_pictures_of_a_slot_are_looked_at() -> None:
    chooser: FrameChooser[int] = FrameChooser(500, 4_000, 4)
    looked = 0
    for at_ms in range(0, 500, 10):
        if chooser.wants(at_ms):
            looked += 1
            chooser.offer(at_ms, scene(1), at_ms)
    assert looked == 4
    assert chooser.counts["seen"] == 50


def test_a_late_picture_is_counted_and_changes_nothing() -> None:
    chooser: FrameChooser[int] = FrameChooser(500, 4_000, 4)
    chooser.advance(1_000)
    assert not chooser.wants(900)
    assert chooser.counts["late"] == 1


def test_a_small_thing_held_into_a_still_scene_is_new() -> None:
    before, after = scene(1), scene(1).copy()
    after[30:55, 60:80] = 255 - after[30:55, 60:80]
    assert not is_duplicate(cell_means(after), cell_means(before))


def test_codec_noise_is_nothing_new() -> None:
    noise = np.random.default_rng(3).normal(0, 6, GREY_SHAPE)
    noisy = np.clip(scene(1) + noise, 0, 255).astype(np.uint8)
    assert is_duplicate(cell_means(noisy), cell_means(scene(1)))


@pytest.mark.parametrize("times", [1, 4, 12])
def test_blurring_lowers_sharpness(times: int) -> None:
    assert sharpness(blurred(scene(5), times)) < sharpness(scene(5))


@given(st.lists(st.integers(1, 3_000), max_size=20), st.integers(1, 9_000))
def test_every_slot_is_answered_once_in_order_and_only_the_final_is_last(
    steps_ms: list[int], rest_ms: int
) -> None:
    times = np.cumsum([0, *steps_ms]).tolist()
    end_ms = times[-1] + rest_ms
    slots = choose([(at_ms, scene(at_ms % 3)) for at_ms in times], end_ms)
    assert [slot.slot for slot in slots] == list(range(len(slots)))
    assert [slot.start_ms for slot in slots] == [slot.slot * 500 for slot in slots]
    assert [slot.last for slot in slots] == [False] * (len(slots) - 1) + [True]
    assert slots[-1].end_ms == end_ms
    assert sum(slot.seen for slot in slots) == len(times)
    assert all((slot.picture is not None) == (slot.choice == "kept") for slot in slots)
