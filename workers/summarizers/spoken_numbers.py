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
_TIMES = {"hundred": 100, "thousand": 1_000, "十": 10, "百": 100, "千": 1_000, "万": 10_000}


def numbers_in(tokens: Sequence[str]) -> frozenset[str]:
    """Return all numbers that a row of tokens says, in digits.

    Args:
        tokens: in small letters; of Chinese one sign each.
    """
    found: set[str] = set()
    total, last, inside = 0, 0, False
    for word in [*tokens, ""]:
        if word.isdecimal():
            found.add(word)
        if word in _ADDED:
            # "twenty five" adds up, "five five" is two numbers.
            if inside and _ADDED[word] and 0 < last <= _ADDED[word]:
                found.add(str(total + last))
                total, last = 0, 0
            last += _ADDED[word]
            inside = True
        elif word in _TIMES:
            total, last, inside = total + (last or 1) * _TIMES[word], 0, True
        elif not (inside and word == "and"):
            if inside:
                found.add(str(total + last))
            total, last, inside = 0, 0, False
    return frozenset(found)
