"""Words that an alignment drew out over a pause: it gives a pause to a word beside it. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from workers.events import Word

Stretch = tuple[int, int]
"""Start and end in ms of media time."""


def out_of_pauses(words: Sequence[Word], speech: Sequence[Stretch]) -> tuple[Word, ...]:
    """Return the words, none of them over a whole pause: each on the side where it is longer.

    Args:
        words: In order.
        speech: Where a voice is heard, in order, without overlap; between two there is a pause.
    """
    pauses = [(one[1], other[0]) for one, other in pairwise(speech)]
    return tuple(_beside(word, pauses) for word in words)


def _beside(word: Word, pauses: Sequence[Stretch]) -> Word:
    start_ms, end_ms = word.start_ms, word.end_ms
    for pause_ms, voice_ms in pauses:
        if start_ms < pause_ms < voice_ms < end_ms:
            if pause_ms - start_ms > end_ms - voice_ms:
                end_ms = pause_ms
            else:
                start_ms = voice_ms
    return word.model_copy(update={"start_ms": start_ms, "end_ms": end_ms})
