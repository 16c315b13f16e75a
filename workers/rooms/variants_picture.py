"""One room as a picture: the truth above, the tags of every variant below, on one clock.

Products have numbers in the order in which they are sold, and letters where they are not sold but
tagged; the legend tells their titles. Long rooms are cut into panels of some minutes.
"""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from models.plot import new_figure, write_figure
from models.segment_scores import Told, pair
from models.segments import Segment
from workers.rooms.scoring import Truth
from workers.rooms.timeline_marks import (
    HATCHES,
    PART,
    RIGHT,
    SHADE,
    TRUE,
    WRONG,
    as_clock,
    clock_marks,
    colour_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_MS = 600_000
_NARROWEST = 80
"""A bar that is less than this part of a panel has no room for its mark."""
_LANE = 0.8


@dataclass(frozen=True)
class VariantsPicture:
    """All that one picture shows."""

    heading: str
    truth: Truth
    tags: Mapping[str, Sequence[Told]] = field(default_factory=dict)
    """Of each variant, by its name, from above."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """By product id; the truth's own win."""

    @property
    def marks(self) -> dict[str, str]:
        """What each product bears: a number, from 1 on, or a letter if it is not sold."""
        sold = list(dict.fromkeys(one.product_id for one in self.truth.segments))
        tagged = {tag.product_id: None for tags in self.tags.values() for tag in tags}
        others = [product_id for product_id in tagged if product_id not in sold]
        numbers = {product_id: str(at) for at, product_id in enumerate(sold, 1)}
        return numbers | {product_id: _letters(at) for at, product_id in enumerate(others)}


def draw_variants(picture: VariantsPicture, out: Path, panel_ms: int = PANEL_MS) -> None:
    """Write a picture (PNG, SVG or PDF, by the name's ending).

    Args:
        picture: what it shows.
        out: the file.
        panel_ms: longest stretch side by side.

    Raises:
        InputError: matplotlib is not installed, or the file cannot be written.
    """
    starts = range(0, picture.truth.duration_ms, panel_ms)
    rows = len(_lanes(picture.truth.segments)) + sum(
        len(_lanes(tags)) for tags in picture.tags.values()
    )
    height = 1.0 + len(starts) * (0.5 + 0.3 * rows) + 0.17 * ((len(picture.marks) + 2) // 3)
    figure = new_figure(14, height, "rooms")
    panels = figure.subplots(len(starts), 1, squeeze=False)[:, 0]
    for axes, start_ms in zip(panels, starts, strict=True):
        length_ms = panel_ms if len(starts) > 1 else _until_ms(picture)
        _draw_panel(axes, picture, start_ms, length_ms)
    panels[0].set_title(picture.heading, loc="left", fontsize=10)
    panels[-1].set_xlabel("media time, minutes:seconds", fontsize=8)
    _tell(figure, picture)
    write_figure(figure, out)


def _draw_panel(axes: "Axes", picture: VariantsPicture, start_ms: int, length_ms: int) -> None:
    row, span_s = 0, (start_ms / 1e3, (start_ms + length_ms) / 1e3)
    names: list[tuple[float, str]] = []
    for name, bars in (("truth", picture.truth.segments), *picture.tags.items()):
        right = {id(tag) for tag, _ in pair(picture.tags.get(name, ()), picture.truth.segments)}
        lanes = _lanes(bars)
        names.append((row + (len(lanes) - 1) / 2, name))
        for lane in lanes:
            for one in lane:
                colour = colour_of(one, right, picture.truth) if isinstance(one, Told) else TRUE
                _draw_bar(axes, one, row, colour)
                _name_bar(axes, one, row, span_s, picture.marks[one.product_id])
                if isinstance(one, Told):
                    _draw_moment(axes, one, row, picture.marks[one.product_id])
            row += 1
    for from_ms, until_ms in picture.truth.no_product:
        axes.axvspan(from_ms / 1e3, until_ms / 1e3, color=SHADE, lw=0, zorder=0)
    axes.set_yticks([at for at, _ in names], [name for _, name in names], fontsize=8)
    axes.set_ylim(row - 0.4, -0.6)
    axes.set_xlim(*span_s)
    axes.xaxis.set_major_locator(clock_marks(length_ms))
    axes.xaxis.set_major_formatter(as_clock)
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _draw_bar(axes: "Axes", one: Segment, row: int, colour: str) -> None:
    length_s = max(1, one.end_ms - one.start_ms) / 1e3
    axes.barh(row, length_s, left=one.start_ms / 1e3, height=_LANE, color=colour,
              hatch=HATCHES.get(colour), edgecolor="white", linewidth=0.5)  # fmt: skip


def _name_bar(axes: "Axes", one: Segment, row: int, span_s: tuple[float, float], mark: str) -> None:
    """Write what a bar is in the middle of what a panel shows of it."""
    from_s, until_s = max(one.start_ms / 1e3, span_s[0]), min(one.end_ms / 1e3, span_s[1])
    if until_s - from_s < (span_s[1] - span_s[0]) / _NARROWEST:
        return
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axes.text((from_s + until_s) / 2, row, mark, ha="center", va="center", fontsize=7,
              color="black", bbox=plate)  # fmt: skip


def _draw_moment(axes: "Axes", tag: Told, row: int, mark: str) -> None:
    """Draw when a tag is there; if it has ended by then, with its mark: another may be below."""
    at_s = tag.decided_ms / 1e3
    axes.plot([at_s, at_s], [row - _LANE / 2, row + _LANE / 2], color="black", lw=1.4)
    if tag.decided_ms > tag.end_ms:
        axes.plot([tag.end_ms / 1e3, at_s], [row + _LANE / 2] * 2, color="black", lw=0.8)
        axes.annotate(mark, (at_s, row - _LANE / 2), (1.5, -1), textcoords="offset points",
                      ha="left", va="top", fontsize=6, clip_on=True,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})  # fmt: skip


def _tell(figure: "Figure", picture: VariantsPicture) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[Patch | Line2D] = [
        Patch(facecolor=TRUE, label="truth"),
        Patch(facecolor=RIGHT, label="tag, right"),
        Patch(facecolor=PART, hatch=HATCHES[PART], edgecolor="white",
              label="tag, right product but under half"),
        Patch(facecolor=WRONG, hatch=HATCHES[WRONG], edgecolor="white",
              label="tag, wrong product"),
        Line2D([], [], color="black", lw=1.4, label="there for viewers"),
        Patch(facecolor=SHADE, label="nothing is sold"),
    ]  # fmt: skip
    titles = {**picture.titles, **picture.truth.titles}
    marks += [
        Line2D([], [], linestyle="", label=f"{mark}  {titles.get(product_id, product_id)}")
        for product_id, mark in picture.marks.items()
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3, fontsize=7, frameon=False)


def _until_ms(picture: VariantsPicture) -> int:
    """Return the end of a room, or of what was said about it."""
    said = [tag.decided_ms for tags in picture.tags.values() for tag in tags]
    return max([picture.truth.duration_ms, *(at_ms + 100 for at_ms in said)])


def _letters(at: int) -> str:
    """Return the letters of a number from 0 on: a to z, then aa, ab and so on."""
    more, last = divmod(at, 26)
    return (_letters(more - 1) if more else "") + string.ascii_lowercase[last]


def _lanes(bars: Sequence[Segment]) -> list[list[Segment]]:
    """Return the bars in as few rows as let none overlap; one empty row of none."""
    lanes: list[list[Segment]] = [[]]
    for one in sorted(bars, key=lambda one: (one.start_ms, one.end_ms)):
        free = (lane for lane in lanes if not lane or lane[-1].end_ms <= one.start_ms)
        lane = next(free, None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(one)
    return lanes
