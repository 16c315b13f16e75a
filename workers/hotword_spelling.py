"""Hotwords that were written otherwise: "ice mocha" where the cart says "iced mocha". Pure.

A model writes what it knows. Where words that it doubts sound like a name of the room, the sound is
asked how probable the sentence is with the name in their place: a name that is expected gets a
bonus in log probability over what is not, as phrases of a context do in shallow fusion (Williams et
al., 2018, "Contextual Speech Recognition in End-to-End Neural Network Systems Using Beam Search",
section 3), and where that is enough, it is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import jellyfish

from models.word_parts import parts_of
from workers.hotword_support import parts_of_all


@dataclass(frozen=True)
class SpellingOptions:
    """Which words are taken for a hotword, and how much is given to it."""

    bonus: float = 5.0
    """In nats: a sentence may be so much less probable with the name and still stand; 0: names are
    never written where something else was heard. Of 201 recorded orders, clean and in a kitchen,
    names that were said cost 1.8 to 5.0; of those that were not, one 4.0 and the others from 9.7
    on."""
    word_probability: float = 0.7
    """Words none of which is below it are left as they are."""
    sound_distance: float = 0.2
    """Edits of the phonetic form, per sign of the longer one, up to which two sound alike ..."""
    letter_distance: float = 0.4
    """... if no more of their letters differ, too."""
    least_letters: int = 4
    """Shorter names are too like too much."""
    most: int = 4
    """Most places of an utterance that are tried, the likest first."""


@dataclass(frozen=True)
class Spelling:
    """A name in place of some of the words that were heard."""

    first: int
    end: int
    """Behind the last word that it replaces."""
    name: str
    distance: float
    """Of sound and letters, 0: alike in both."""


@dataclass(frozen=True)
class _Form:
    text: str
    letters: str
    sound: str


def spellings(
    words: Sequence[tuple[str, float]], names: Sequence[str], options: SpellingOptions
) -> list[Spelling]:
    """Return names, or runs of words of one, that stand for something that sounds like them.

    Args:
        words: Text and probability of each, in order; one that begins a word begins with a space.
        names: Of the room.
        options: How like they must be.
    """
    known = parts_of_all(names)
    heard = [parts_of(text) for text, _ in words]
    forms = _forms_of(tuple(names), options.least_letters)
    longest = max((len(form.text.split()) for form in forms), default=0)
    found = []
    for first in range(len(words)):
        for end in range(first + 1, min(len(words), first + longest + 1) + 1):
            if not heard[end - 1]:
                break
            run = [part for parts in heard[first:end] for part in parts]
            is_sure = all(part >= options.word_probability for _, part in words[first:end])
            if is_sure or known.issuperset(run) or not words[first][0].startswith(" "):
                continue
            found += _alike(first, end, run, forms, options)
    likest: list[Spelling] = []
    for one in sorted(found, key=lambda one: (one.distance, -len(one.name))):
        # Of "a stark roast" the last two words are more like "dark roast" than all three.
        if not any(one.name == other.name and _overlap(one, other) for other in likest):
            likest.append(one)
    return likest[: options.most]


def believed(tried: Sequence[Spelling], gains: Sequence[float], bonus: float) -> list[Spelling]:
    """Return those that the sound speaks for, the most probable of any that overlap, in order.

    Args:
        tried: By `spellings`.
        gains: Log probability of the sentence with each, less that of what was heard, in nats.
        bonus: How much less it may be.
    """
    kept: list[Spelling] = []
    for gain, one in sorted(zip(gains, tried, strict=True), key=lambda pair: -pair[0]):
        if gain >= -bonus and not any(_overlap(one, other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.first)


def _alike(
    first: int, end: int, run: list[str], forms: Sequence[_Form], options: SpellingOptions
) -> list[Spelling]:
    heard = _form(" ".join(run))
    found = []
    for form in forms:
        sounds = _distance(heard.sound, form.sound, options.sound_distance)
        if sounds > options.sound_distance:
            continue
        letters = _distance(heard.letters, form.letters, options.letter_distance)
        # A name that stands there, with a word beside it, was heard.
        is_there = f" {' '.join(parts_of(form.text))} " in f" {' '.join(run)} "
        if letters <= options.letter_distance and not is_there:
            found.append(Spelling(first, end, form.text, letters + sounds))
    return found


def _overlap(one: Spelling, other: Spelling) -> bool:
    return one.first < other.end and other.first < one.end


@lru_cache(maxsize=256)
def _forms_of(names: tuple[str, ...], least_letters: int) -> tuple[_Form, ...]:
    """Return every run of a name's words that is long enough and can be spoken of by its sound."""
    found: dict[str, _Form] = {}
    for name in names:
        words = [word.strip("\"'.,;:!?()[]{}") for word in name.split()]
        for first in range(len(words)):
            for end in range(first + 1, len(words) + 1):
                form = _form(" ".join(words[first:end]))
                if len(form.letters) >= least_letters and form.sound:
                    found.setdefault(form.letters, form)
    return tuple(found.values())


def _form(text: str) -> _Form:
    parts = parts_of(text)
    spoken = [part for part in parts if part.isascii() and part.isalpha()]
    sound = "".join(jellyfish.metaphone(part) for part in spoken)
    # The sound of a number, or of another script, is not to be had.
    return _Form(text, "".join(parts), sound if len(spoken) == len(parts) else "")


def _distance(one: str, other: str, most: float) -> float:
    """Return edits per sign of the longer one; 1 where they must be more than `most`."""
    longer = max(len(one), len(other))
    if not one or not other or abs(len(one) - len(other)) > most * longer:
        return 1.0
    return jellyfish.levenshtein_distance(one, other) / longer
