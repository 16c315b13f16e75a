"""Loops of a decoder: cut to one copy, and what people repeat is let be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.events import Word
from workers.loops import repeated


def left_of(text: str, repeats: int = 4) -> str:
    words = [
        Word(text=part, start_ms=i, end_ms=i + 1, probability=1.0)
        for i, part in enumerate(text.split())
    ]
    gone = repeated(words, repeats)
    return " ".join(word.text for index, word in enumerate(words) if index not in gone)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("latte, mocha, latte, mocha, latte, mocha, Latte, mocha!", "latte, mocha,"),
        ("buy the oat milk the oat milk the oat milk the oat milk the now", "buy the oat milk now"),
        ("go go go go go", "go go go go go"),
        ("you you you you you you", "you"),
        ("b b b b b b a " * 4, "b a"),
        ("like this like this like this", "like this like this like this"),
        ("", ""),
    ],
)
def test_a_loop_is_cut_to_its_first_copy(text: str, left: str) -> None:
    assert left_of(text) == left


@given(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=5).filter(lambda p: len(set(p)) > 1),
    st.integers(4, 9),
    st.integers(3, 4),
)
def test_no_loop_is_left(phrase: list[str], copies: int, repeats: int) -> None:
    once = left_of(" ".join(phrase * copies), repeats)
    assert len(once.split()) <= len(phrase)
    assert left_of(once, repeats) == once


@given(st.lists(st.integers(), unique=True, max_size=20))
def test_words_that_differ_all_stay(numbers: list[int]) -> None:
    text = " ".join(f"w{abs(number)}{'n' if number < 0 else ''}" for number in numbers)
    assert left_of(text) == text
