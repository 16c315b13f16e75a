"""Heard words as sentences of plain text, each sign of which knows its word.

Guards look for phrases in text and must say which words those were. Speech recognition gives stops
most of the time, but not always, and Chinese comes sign by sign.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from workers.events import Word

_END = re.compile(r"[.?!。！？…；;]['\"’”)\]]*$")
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_PAUSE_MS = 1_500


@dataclass(frozen=True)
class Sentence:
    """A stretch of words up to a stop or a pause."""

    first: int
    """Index of its first word."""
    text: str
    """In small letters, one space between words, none before Chinese signs."""
    word_of: tuple[int, ...]
    """For each sign of the text, the index of its word."""

    @property
    def words(self) -> range:
        """Return the indices of its words."""
        return range(self.first, self.word_of[-1] + 1 if self.word_of else self.first)


def plain(text: str) -> str:
    """Return a text in small letters and one Unicode form, with straight apostrophes."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'").strip()


def sentences_of(words: Sequence[Word]) -> list[Sentence]:
    """Return the sentences of some words, in order; every word is in one of them."""
    found: list[Sentence] = []
    first = 0
    for at, word in enumerate(words):
        last = at + 1 == len(words)
        if (
            last
            or _END.search(word.text.strip())
            or (words[at + 1].start_ms - word.end_ms >= _PAUSE_MS)
        ):
            found.append(_sentence(words, first, at + 1))
            first = at + 1
    return found


def _sentence(words: Sequence[Word], first: int, end: int) -> Sentence:
    text = ""
    word_of: list[int] = []
    for at in range(first, end):
        piece = plain(words[at].text)
        if text and piece and not _UNSPACED.match(piece[0]):
            piece = f" {piece}"
        text += piece
        word_of += [at] * len(piece)
    return Sentence(first, text, tuple(word_of))
