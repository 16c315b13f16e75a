"""Words and pauses: voice is at 0-1 s, 2-3 s and 4-5 s."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.events import Word
from workers.word_pauses import out_of_pauses

SPEECH = ((0, 1_000), (2_000, 3_000), (4_000, 5_000))


def word(start_ms: int, end_ms: int) -> Word:
    return Word(text="ask", start_ms=start_ms, end_ms=end_ms, probability=0.9)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((900, 2_500), (2_000, 2_500)),
        ((300, 2_200), (300, 1_000)),
        ((900, 4_600), (2_000, 3_000)),
        ((200, 800), (200, 800)),
        ((800, 1_400), (800, 1_400)),
        ((1_300, 1_700), (1_300, 1_700)),
    ],
)
def test_a_word_over_a_pause_is_where_more_of_it_is(
    times: tuple[int, int], expected: tuple[int, int]
) -> None:
    (found,) = out_of_pauses([word(*times)], SPEECH)
    assert (found.start_ms, found.end_ms) == expected


@given(st.lists(st.integers(0, 5_000), max_size=12))
def test_words_stay_in_order_and_only_shrink(times: list[int]) -> None:
    ends = sorted(times)
    words = [word(a, b) for a, b in pairwise(ends)]
    found = out_of_pauses(words, SPEECH)
    assert [one.start_ms for one in found] == sorted(one.start_ms for one in found)
    for old, new in zip(words, found, strict=True):
        assert old.start_ms <= new.start_ms <= new.end_ms <= old.end_ms
