"""Whether what a summary names has any ground: speech, the screen, or the cart.

A term is a content word of a name, or a pair of Chinese signs. It was heard when some spoken word,
or two or three of them joined, is spelled or sounds like it; a number when it was said in digits or
in words.
"""

from collections.abc import Sequence

from workers.events import Word
from workers.summarizers.hearing import content_tokens, heard_tokens, tokens
from workers.summarizers.spoken_numbers import numbers_in


def terms_heard(name: str, words: Sequence[Word], least_likeness: float) -> frozenset[str]:
    """Return the terms of a name that were said.

    Args:
        name: of a product.
        words: what was said.
        least_likeness: how like a term a spoken word must be, from 0 to 1.
    """
    terms = content_tokens(name)
    said = numbers_in([token for word in words for token in tokens(word.text)])
    found = heard_tokens(terms, words, least_likeness)
    return frozenset(term for term in terms if term in found or term in said)


def terms_written(name: str, lines: Sequence[str]) -> frozenset[str]:
    """Return the terms of a name that stand in one of several written lines."""
    found = {term for line in lines for term in content_tokens(line)}
    return frozenset(found.intersection(content_tokens(name)))
