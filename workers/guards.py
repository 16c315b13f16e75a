"""Guards against words that nobody said, each over the words of one utterance and their evidence.

A guard says which words it throws away; it never changes one. They run in order, each on what the
ones before have left, and every word that goes leaves its stretch of time and the guard's name. All
work on one utterance, so they hold in any batch.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import itemgetter

from workers.events import Word
from workers.known_phrases import bare, in_credits, is_alone, shipped_phrases
from workers.loops import repeated

Places = frozenset[int]
"""Indices of words to throw away."""


@dataclass(frozen=True)
class GuardOptions:
    """Which guards are on, and where each begins."""

    names: tuple[str, ...] = (
        "no_speech",
        "loop",
        "timeless_words",
        "repetition",
        "hotword_not_heard",
        "improbable",
        "word_in_silence",
        "known_phrase",
    )
    """Guards that are on; none: whatever is decoded is let through."""
    no_speech: float = 0.6
    """With unlikely words: a probability of `no speech` above which they are thrown away."""
    log_probability: float = -1.0
    """Mean log probability of the tokens below which words are unlikely."""
    compression: float = 2.4
    """Text that compresses better than this, without its loops and what was said again at its end,
    is thrown away."""
    loop_repeats: int = 4
    """A phrase so often in a row is cut to once; a single word half as often again."""
    timeless_words: int = 3
    """So many words without length at the end are thrown away."""
    silence_probability: float = 0.5
    """A word in silence below this probability is thrown away."""
    word_probability: float = 0.42
    """Words that are less probable on average are thrown away: of 60 orders in kitchen noise at
    10 dB none was below .53, of 40 texts made of noise alone none above .37, loops aside."""
    unlikely_word_probability: float = 0.5
    """The same where the tokens are unlikely too ..."""
    doubted_word_probability: float = 0.6
    """... and where the model doubts that anybody speaks, ..."""
    doubt: float = 0.4
    """... as it does from this probability of `no speech` on: no words of 298 orders at 10 dB are
    thrown away by it."""
    phrase_log_probability: float = -0.5
    """Mean log probability below which a known phrase that stands alone is thrown away ..."""
    phrase_voice_ms: int = 700
    """... or a voice so short that it is no evidence of one."""


@dataclass(frozen=True)
class Evidence:
    """What a model says about one utterance beside its words."""

    log_probability: float
    """Mean over tokens."""
    no_speech: float
    """Probability that nobody speaks."""
    speech: tuple[tuple[int, int], ...]
    """Start and end in ms of where a voice is heard."""
    language: str | None
    hotwords: frozenset[str] = frozenset()
    """Words that were offered to the model, in small letters."""
    verdicts: tuple[str, ...] = ()
    """On an earlier decoding, which this one replaces."""


@dataclass(frozen=True)
class Guarded:
    """What is left, and what became of the rest."""

    words: tuple[Word, ...]
    verdicts: tuple[str, ...] = ()
    """Names of the guards that spoke, in order."""
    thrown_away: tuple[tuple[int, int, str], ...] = ()
    """Start and end in ms and guard of each stretch of words."""

    def without(self, places: Places, name: str) -> "Guarded":
        """Return the same without some words, and with the guard's verdict if there were any."""
        if not places:
            return self
        gone = tuple(
            (self.words[run[0]].start_ms, max(self.words[i].end_ms for i in run), name)
            for run in _runs(places)
        )
        return Guarded(
            words=tuple(word for i, word in enumerate(self.words) if i not in places),
            verdicts=(*self.verdicts, name),
            thrown_away=self.thrown_away + gone,
        )


