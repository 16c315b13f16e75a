"""Windows of a hard show, and which of them have one right answer."""

import math
from collections.abc import Mapping

from models.sounds import overlap, terms
from workers.rooms.pair_labels import NONE, Label
from workers.rooms.products import Item
from workers.rooms.timeline import Timeline

_LEAST_LIKENESS = 0.35
"""Of the brand as heard to the brand as spoken, from 0 to 1; half a name is no name."""

_LONGEST_MS = 18_000
_BEFORE_MS, _AFTER_MS = 150, 400
"""Room for words that Whisper puts a little beside their time."""


def widened(timeline: Timeline, start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return a window with the whole of every sentence at its ends that names another product."""
    for one in timeline.sentences:
        if one.about is not None and one.start_ms < start_ms < one.end_ms:
            start_ms = max(0, one.start_ms - _BEFORE_MS)
        if one.about is not None and one.start_ms < end_ms < one.end_ms:
            end_ms = min(timeline.duration_ms, one.end_ms + _AFTER_MS)
    return start_ms, end_ms


def is_fair(
    timeline: Timeline, named: Mapping[str, Item], found: Label, start_ms: int, end_ms: int
) -> bool:
    """Return whether nobody could read another answer out of a window.

    What names another product must lie in the window as a whole: of "the tea, no wait, the coffee"
    the first half says tea. What was named of the product for sale must have left a trace: if its
    brand was said, then words like it, and more like it than like any other brand that was named.

    Args:
        timeline: of the show.
        named: by product id, all that the show names.
        found: the window's label.
        start_ms: of the window.
        end_ms: of the window.
    """
    inside = [one for one in timeline.sentences if one.end_ms > start_ms and one.start_ms < end_ms]
    others = [one for one in inside if one.about is not None]
    if any(one.start_ms < start_ms or one.end_ms > end_ms for one in others):
        return False
    if end_ms - start_ms > _LONGEST_MS:
        return False
    if found.item is None:
        return True
    if found.told and found.answer == NONE:
        return False
    if found.brand is None:
        return "brand" not in found.told
    own = _likeness(found.brand, found.item.brand)
    ids = {one.about for one in others} | {one.product_id for one in inside}
    brands = {named[one].brand for one in ids if one is not None} - {found.item.brand}
    return own >= _LEAST_LIKENESS and all(_likeness(found.brand, one) < own for one in brands)


def _likeness(heard: str, brand: str) -> float:
    first, second = ("".join(text.split()).casefold() for text in (heard, brand))
    shorter, longer = sorted((len(first), len(second)))
    return overlap(terms(first), terms(second)) * math.sqrt(shorter / longer)
