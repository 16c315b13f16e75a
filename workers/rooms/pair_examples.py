"""Pairs → examples for the adapter: prompt and answer as tokens.

Each pair is asked in one of two ways, drawn anew every epoch: with the titles of its cart that were
heard best, where the answer is one of them; or without, where the answer is the title-like line. In
the second, the brand as heard is mostly replaced, in transcript and answer alike, by another
invention: a brand that never comes twice can only be copied.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.answers import Example
from workers.events import Word
from workers.rooms.inventions import invent_brand
from workers.rooms.pairs import Pair, is_none
from workers.summarizers.hearing import heard
from workers.summarizers.protocol import WindowText
from workers.summarizers.trained_prompt import (
    NONE,
    answer,
    choice_prompt,
    free_prompt,
    shortlisted,
)

_WINDOW_MS = 10_000


@dataclass(frozen=True)
class ExampleOptions:
    """How pairs are asked."""

    choice_share: float = 0.5
    """Share of the pairs that are asked with titles, where the answer is among them; from 0 to
    1."""
    fresh_share: float = 0.7
    """Share of the other pairs that get a fresh brand, from 0 to 1."""
    seed: int = 0


def window_of(pair: Pair, *, cart: bool) -> WindowText:
    """Return a pair as the live summarizer would see it, with or without the room's cart."""
    texts = pair.transcript.split()
    step_ms = _WINDOW_MS // max(1, len(texts))
    words = tuple(
        Word(text=text, start_ms=at * step_ms, end_ms=(at + 1) * step_ms, probability=1.0)
        for at, text in enumerate(texts)
    )
    titles = tuple((title, title) for title in pair.titles) if cart else ()
    return WindowText(pair.id, 0, 0, _WINDOW_MS, words=words, titles=titles, language="en")


def asked(pair: Pair, epoch: int, options: ExampleOptions) -> tuple[str, str]:
    """Return prompt and answer of a pair in one epoch."""
    draw = random.Random(f"{options.seed}/{epoch}/{pair.id}")  # noqa: S311 (not for secrets)
    may_choose = is_none(pair) or (pair.cart_apart and pair.title is not None)
    if may_choose and draw.random() < options.choice_share:
        window = window_of(pair, cart=True)
        kept = shortlisted(heard(pair.titles, window.words))
        shown = [pair.titles[index] for index in kept]
        if is_none(pair) or pair.title in shown:
            right = NONE if is_none(pair) or pair.title is None else pair.title
            return choice_prompt(shown, pair.transcript), answer(right)
    transcript, right = pair.transcript, pair.answer
    if draw.random() < options.fresh_share:
        transcript, right = with_fresh_brand(pair, draw)
    return free_prompt(transcript), answer(right)


def with_fresh_brand(pair: Pair, draw: random.Random) -> tuple[str, str]:
    """Return transcript and answer with another brand; unchanged where none can be told."""
    brand = brand_in(pair)
    if brand is None:
        return pair.transcript, pair.answer
    fresh = invent_brand(draw, "train")
    if brand.islower():
        fresh = fresh.lower()
    pattern = re.compile(r"\b" + r"[\s-]+".join(map(re.escape, brand.split())) + r"\b", re.I)
    transcript, count = pattern.subn(fresh, pair.transcript)
    if not count:
        return pair.transcript, pair.answer
    return transcript, f"{fresh}{pair.answer[len(brand) :]}"


def brand_in(pair: Pair) -> str | None:
    """Return the brand as heard at the answer's beginning: what is before words of the title."""
    if is_none(pair) or pair.title is None:
        return None
    words = pair.answer.partition(", ")[0].split()
    title = f" {pair.title.casefold().replace(',', ' ,')} "
    for at in range(1, len(words)):
        if f" {' '.join(words[at:]).casefold()} " in title:
            whole = f" {' '.join(words[at - 1 :]).casefold()} " in title
            return None if whole and at == 1 else " ".join(words[:at])
    return None


def examples_of(
    pairs: Sequence[Pair],
    encode: Callable[[str], list[int]],
    end: int,
    options: ExampleOptions,
    epoch: int = 0,
) -> list[Example]:
    """Return the examples of one epoch.

    Args:
        pairs: of one split.
        encode: text → tokens, nothing added.
        end: the token that ends an answer.
        options: how they are asked.
        epoch: counts from 0.
    """
    made = []
    for pair in pairs:
        prompt, right = asked(pair, epoch, options)
        before = encode(prompt)
        made.append(Example((*before, *encode(right), end), len(before)))
    return made
