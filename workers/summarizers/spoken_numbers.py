"""Numbers that were said in words, in English and Chinese: "five hundred" is 500."""

import re
from collections.abc import Sequence

_ONES = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen",
)
_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")
_ADDED = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    **{sign: value for value, sign in enumerate("零一二三四五六七八九")},
    "两": 2,
}
_ENDLESS = 10**9
"""Grain of no number: anything may be added to it."""
_TIMES = {"hundred": 100, "thousand": 1_000, "十": 10, "百": 100, "千": 1_000, "万": 10_000}


def numbers_in(tokens: Sequence[str]) -> frozenset[str]:
    """Return all numbers that a row of tokens says, in digits.

    Args:
        tokens: in small letters; of Chinese one sign each.
    """
    found: set[str] = set()
    total, last, grain = 0, 0, _ENDLESS
    for word in [*tokens, ""]:
        if word.isdecimal():
            found.add(word)
        goes_on = grain < _ENDLESS
        if goes_on and word == "and":
            continue
        value = _ADDED.get(word)
        # "twenty five" adds up, "five five" and "nineteen ninety" are two numbers.
        if goes_on and (value is None or value >= grain) and word not in _TIMES:
            found.add(str(total + last))
            total, last, grain = 0, 0, _ENDLESS
        if value is not None:
            last, grain = last + value, 10 if value >= 20 else 1
        elif word in _TIMES:
            total, last, grain = total + (last or 1) * _TIMES[word], 0, _TIMES[word]
    return frozenset(found)
