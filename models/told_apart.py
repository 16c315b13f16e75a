"""How much what was said speaks against a title, for one whose own words were heard instead. Pure.

Look-alikes share most of their names: "Sage Tissues, 80 sheets" and "Sky Tissues, 80 sheets".
Pictures hardly tell them apart and a whole name's sound says little; the word or the size that one
has and the other has not says it all. Words are compared by how they sound, sizes by number and
unit ("90 grams" is "90 g").
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache

from models import sounds
from models.rarity import shipped_rarity
from models.word_parts import parts_of

_ALIKE = 0.45
"""Share of their words, of both together, that look-alikes have in common at least."""
_UNLIKE, _SAME = 0.6, 0.9
"""Words that sound less alike than the first are others; from the second on they are the same."""
_SHORTEST = 3
"""Letters of a word that can be told by its sound."""
_COMMON = 3.0
"""A word whose rarest sound weighs no more is in every talk ("with", "and"); "light" has 3.5."""


def against(titles: Sequence[str], said: str) -> list[float]:
    """Return for each title how much better the own words of a look-alike were heard than its own.

    Args:
        titles: of products that are to be told apart.
        said: what was heard.

    Returns:
        From -1 (one of a look-alike was heard clearly and none of its own) to 0 (no look-alike is
        ahead), in the order of the titles.
    """
    wanted = sorted(set(titles))
    heard = _heard({part for title in wanted for part in _parts(title)}, tuple(parts_of(said)))
    least = dict.fromkeys(titles, 0.0)
    for first, second in _pairs(tuple(wanted)):
        ahead = _best(first, second, heard) - _best(second, first, heard)
        least[first] = min(least[first], ahead)
        least[second] = min(least[second], -ahead)
    return [least[title] for title in titles]


def _best(title: str, other: str, heard: Mapping[str, float]) -> float:
    return max((heard[one] for one in _parts(title) - _parts(other)), default=0.0)


def _heard(parts: Iterable[str], spoken: Sequence[str]) -> dict[str, float]:
    """Return how clearly words, and numbers with their units, were said, from 0 to 1."""
    sizes = list(itertools.pairwise((*spoken, "")))
    # By term, as every part against every word, as `sounds.overlap` has it, is 24 times as slow.
    # Whisper writes some names as two words.
    words = {*spoken, *(one + after for one, after in itertools.pairwise(spoken))}
    by_term: dict[int, list[tuple[str, float]]] = {}
    for word in sorted(words):
        for term, weight in _terms(word).items() if len(word) >= _SHORTEST else ():
            by_term.setdefault(term, []).append((word, weight))
    return {part: _clearly(part, sizes, words, by_term) for part in parts}


def _clearly(
    part: str,
    sizes: Sequence[tuple[str, str]],
    words: Set[str],
    by_term: Mapping[int, Sequence[tuple[str, float]]],
) -> float:
    number, _, unit = part.partition(" ")
    if unit:
        return float(any(_is_size(number, unit, *pair) for pair in sizes))
    if part in words:
        return 1.0
    alike: dict[str, float] = {}
    for term, weight in _terms(part).items():
        for word, other in by_term.get(term, ()):
            alike[word] = alike.get(word, 0.0) + weight * other
    nearest = max(alike.values(), default=0.0)
    return min(1.0, max(0.0, (nearest - _UNLIKE) / (_SAME - _UNLIKE)))


def _is_size(number: str, unit: str, said: str, after: str) -> bool:
    # Hosts say "grams" and "litres" where titles have "g" and "l".
    return said == number + unit or (said == number and after[:1] == unit[0])


@lru_cache(maxsize=1_024)
def _pairs(titles: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return which titles are look-alikes of which."""
    return tuple(
        (first, second)
        for place, first in enumerate(titles)
        for second in titles[place + 1 :]
        if _share(_all_parts(first), _all_parts(second)) >= _ALIKE
    )


def _share(first: frozenset[str], second: frozenset[str]) -> float:
    either = first | second
    return len(first & second) / len(either) if either else 0.0


@lru_cache(maxsize=16_384)
def _parts(title: str) -> frozenset[str]:
    """Return the parts of a title that can be told when they are heard."""
    return frozenset(one for one in _all_parts(title) if _tells(one))


@lru_cache(maxsize=16_384)
def _all_parts(title: str) -> frozenset[str]:
    """Return words, and each number with the word behind it as one."""
    found, number = [], ""
    for word in parts_of(title):
        if word.isdecimal():
            found += [number] if number else []
            number = word
        else:
            found.append(f"{number} {word}" if number else word)
            number = ""
    return frozenset([*found, number] if number else found)


def _tells(part: str) -> bool:
    if any(letter.isdecimal() for letter in part):
        return True
    known = shipped_rarity()
    return len(part) >= _SHORTEST and max(map(known.weight, _terms(part))) > _COMMON


@lru_cache(maxsize=16_384)
def _terms(word: str) -> dict[int, float]:
    return sounds.terms(word)
