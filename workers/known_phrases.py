"""Phrases that Whisper is known to write where nobody says them, one list per language.

Barański et al., 2025, "Investigation of Whisper ASR Hallucinations Induced by Non-Speech Audio"
(arXiv 2501.11378), where such a list and voice activity together removed two thirds of what was
invented.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workers.events import Word

SHIPPED = Path(__file__).with_name("hallucinations.toml")
_SIGNS = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class KnownPhrases:
    """Phrases without spaces, punctuation and capitals."""

    always: frozenset[str]
    """Of every language: credits, which nobody says."""
    opening: frozenset[str]
    """Of every language: how a credit begins that ends in a name."""
    alone: frozenset[str]
    """Of one language: said by people too."""


@cache
def shipped_phrases(language: str | None) -> KnownPhrases:
    """Return the shipped lists for a language; unknown: what is alone in any of them.

    Args:
        language: Two letters.
    """
    lists: dict[str, dict[str, list[str]]] = tomllib.loads(SHIPPED.read_text("utf-8"))
    every = list(lists.values())
    mine = every if language is None else [lists[name] for name in lists if name == language]

    def of(kind: str, some: list[dict[str, list[str]]]) -> frozenset[str]:
        return frozenset(bare(phrase) for each in some for phrase in each.get(kind, ()))

    return KnownPhrases(of("always", every), of("opening", every), of("alone", mine))


def bare(text: str) -> str:
    """Return a text's letters and digits: no capitals, punctuation or spaces."""
    return "".join(_SIGNS.findall(unicodedata.normalize("NFKC", text).casefold()))


def in_credits(words: Sequence[Word], phrases: KnownPhrases) -> frozenset[int]:
    """Return which words make up a credit; all where the text begins with one that names somebody.

    Args:
        words: In order.
        phrases: Of any language.
    """
    parts = [bare(word.text) for word in words]
    found: set[int] = set()
    for start in range(len(parts)):
        run = ""
        for end in range(start, len(parts)):
            run += parts[end]
            if start == 0 and run in phrases.opening:
                return frozenset(range(len(parts)))
            if run in phrases.always:
                found.update(range(start, end + 1))
    return frozenset(found)


def is_alone(words: Sequence[Word], phrases: KnownPhrases) -> bool:
    """Return whether the words are one known phrase, once or more, or have no letter at all."""
    text = "".join(bare(word.text) for word in words)
    return not text or any(text == phrase * (len(text) // len(phrase)) for phrase in phrases.alone)
