"""Which terms of a name were said, in words or in figures, or stand written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.windows import spoken
from workers.summarizers.faithful import terms_heard, terms_written, without_ground
from workers.summarizers.spoken_numbers import numbers_in


def missing(name: str, said: str) -> list[str]:
    return without_ground(name, terms_heard(name, spoken(said), 0.5))


def test_a_term_is_heard_by_spelling_or_by_sound_also_in_pieces() -> None:
    assert missing("Velmora Oat Drinks", "the vel mora oat drink") == []
    assert missing("Corvane Oil", "corvain oil") == []
    assert missing("Corvane Oil", "the olive oil") == ["corvane"]


def test_a_number_is_heard_in_words_or_figures_and_never_by_likeness() -> None:
    assert missing("Beans 500", "five hundred beans") == []
    assert missing("Beans 500", "500 beans") == []
    assert missing("Beans 500", "fifty beans") == ["500"]
    assert missing("咖啡 36", "咖 啡 三 十 六") == []


def test_parts_of_a_chinese_name_may_be_said_apart_but_not_left_out() -> None:
    assert missing("暖手皮手套", "这 双 暖 手 牌 的 皮 手 套") == []
    assert missing("玛瑞燕麦奶", "这 个 燕 麦 奶") == ["玛瑞", "瑞燕"]


def test_a_chinese_name_is_heard_by_its_sound() -> None:
    assert missing("佐凡金表", "这 款 左 饭 金 表") == []
    assert missing("佐凡金表", "这 款 金 表") == ["佐凡", "凡金"]


def test_what_is_written_must_be_spelled_so() -> None:
    assert terms_written("Nobre Lipstick", ["NOBRE", "lip"]) == {"nobre"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("one hundred and twenty", {"120"}),
        ("twenty five five", {"25", "5"}),
        ("two thousand three hundred and five", {"2305"}),
        ("nineteen ninety", {"19", "90"}),
        ("五 百 克", {"500"}),
        ("nothing and 7", {"7"}),
    ],
)
def test_numbers_in_words_are_read(said: str, found: set[str]) -> None:
    assert numbers_in(said.split()) == found


ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@given(st.integers(1, 9), st.integers(2, 9), st.integers(1, 9))
def test_any_number_of_three_digits_is_read(hundreds: int, tens: int, ones: int) -> None:
    words = [ONES[hundreds], "hundred", "and", TENS[tens], ONES[ones]]
    assert numbers_in(words) == {str(100 * hundreds + 10 * tens + ones)}
