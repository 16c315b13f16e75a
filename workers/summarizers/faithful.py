"""Whether what a summary names has any ground: speech, the screen, or the cart.

A term is a content word of a name, or a pair of Chinese signs. It was heard when some spoken word,
or two or three of them joined, is spelled or sounds like it; a number when it was said in digits or
in words.
"""

from collections.abc import Collection, Sequence

from workers.events import Word
from workers.summarizers.hearing import content_tokens, heard_tokens, is_unspaced, tokens
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


def without_ground(name: str, grounded: Collection[str]) -> list[str]:
    """Return the terms of a name that have no ground.

    Between two parts of a Chinese name that were said apart stands a pair that nobody said; it is
    forgiven when both its signs stand in pairs that were.

    Args:
        name: of a product.
        grounded: those of its terms that were heard or stand somewhere.
    """
    signs = {sign for term in grounded if is_unspaced(term) for sign in term}
    return [
        term
        for term in content_tokens(name)
        if term not in grounded and not (is_unspaced(term) and signs.issuperset(term))
    ]
