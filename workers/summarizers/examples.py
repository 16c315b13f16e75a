"""What a language model is told and shown before it writes, by domain and language.

Texts are data (`examples.toml`), after AMPere (arXiv 2408.02978): examples in the context and no
training. English serves every language that has none of its own.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Domain = Literal["general", "fashion", "beauty", "food", "home", "electronics"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)
_TEXTS = Path(__file__).with_name("examples.toml")
_OTHERWISE = "en"


@dataclass(frozen=True)
class Shown:
    """One example: what was heard, and the right answer."""

    said: str
    name: str | None
    """None: nothing is being sold."""
    attributes: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """All that a model is told before the window comes."""

    language: str
    instruction: str
    """Before a line is written."""
    json_instruction: str
    """Before JSON is written."""
    question: str
    """Of one window; `{said}` is what was heard, as data."""
    examples: tuple[Shown, ...]


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """Return the languages that have texts of their own."""
    return tuple(_texts())


@cache
def lesson(domain: Domain = "general", language: str | None = None) -> Lesson:
    """Return what a model is told in a room.

    Args:
        domain: what is sold there.
        language: as speech recognition names it; none or one without texts: English.
    """
    texts = _texts()
    known = (language or _OTHERWISE).partition("-")[0]
    chosen = known if known in texts else _OTHERWISE
    one = texts[chosen]
    examples = tuple(
        Shown(each["said"], each.get("name"), tuple(each["attributes"]))
        for each in (*one["domains"][domain], *one["shared"])
    )
    return Lesson(chosen, one["instruction"], one["json_instruction"], one["question"], examples)


def told(domain: Domain) -> str:
    """Return what the name of a back end says of the examples that it shows."""
    return "" if domain == "general" else f"+{domain}"
