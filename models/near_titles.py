"""Which products have nearly the same title: by the characters and sounds of their words.

"Oat drink 1 l" and "Oat drink barista 1 l" share most grams of two to four characters
(`models.sounds`), whatever the order of the words. In: titles. Out: each product's nearest others.
"""

from collections.abc import Mapping

import numpy as np

from models import sounds
from models.neighbours import Neighbours

LEAST = 0.3
"""Cosine from which titles are near. Of the pairs of the demo's 278 titles 1.4 % have as much; from
0.5 on they are variants of one product, at 0.3 they share a word or two."""


def near_titles(titles: Mapping[str, str], most: int, least: float = LEAST) -> Neighbours:
    """Return the products whose titles are nearest to each product's, nearest first.

    Args:
        titles: by product.
        most: how many for each product.
        least: cosine of the titles' grams from which they count, from above 0 to 1.
    """
    names = sorted(titles)
    grams = [sounds.terms(titles[name]) for name in names]
    holders: dict[int, list[int]] = {}
    for at, own in enumerate(grams):
        for term in own:
            holders.setdefault(term, []).append(at)
    postings = {
        term: (np.array(at), np.array([grams[one][term] for one in at]))
        for term, at in holders.items()
        if len(at) > 1
    }
    found: dict[str, tuple[str, ...]] = {}
    for at, own in enumerate(grams):
        cosines = np.zeros(len(names))
        for term, weight in own.items():
            if term in postings:
                others, weights = postings[term]
                cosines[others] += weight * weights
        cosines[at] = 0.0
        near = np.argsort(-cosines, kind="stable")[:most]
        found[names[at]] = tuple(names[one] for one in near if cosines[one] >= least)
    return found
