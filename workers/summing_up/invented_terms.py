"""Terms of a product's name that come from nowhere: nobody said them and nothing on sale has them.

Words are compared by spelling and sound, so that a brand as a model mends it is not held against
it. This is the measure, not the guard: it looks at the whole window and the whole cart.
"""

from collections.abc import Sequence

from workers.events import Word
from workers.summarizers.faithful import terms_heard
from workers.summarizers.hearing import content_tokens

_LEAST_LIKENESS = 0.5
"""How like a spoken word must be to count as said, from 0 to 1."""


def invented_terms(named: str, words: Sequence[Word], titles: Sequence[str]) -> list[str]:
    """Return the invented ones among a name's terms, in order.

    Args:
        named: product and attributes.
        words: of the window.
        titles: of the room's cart, whether or not who named it was told.
    """
    known = {term for title in titles for term in content_tokens(title)}
    known |= terms_heard(named, words, _LEAST_LIKENESS)
    return [term for term in content_tokens(named) if term not in known]
