"""Text to a sparse vector of character and phonetic n-grams, for names made of sounds.

Speech recognition writes a brand that it does not know as words that sound like it ("oatly" came
back as "Otley"), and no text encoder knows either. Grams of two to four characters of each word,
and of two to three of its Metaphone form, still overlap: facts.md §8. What was said and a title are
not weighed alike. Speech has each gram that was heard, with weight 1. A title's gram weighs by how
rare it is in other titles and in the talk of hosts (`models.rarity`), and all of them together make
less than one, a short title's less than a long one's: so an inner product says how much of the
title was heard, hearing more never lowers it, what is said beside the title costs nothing, and two
words that could be chance do not beat five that could not.

Deterministic across processes and machines: grams are hashed with BLAKE2b, never with Python's
seeded hash.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import jellyfish

from models.rarity import Rarity, shipped_rarity
from models.word_parts import bare_parts_of

DIMENSIONS = 2**20
"""Terms are numbers below this; two of a title's hundred grams rarely share one."""
_MAX_WORDS = 200
_PRIOR = 500.0
# Added to a title's weight before it is shared out, in nats; an ordinary title weighs 370. From 400
# to 1,000 first hits are the same, but without it a short title of which half is heard by chance
# beats a long one that was named.
_CHANCE = 0.15
# Share of a title's weight that talk has by chance: twenty words that name nothing had .13 and
# less of every one of 240 titles in half of the windows, .19 in 95 of 100; a title that was named
# had .58 in half of them.
_LATIN = re.compile(r"[a-z]+")
_PHONETIC: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_LATIN, jellyfish.metaphone),
)
# The phonetic form of a script's words; words of other scripts have character grams alone.


@dataclass(frozen=True)
class SoundOptions:
    """How the two kinds of grams are weighed."""

    characters: tuple[int, int] = (2, 4)
    """Shortest and longest character gram."""
    phonetic: tuple[int, int] = (2, 3)
    """Shortest and longest gram of the phonetic form."""
    phonetic_share: float = 0.5
    """Share of the phonetic grams in the squared length, from 0 to 1, where words are compared."""
    across: tuple[int, int] = (3, 4)
    """Shortest and longest phonetic gram that may cross from one word into the next."""
    in_titles: tuple[float, float, float] = (0.6, 1.4, 1.0)
    """Weight in a title of a character gram, a phonetic one, and one across words."""


DEFAULT = SoundOptions()


def heard(text: str, options: SoundOptions = DEFAULT) -> dict[int, float]:
    """Return term -> 1 for every gram of what was said; empty for a text without words."""
    return dict.fromkeys(sorted(set().union(*_terms(text, options))), 1.0)


def title_weights(
    title: str, rarity: Rarity | None = None, options: SoundOptions = DEFAULT
) -> dict[int, float]:
    """Return term -> weight, together below 1; empty for a title without words.

    Args:
        title: in any case and Unicode form.
        rarity: how often grams occur; none: the table that is shipped, so that one product can be
            weighed without knowing its catalogue.
        options: the same ones as for what was said.
    """
    known = rarity or shipped_rarity()
    weights: dict[int, float] = {}
    for grams, factor in zip(_terms(title, options), options.in_titles, strict=True):
        for term in grams:
            weights[term] = weights.get(term, 0.0) + factor * known.weight(term)
    total = math.fsum(weights.values())
    return {term: weights[term] / (total + _PRIOR) for term in sorted(weights) if weights[term]}


def contained(title: Mapping[int, float], speech: Mapping[int, float]) -> float:
    """Return the inner product of a title's weights and what was heard, from 0 to 1."""
    return math.fsum(weight * speech.get(term, 0.0) for term, weight in title.items())


def named(title: Mapping[int, float], speech: Mapping[int, float]) -> float:
    """Return how much of a title was named beyond chance, from 0 to 1."""
    floor = _CHANCE * math.fsum(title.values())
    return max(0.0, contained(title, speech) - floor) / (1.0 - _CHANCE)


def version() -> str:
    """Return what names the weights of titles; an index with others should be built again."""
    return f"2-{shipped_rarity().version}"


def terms(text: str, options: SoundOptions = DEFAULT) -> dict[int, float]:
    """Return term -> weight, of length one together, to compare words; empty without words.

    Args:
        text: in any case and Unicode form.
        options: the same ones for both texts.
    """
    characters, phonetic = _grams_of(text, options)
    found: dict[int, float] = {}
    _add(found, "c", characters, 1.0 - options.phonetic_share if phonetic else 1.0)
    _add(found, "p", phonetic, options.phonetic_share)
    length = math.sqrt(sum(weight * weight for weight in found.values()))
    return {term: found[term] / length for term in sorted(found)} if length else {}


def overlap(first: dict[int, float], second: dict[int, float]) -> float:
    """Return the cosine of two term vectors of length one, from 0 to 1."""
    few, many = sorted((first, second), key=len)
    return min(1.0, sum(weight * many[term] for term, weight in few.items() if term in many))


def _terms(text: str, options: SoundOptions) -> tuple[set[int], set[int], set[int]]:
    """Return the terms of character grams, of phonetic grams, and of those across words."""
    characters, phonetic = _grams_of(text, options)
    whole = "".join(form for word in _words(text) for form in _forms(word))
    return (
        {_term(f"c{gram}") for gram in characters},
        {_term(f"p{gram}") for gram in phonetic},
        {_term(f"x{gram}") for gram in _grams(whole, options.across)},
    )


def _grams_of(text: str, options: SoundOptions) -> tuple[Counter[str], Counter[str]]:
    characters: Counter[str] = Counter()
    phonetic: Counter[str] = Counter()
    for word in _words(text):
        characters.update(_grams(f"^{word}$", options.characters))
        for form in _forms(word):
            phonetic.update(_grams(f"^{form}$", options.phonetic))
    return characters, phonetic


def _forms(word: str) -> list[str]:
    """Return a word's phonetic form, if its script has one."""
    return [form(word) for script, form in _PHONETIC if script.fullmatch(word)]


def _words(text: str) -> list[str]:
    return bare_parts_of(text)[:_MAX_WORDS]


def _grams(marked: str, sizes: tuple[int, int]) -> Iterator[str]:
    shortest, longest = sizes
    for size in range(shortest, longest + 1):
        for start in range(len(marked) - size + 1):
            yield marked[start : start + size]


def _add(found: dict[int, float], channel: str, grams: Counter[str], share: float) -> None:
    """Add one channel's grams, which together get the share of the squared length."""
    # Long grams say more than short ones, and a word said twice little more than once.
    weights = {gram: len(gram) * (1.0 + math.log(count)) for gram, count in grams.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    for gram in sorted(weights):
        term = _term(f"{channel}{gram}")
        found[term] = found.get(term, 0.0) + math.sqrt(share) * weights[gram] / length


def _term(gram: str) -> int:
    digest = hashlib.blake2b(gram.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % DIMENSIONS
