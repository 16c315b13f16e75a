"""What the pictures of rooms have in common: colours, hatches, the clock, titles.

Colours are told apart by people who cannot tell red from green (Okabe and Ito 2008): blue is right,
vermilion is wrong, orange is the right product but too little of it; the last two are hatched.
"""

import textwrap
from typing import Any

from models.segment_scores import Told, iou
from workers.rooms.scoring import Truth

TRUE, RIGHT, WRONG, PART, SHADE = "#8c8c8c", "#0072B2", "#D55E00", "#E69F00", "#f1eee4"
"""Of what is true, of tags, and of where nothing is sold."""
HATCHES = {WRONG: "////", PART: "...."}
_TITLE_WIDTH = 30


def colour_of(tag: Told, right: set[int], truth: Truth) -> str:
    """Return the colour of a tag; `right` has the `id` of each that found its segment."""
    if id(tag) in right:
        return RIGHT
    same = [one for one in truth.segments if one.product_id == tag.product_id]
    return PART if any(iou(tag, one) > 0 for one in same) else WRONG


def short_title(title: str) -> str:
    """Return a title on at most two lines, cut in the middle: its end often tells it apart."""
    if len(title) > 2 * _TITLE_WIDTH - 4:
        half = _TITLE_WIDTH - 4
        title = f"{title[:half].rstrip()} … {title[-half:].lstrip()}"
    return textwrap.fill(title, _TITLE_WIDTH)


def clock_marks(duration_ms: int) -> Any:
    """Return what places at most 16 round marks on an axis in seconds."""
    from matplotlib.ticker import MultipleLocator

    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600)
    return MultipleLocator(next((s for s in steps if duration_ms / 1e3 / s <= 16), 7_200))


def as_clock(seconds: float, _place: float | None = None) -> str:
    """Return minutes and seconds, as matplotlib wants its formatters."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
