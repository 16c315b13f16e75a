"""Invented titles and what hosts say about them: what `models/rarity.json` was counted over.

The same seed gives the same texts. Brands and phrases are those of training, never those of
measuring, and no brand comes twice, so that none becomes a common word.
"""

import random
from collections.abc import Iterator, Sequence

from models import sounds
from models.rarity import Rarity, fit_rarity
from workers.rooms.pair_scripts import Show, ShowOptions, write_show
from workers.rooms.phrases import Line

_WINDOW_WORDS = 25
"""About ten seconds of speech."""


def count_rarity(seed: int = 1, shows: int = 1_000) -> Rarity:
    """Return the table of a seed; a thousand shows take a minute.

    Args:
        seed: of the invented shows.
        shows: each has about six windows of speech, and as many titles are counted.
    """
    return fit_rarity(sounds.heard(text) for text in rarity_texts(seed, shows))


def rarity_texts(seed: int, shows: int) -> Iterator[str]:
    """Yield windows of invented shows and as many titles of their carts."""
    options = ShowOptions(catalogue_share=0.0)
    for number in range(shows):
        draw = random.Random(f"rarity/{seed}/{number}")  # noqa: S311 (not for secrets)
        show = write_show((), "train", draw, options)
        windows = list(_windows(show))
        titles = [item.title for item in show.cart]
        yield from windows
        yield from draw.sample(titles, min(len(windows), len(titles)))


def _windows(show: Show) -> Iterator[str]:
    words = [word for segment in show.segments for word in _words(segment.lines)]
    for start in range(0, len(words), _WINDOW_WORDS):
        yield " ".join(words[start : start + _WINDOW_WORDS])


def _words(lines: Sequence[Line]) -> list[str]:
    return [word for line in lines for word in line.text.split()]