def guarded(
    words: Sequence[Word],
    evidence: Evidence,
    options: GuardOptions,
    unheard: Callable[[tuple[Word, ...]], Places] = lambda _: frozenset(),
) -> Guarded:
    """Pass words through the guards that are on.

    Args:
        words: Of one utterance, in order.
        evidence: About them.
        options: Which guards, and their limits.
        unheard: Words → hotwords among them that the sound does not support.
    """
    guards: dict[str, Callable[[tuple[Word, ...]], Places]] = {
        "no_speech": lambda left: no_speech(left, evidence, options),
        "loop": lambda left: repeated(left, options.loop_repeats),
        "timeless_words": lambda left: timeless(left, options.timeless_words),
        "repetition": lambda left: repetition(left, options.compression),
        "hotword_not_heard": unheard,
        "improbable": lambda left: improbable(left, evidence, options),
        "word_in_silence": lambda left: in_silence(left, evidence, options.silence_probability),
        "known_phrase": lambda left: known_phrase(left, evidence, options),
    }
    unlikely = evidence.log_probability < options.log_probability
    known = ("low_log_probability",) if unlikely else ()
    left = Guarded(tuple(words), evidence.verdicts + known)
    for name, guard in guards.items():
        if name in options.names and left.words:
            left = left.without(guard(left.words), name)
    return left


def no_speech(words: Sequence[Word], evidence: Evidence, options: GuardOptions) -> Places:
    """Return all words where they are unlikely and the model hears no speech.

    Radford et al., 2022, section 4.5: neither is reliable alone.
    """
    unlikely = evidence.log_probability < options.log_probability
    return _all(words) if unlikely and evidence.no_speech > options.no_speech else frozenset()


def repetition(words: Sequence[Word], compression: float) -> Places:
    """Return all words where their text compresses better than speech does (zlib, bytes)."""
    text = " ".join(word.text for word in words).encode()
    return _all(words) if len(text) / len(zlib.compress(text)) > compression else frozenset()


def timeless(words: Sequence[Word], least: int) -> Places:
    """Return the words at the end without length: Whisper says its last phrase again."""
    places = list(
        takewhile(lambda i: words[i].end_ms <= words[i].start_ms, reversed(range(len(words))))
    )
    return frozenset(places) if len(places) >= least else frozenset()


def in_silence(words: Sequence[Word], evidence: Evidence, probability: float) -> Places:
    """Return improbable words that lie wholly where no voice is heard."""
    return frozenset(
        index
        for index, word in enumerate(words)
        if word.probability < probability
        and not any(word.start_ms < end and word.end_ms > start for start, end in evidence.speech)
    )


def improbable(words: Sequence[Word], evidence: Evidence, options: GuardOptions) -> Places:
    """Return all words where those that the sound alone must account for are improbable.

    A hotword that is improbable has a check of its own, and a word that stood before is likely
    again whatever the sound: neither counts, but where the text is unlikely and the model doubts
    that anybody speaks.
    """
    unlikely = evidence.log_probability < options.log_probability
    least = options.unlikely_word_probability if unlikely else options.word_probability
    is_doubted = evidence.no_speech >= options.doubt
    if is_doubted:
        least = max(least, options.doubted_word_probability)
    first: dict[str, float] = {}
    for word in words:
        first.setdefault(bare(word.text), word.probability)
    counted = [
        one
        for text, one in first.items()
        if text and (one >= least or text not in evidence.hotwords or (unlikely and is_doubted))
    ]
    is_noise = bool(counted) and sum(counted) / len(counted) < least
    return _all(words) if is_noise else frozenset()


def known_phrase(words: Sequence[Word], evidence: Evidence, options: GuardOptions) -> Places:
    """Return words of credits; all where a known phrase stands alone with little behind it."""
    phrases = shipped_phrases(evidence.language)
    credited = in_credits(words, phrases)
    rest = [word for index, word in enumerate(words) if index not in credited]
    voice_ms = sum(end - start for start, end in evidence.speech)
    is_weak = (
        evidence.log_probability < options.phrase_log_probability
        or voice_ms < options.phrase_voice_ms
    )
    if is_weak and is_alone(rest, phrases):
        return _all(words)
    return credited if any(bare(word.text) for word in rest) else _all(words)


def _all(words: Sequence[Word]) -> Places:
    return frozenset(range(len(words)))


def _runs(places: Places) -> list[list[int]]:
    """Return neighbouring places together, in order."""
    marked = ((place - rank, place) for rank, place in enumerate(sorted(places)))
    return [[place for _, place in run] for _, run in groupby(marked, itemgetter(0))]
