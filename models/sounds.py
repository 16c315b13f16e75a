"""Text to a sparse vector of character and phonetic n-grams, for names made of sounds.

Speech recognition writes a brand that it does not know as words that sound like it ("oatly" came
back as "Otley"), and no text encoder knows either. Grams of two to four characters of each word,
and of two to three of its Metaphone form, still overlap: with them first hits rose from .488 to
.835 on 121 spoken windows (facts.md §8). Deterministic across processes and machines: grams are
hashed with BLAKE2b, never with Python's seeded hash. Metaphone is for English; a word with other
letters keeps its character grams.
"""

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import jellyfish

DIMENSIONS = 2**20
"""Terms are numbers below this; two of a title's hundred grams rarely share one."""
_WORD = re.compile(r"[^\W_]+")
_MAX_WORDS = 200


@dataclass(frozen=True)
class SoundOptions:
    """How the two kinds of grams are weighed."""

    characters: tuple[int, int] = (2, 4)
    """Shortest and longest character gram."""
    phonetic: tuple[int, int] = (2, 3)
    """Shortest and longest gram of the Metaphone form."""
    phonetic_share: float = 0.5
    """Share of the phonetic grams in the squared length, from 0 to 1."""


DEFAULT = SoundOptions()


def terms(text: str, options: SoundOptions = DEFAULT) -> dict[int, float]:
    """Return term -> weight, of length one together; empty for a text without words.

    Args:
        text: in any case and Unicode form.
        options: the same ones for queries and titles.
    """
    words = _words(text)
    characters = Counter(gram for word in words for gram in _grams(f"^{word}$", options.characters))
    phonetic = Counter(
        gram
        for word in words
        for gram in _grams(f"^{jellyfish.metaphone(word)}$", options.phonetic)
        if _is_latin(word)
    )
    found: dict[int, float] = {}
    _add(found, "c", characters, 1.0 - options.phonetic_share if phonetic else 1.0)
    _add(found, "p", phonetic, options.phonetic_share)
    length = math.sqrt(sum(weight * weight for weight in found.values()))
    return {term: found[term] / length for term in sorted(found)} if length else {}


def overlap(first: dict[int, float], second: dict[int, float]) -> float:
    """Return the cosine of two term vectors of length one, from 0 to 1."""
    few, many = sorted((first, second), key=len)
    return min(1.0, sum(weight * many[term] for term, weight in few.items() if term in many))


def contained(title: dict[int, float], speech: dict[int, float]) -> float:
    """Return the share of a title's weight whose grams occur in speech, from 0 to 1.

    Speech says much beside the title, which a cosine would hold against it.
    """
    return min(1.0, sum(weight * weight for term, weight in title.items() if term in speech))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    return _WORD.findall(bare)[:_MAX_WORDS]


def _is_latin(word: str) -> bool:
    return word.isascii() and word.isalpha()


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
