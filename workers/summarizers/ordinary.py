"""Which words are ordinary English, so that a name made of others is likely a brand.

The list is what two vocabularies share, BERT's and SmolLM2's (NOTICE names them), with goods and
their kinds. A brand that speech recognition wrote as ordinary words is not told by it.
"""

from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("ordinary_words.txt")


@cache
def _words() -> frozenset[str]:
    return frozenset(_LIST.read_text(encoding="utf-8").split())


def is_ordinary(word: str) -> bool:
    """Return whether a word, in small letters, or its singular is in the list."""
    known = _words()
    return word in known or (word.endswith("s") and word[:-1] in known)
