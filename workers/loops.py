"""Phrases that a decoder says over and over: loops of n words, n from one up."""

from collections.abc import Sequence

from workers.events import Word
from workers.known_phrases import bare


def repeated(words: Sequence[Word], repeats: int) -> frozenset[int]:
    """Return all but the first copy of each phrase that stands often enough in a row.

    A tail of the loop that the decoder did not finish belongs to it. People do say one word four
    times ("go, go, go, go"): a phrase of one word needs half as many repeats again.

    Args:
        words: In order.
        repeats: Least copies of a phrase of two words or more.
    """
    parts = [bare(word.text) for word in words]
    left = list(range(len(parts)))
    # A loop inside a phrase that loops itself hides it: until nothing changes.
    while again := _again([parts[place] for place in left], repeats):
        left = [place for rank, place in enumerate(left) if rank not in again]
    return frozenset(range(len(parts))).difference(left)


def _again(parts: list[str], repeats: int) -> set[int]:
    """Return the places of all but the first copies, reading once from the start."""
    found: set[int] = set()
    start = 0
    while start < len(parts):
        loop = _loop_at(parts, start, repeats)
        if loop is None:
            start += 1
            continue
        period, end = loop
        found.update(range(start + period, end))
        start = end
    return found


def _loop_at(parts: list[str], start: int, repeats: int) -> tuple[int, int] | None:
    """Return the shortest period of a loop that begins here and where the loop ends."""
    for period in range(1, (len(parts) - start) // repeats + 1):
        end = start + period
        while end < len(parts) and parts[end] == parts[end - period]:
            end += 1
        least = repeats if period > 1 else repeats + repeats // 2
        if end - start >= least * period and any(parts[start : start + period]):
            return period, end
    return None
