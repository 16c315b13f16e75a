"""Which windows of a hard show have one right answer, on made timelines."""

from dataclasses import replace

import pytest

from tests.workers.test_rooms_pair_labels import BEANS, ITEMS, OAT
from workers.rooms.hard_windows import is_fair, widened
from workers.rooms.pair_labels import NONE, Label, Part
from workers.rooms.timeline import Sentence, Timeline


def fair(found: Label, *lines: tuple[str, str | None, str | None], window: tuple[int, int]) -> bool:
    """Whether a window of lines of three seconds (text, for sale, about) has one answer."""
    sentences = tuple(
        Sentence(text, 3_000 * at, 3_000 * at + 2_900, sold, "pitch", about)
        for at, (text, sold, about) in enumerate(lines)
    )
    return is_fair(Timeline(3_000 * len(lines), sentences), ITEMS, found, *window)


SLIP = ("The Brindmoor Dark Roast, no wait, the Oatelia", OAT.product_id, BEANS.product_id)
PITCH = ("It is lovely", OAT.product_id, None)
NAMED = Label("Otelia Vanilla", OAT, frozenset({"brand", "variant"}), "Otelia")


@pytest.mark.parametrize(
    ("window", "whole"),
    [
        #    0 ------- slip ------- 2,900   3,000 --- pitch --- 5,900
        ((0, 5_000), True),  # all of the slip, and some of what follows
        ((0, 2_000), False),  # ends before the slip is taken back
        ((1_000, 5_000), False),  # begins amid it
        ((3_000, 5_000), True),  # has nothing of it
    ],
)
def test_a_slip_is_heard_as_a_whole_or_not_at_all(window: tuple[int, int], *, whole: bool) -> None:
    assert fair(NAMED, SLIP, PITCH, window=window) == whole


@pytest.mark.parametrize(
    ("window", "wider"),
    [
        #    0 ------- slip ------- 2,900   3,000 --- pitch --- 5,900
        ((3_000, 5_000), (3_000, 5_000)),  # no slip in it
        ((1_000, 5_000), (0, 5_000)),  # begins amid the slip
        ((0, 2_000), (0, 3_300)),  # ends amid it
        ((0, 2_950), (0, 2_950)),  # ends just after it
    ],
)
def test_a_window_is_widened_to_all_of_a_slip(
    window: tuple[int, int], wider: tuple[int, int]
) -> None:
    sentences = tuple(
        Sentence(text, 3_000 * at, 3_000 * at + 2_900, sold, "pitch", about)
        for at, (text, sold, about) in enumerate((SLIP, PITCH))
    )
    assert widened(Timeline(6_000, sentences), *window) == wider


def test_a_window_that_became_too_long_is_no_example() -> None:
    assert fair(NAMED, *(PITCH,) * 7, window=(0, 18_000))
    assert not fair(NAMED, *(PITCH,) * 7, window=(0, 18_001))


def test_a_brand_that_sounds_like_anothers_or_like_nothing_is_no_example() -> None:
    lines, whole = (SLIP, PITCH), (0, 6_000)
    assert not fair(replace(NAMED, brand="Brint more"), *lines, window=whole)
    assert not fair(replace(NAMED, brand="oat"), *lines, window=whole)
    assert not fair(replace(NAMED, brand=None), *lines, window=whole)
    told: frozenset[Part] = frozenset({"variant"})
    assert fair(Label("Vanilla", OAT, told), *lines, window=whole), "its brand was not said"


def test_what_was_named_and_left_no_trace_is_no_example() -> None:
    assert not fair(Label(NONE, OAT, frozenset({"variant"})), PITCH, window=(0, 3_000))
    assert fair(Label(NONE, OAT), PITCH, window=(0, 3_000))
    assert fair(Label(NONE), ("Hello there", None, None), window=(0, 3_000))
