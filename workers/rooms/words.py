"""Turns figures into words, as a host says them: numbers, prices, sizes."""

import re

_UNITS = {
    "ml": ("millilitre", "millilitres"), "cl": ("centilitre", "centilitres"),
    "l": ("litre", "litres"), "litre": ("litre", "litres"), "litres": ("litre", "litres"),
    "g": ("gram", "grams"), "kg": ("kilo", "kilos"), "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "m": ("metre", "metres"),
    "bags": ("tea bag", "tea bags"), "pieces": ("piece", "pieces"), "sheets": ("sheet", "sheets"),
    "pages": ("page", "pages"), "tablets": ("tablet", "tablets"),
    "capsules": ("capsule", "capsules"),
}  # fmt: skip
_INSIDE = {"ml", "cl", "l", "litre", "litres", "g", "kg", "bags", "pieces", "tablets", "capsules"}
"""Units of what is inside a container; a length is no amount."""
_SMALLER = {"ml": 1.0, "cl": 10.0, "l": 1000.0, "litre": 1000.0, "litres": 1000.0, "kg": 1000.0}
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip


def number_words(number: int) -> str:
    """Return a number from 0 to 9,999 in words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_ONES[hundreds]} hundred" + (f" and {number_words(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    joined = " and " if rest < 100 else " "
    return f"{_ONES[thousands]} thousand" + (f"{joined}{number_words(rest)}" if rest else "")


def price_words(price: str) -> str:
    """Return a price such as `2.95` as a host says it."""
    dollars, cents = (int(part) for part in price.split("."))
    spoken = f"{number_words(dollars)} dollar{'' if dollars == 1 else 's'}"
    return f"{spoken} {number_words(cents)}" if cents else spoken


def amount_words(size: str) -> str | None:
    """Return a size such as `330 ml` as a host says it; none where it is not an amount."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) (\w+)", size)
    return size_words(size) if found is not None and found[2] in _INSIDE else None


def size_words(size: str) -> str:
    """Return any size in words; what is neither figure nor known unit stays as it is."""

    def said(found: re.Match[str]) -> str:
        spoken = _figure(found[1])
        if found[3] not in _UNITS:
            return spoken + found[2] + (found[3] or "")
        one, many = _UNITS[found[3]]
        return f"{spoken} {one if spoken == 'one' else many}"

    words = re.sub(r"(\d+(?:\.\d+)?)(\s*)([a-zA-Z]+)?", said, size.replace("\u00d7", " x "))
    return re.sub(r"\s+", " ", re.sub(r"(?<=\s)x(?=\s)", "by", words)).strip()


def magnitude(size: str) -> float | None:
    """Return the first figure of a size in its small unit, for comparing sizes of one product."""
    found = re.search(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]+)?", size)
    return float(found[1]) * _SMALLER.get(found[2] or "", 1.0) if found else None


def _figure(text: str) -> str:
    whole, _, rest = text.partition(".")
    if int(whole) > 9_999:
        return text
    spoken = number_words(int(whole))
    return f"{spoken} point {' '.join(_ONES[int(digit)] for digit in rest)}" if rest else spoken
