"""What the right answer is for a stretch of speech: product words as spoken, the brand as heard.

The catalogue's spelling of a brand that nobody knows cannot be guessed from its sound, so the
answer copies the words that Whisper wrote for it, found by time and by likeness of sound; words
that a dictionary knows (variant, kind, size) are written as the shop would write them. The match
stage compares brands by sound, so a brand as heard finds its title.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.sounds import overlap, terms
from workers.events import Word
from workers.rooms.phrases import told_apart
from workers.rooms.products import Item
from workers.rooms.timeline import Sentence, Timeline
from workers.rooms.words import size_words

Part = Literal["brand", "variant", "name", "size"]
NONE = "none"
_WORD = re.compile(r"[^\W_]+(?:'\w+)?")
_NEAR_MS = 1_500
_LEAST_LIKENESS = 0.25
_LONGEST = 4
_BEGUN_MS = 400
_LINGERS_MS = 2_500
_OVER_MS = 5_000


@dataclass(frozen=True)
class Spoken:
    """One word of a sentence and about when it was said."""

    word: str
    middle_ms: int


@dataclass(frozen=True)
class Label:
    """The right answer of a window."""

    answer: str
    item: Item | None = None
    told: frozenset[Part] = frozenset()
    brand: str | None = None
    """As it was heard; none where it left no trace."""


def spoken_words(sentence: Sentence) -> list[Spoken]:
    """Return a sentence's words; each takes as long as it has letters."""
    words = _WORD.findall(sentence.text)
    letters = sum(len(word) + 1 for word in words) or 1
    length_ms = sentence.end_ms - sentence.start_ms
    at, spoken = 0.0, []
    for word in words:
        middle_ms = sentence.start_ms + round(length_ms * (at + len(word) / 2) / letters)
        spoken.append(Spoken(word.casefold(), middle_ms))
        at += len(word) + 1
    return spoken


def label(
    timeline: Timeline, items: dict[str, Item], heard: Sequence[Word], start_ms: int, end_ms: int
) -> Label | None:
    """Return what a window sells at its end; none where nobody could say.

    Args:
        timeline: of the show.
        items: what it can sell, by product id.
        heard: the window's words as Whisper wrote them.
        start_ms: of the window.
        end_ms: of the window.
    """
    inside = [one for one in timeline.sentences if one.end_ms > start_ms and one.start_ms < end_ms]
    begun = [one for one in inside if one.start_ms <= end_ms - _BEGUN_MS]
    if not begun:
        return None
    sold = [one for one in begun if one.product_id is not None]
    now = begun[-1].product_id
    if now is None and sold:
        if end_ms - sold[-1].end_ms >= _OVER_MS:
            return Label(NONE)
        if end_ms - sold[-1].end_ms > _LINGERS_MS:
            return None
        now = sold[-1].product_id
    if now is None:
        return Label(NONE)
    found = _named(items[now], inside, heard, start_ms, end_ms)
    if found.answer == NONE and len({one.product_id for one in sold}) > 1:
        # Another product was named before this one: neither answer would be wrong.
        return None
    return found


def is_told_apart(told: frozenset[Part], item: Item, rivals: Sequence[Item]) -> bool:
    """Return whether the words say which product it is: at least two of its three names."""
    return len(told & {"brand", "variant", "name"}) >= 2 and told_apart(told, item, rivals)


def _named(
    item: Item, inside: Sequence[Sentence], heard: Sequence[Word], start_ms: int, end_ms: int
) -> Label:
    pieces = _pieces(heard)
    said = [
        [one for one in spoken_words(sentence) if start_ms <= one.middle_ms < end_ms]
        for sentence in inside
        if sentence.product_id == item.product_id
    ]

    def times(phrase: str) -> list[int]:
        return [at_ms for words in said for at_ms in _said_at(phrase, words)]

    def readable(phrase: str) -> bool:
        # What left no trace in the transcript cannot be read out of it.
        return any(_form(phrase, at_ms, pieces) is not None for at_ms in times(phrase))

    short = item.name.split()[-1]
    names = [
        brand_as_heard(item.brand, times(item.brand), heard),
        item.variant if readable(item.variant) else None,
        item.name.title() if readable(item.name) else short.title() if readable(short) else None,
    ]
    phrases: dict[Part, str] = {
        "brand": item.brand,
        "variant": item.variant,
        "name": item.name,
        "size": size_words(item.size),
    }
    told = frozenset(part for part, phrase in phrases.items() if times(phrase))
    line = " ".join(name for name in names if name is not None)
    if line and "size" in told:
        line = f"{line}, {item.size}"
    return Label(line or NONE, item, told, names[0])


def _said_at(phrase: str, said: Sequence[Spoken]) -> list[int]:
    """Return when a phrase was said as a whole, in ms."""
    wanted = [word.casefold() for word in _WORD.findall(phrase)]
    size = len(wanted)
    return [
        (said[at].middle_ms + said[at + size - 1].middle_ms) // 2
        for at in range(len(said) - size + 1)
        if [one.word for one in said[at : at + size]] == wanted
    ]


def brand_as_heard(brand: str, mentions: Sequence[int], heard: Sequence[Word]) -> str | None:
    """Return the words that were written where a brand was said; none where nothing is like it.

    The commonest form wins, of equally common ones the last.
    """
    pieces = _pieces(heard)
    forms = [form for at_ms in mentions if (form := _form(brand, at_ms, pieces)) is not None]
    if not forms:
        return None
    counts = Counter(form.casefold() for form in forms)
    most = max(counts.values())
    return next(form for form in reversed(forms) if counts[form.casefold()] == most)


def _pieces(heard: Sequence[Word]) -> list[Spoken]:
    """Return the heard words, those with a hyphen in pieces."""
    return [
        Spoken(piece, (word.start_ms + word.end_ms) // 2)
        for word in heard
        for piece in _WORD.findall(word.text)
    ]


def _form(phrase: str, at_ms: int, pieces: Sequence[Spoken]) -> str | None:
    """Return what was written for a phrase said at a time; none where nothing is like it."""
    wanted = "".join(_WORD.findall(phrase)).casefold()
    target = terms(wanted)
    near = [one.word for one in pieces if abs(one.middle_ms - at_ms) <= _NEAR_MS]
    best, form = _LEAST_LIKENESS, None
    for first in range(len(near)):
        for last in range(first, min(first + _LONGEST, len(near))):
            joined = "".join(near[first : last + 1]).casefold()
            lengths = sorted((len(joined), len(wanted)))
            # Half a name is no name, though all of it is like the name's half.
            likeness = overlap(terms(joined), target) * math.sqrt(lengths[0] / lengths[1])
            if likeness > best + 1e-9:
                best, form = likeness, " ".join(near[first : last + 1])
    return form
