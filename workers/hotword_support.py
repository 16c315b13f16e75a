"""Hotwords that the sound does not support.

A prompt makes a model hear what it names, over noise too. Two witnesses know nothing of the
prompt: how probable a word is to the model without hotwords, and where that is little, what the
model writes there without them. A brand that no model knows is improbable as well,
but something that sounds like it is then written in its place; over noise, or over other words,
nothing is.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import jellyfish

from models.sounds import overlap, terms
from models.word_parts import parts_of
from workers.events import Word

_MOST_JOINED = 3


@dataclass(frozen=True)
class SupportOptions:
    """When a hotword is looked at again, and what speaks for it."""

    least_probability: float = 0.1
    """Of a word's least probable token without hotwords: below it, it is looked at again."""
    least_likeness: float = 0.5
    """Of sound or spelling, from 0 to 1, below which two words are strangers ..."""
    least_likeness_in_speech: float = 0.15
    """... and where the hearing without hotwords is itself to be believed."""
    speech_probability: float = 0.4
    """Mean probability of its words from which that hearing is believed."""
    slack_ms: int = 600
    """How far off two hearings of one sound may write a word."""


DEFAULT_SUPPORT = SupportOptions()


def parts_of_all(names: Sequence[str]) -> frozenset[str]:
    """Return the words of names."""
    return frozenset(part for name in names for part in parts_of(name))


def doubtful_hotwords(
    words: Sequence[Word],
    names: Sequence[str],
    token_count: Callable[[str], int],
    options: SupportOptions = DEFAULT_SUPPORT,
) -> tuple[int, ...]:
    """Return which words are of a hotword and improbable without it.

    A word's probability is the mean of its tokens', and behind a first token the others are often
    certain: n times the mean less n - 1 bounds the least of them from below.

    Args:
        words: What was heard with hotwords; probabilities are without.
        names: The hotwords, of one word or several.
        token_count: How many tokens a word has.
        options: Where doubt begins.
    """
    expected = parts_of_all(names)
    doubtful = []
    doubted: set[str] = set()
    for index, word in enumerate(words):
        parts = expected.intersection(parts_of(word.text))
        count = token_count(word.text)
        least = count * word.probability - (count - 1)
        # Said once, a word is likely again, whatever the sound.
        if parts and (least < options.least_probability or parts & doubted):
            doubtful.append(index)
            doubted |= parts
    return tuple(doubtful)


def unsupported_hotwords(
    words: Sequence[Word],
    doubtful: Collection[int],
    unprompted: Sequence[Word],
    options: SupportOptions = DEFAULT_SUPPORT,
) -> tuple[int, ...]:
    """Return which doubtful words nothing is like in the hearing without hotwords.

    Measured on 150 recorded orders and on noise: "mocha" was written as "maca", "mogul" and "mug",
    all in hearings whose words had .7 on average; over noise the mean was below .35.

    Args:
        words: What was heard with hotwords.
        doubtful: Places of doubtful words.
        unprompted: What was heard without, of the same sound.
        options: How like and how near a witness must be.
    """
    mean = math.fsum(one.probability for one in unprompted) / max(1, len(unprompted))
    is_speech = mean >= options.speech_probability
    least = options.least_likeness_in_speech if is_speech else options.least_likeness
    return tuple(
        index
        for index in sorted(doubtful)
        if _likeness(words[index], unprompted, options.slack_ms) < least
    )


def _likeness(word: Word, unprompted: Sequence[Word], slack_ms: int) -> float:
    """Return how like a word the likest run of one to three words near it is."""
    near = [
        part
        for one in unprompted
        if one.end_ms >= word.start_ms - slack_ms and one.start_ms <= word.end_ms + slack_ms
        for part in parts_of(one.text)
    ]
    wanted = "".join(parts_of(word.text))
    runs = [
        "".join(near[start : start + count])
        for start in range(len(near))
        for count in range(1, _MOST_JOINED + 1)
    ]
    return max((_alike(wanted, run) for run in runs), default=0.0)


def _alike(first: str, second: str) -> float:
    """Return the cosine of two words' sound grams or the share of letters that they share."""
    edits = jellyfish.levenshtein_distance(first, second)
    return max(overlap(terms(first), terms(second)), 1 - edits / max(len(first), len(second)))
