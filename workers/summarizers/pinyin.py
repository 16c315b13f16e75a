"""How Chinese signs are read: speech recognition writes a brand with others that sound the same."""

from functools import lru_cache


@lru_cache(maxsize=20_000)
def syllables(signs: str) -> tuple[str, ...]:
    """Return the syllables of some signs, without tones; what is not Chinese stays as it is."""
    # Only rooms that speak Chinese wait for its tables.
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(signs))
