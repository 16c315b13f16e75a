"""English text → words to compare: case, punctuation and ways to write numbers do not count.

The rules are those of Whisper's authors (Radford et al. 2022, appendix C), as transformers has
them, with three more that talk of prices and sizes needs: `twelve dollars ninety` is `$12.90`, a
unit is what its abbreviation says, and British spelling is American.
"""

import re
from typing import TYPE_CHECKING

from models.errors import InputError

if TYPE_CHECKING:
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

_SAME = {
    "ml": "milliliter", "milliliters": "milliliter", "millilitre": "milliliter",
    "millilitres": "milliliter", "cl": "centiliter", "centilitre": "centiliter",
    "centiliters": "centiliter", "centilitres": "centiliter", "l": "liter", "litre": "liter",
    "liters": "liter", "litres": "liter", "g": "gram", "grams": "gram", "kg": "kilo",
    "kilos": "kilo", "kilogram": "kilo", "kilograms": "kilo", "cm": "centimeter",
    "centimetre": "centimeter", "centimeters": "centimeter", "centimetres": "centimeter",
    "mm": "millimeter", "millimetre": "millimeter", "millimeters": "millimeter",
    "millimetres": "millimeter", "metre": "meter", "meters": "meter", "metres": "meter",
    "x": "by", "ok": "okay", "colour": "color", "colours": "colors", "favourite": "favorite",
    "favourites": "favorites", "grey": "gray", "flavour": "flavor", "flavours": "flavors",
    "neighbour": "neighbor", "neighbours": "neighbors", "aluminium": "aluminum",
}  # fmt: skip


def plain_english(text: str) -> list[str]:
    """Return a text's words as they are compared.

    Raises:
        InputError: transformers is not installed.
    """
    plain = str(_normaliser()(text))
    plain = re.sub(r"\bone\b(?=[ .]\d\d\b)", "$1", plain)
    plain = re.sub(r"\$(\d+) (?=\d\d\b)", r"$\1.", plain)
    return [_SAME.get(word, word) for word in plain.split()]


def _normaliser() -> "EnglishTextNormalizer":
    try:
        from transformers.models.whisper.english_normalizer import EnglishTextNormalizer
    except ImportError as error:
        message = f"word errors need transformers: pip install 'liveshelf[bench]' ({error})"
        raise InputError(message) from error
    return EnglishTextNormalizer({})
