"""One room as a picture: the truth above, the tags of every variant below, on one clock.

Products have numbers in the order in which they are sold; the legend tells their titles. A tag of
what is not sold bears an `x`. Long rooms are cut into panels of some minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InputError
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
_LABEL_S = 4.0
"""A shorter bar has no room for its number."""
_LANE = 0.8


@dataclass(frozen=True)
class VariantsPicture:
    """All that one picture shows."""

    heading: str
    truth: Truth
    tags: Mapping[str, Sequence[Told]] = field(default_factory=dict)
    """Of each variant, by its name, from above."""


def draw_variants(picture: VariantsPicture, out: Path, panel_ms: int = PANEL_MS) -> None:
    """Write a picture (PNG, SVG or PDF, by the name's ending).

    Args:
        picture: what it shows.
        out: the file.
        panel_ms: longest stretch side by side.

    Raises:
        InputError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        message = f"the timeline picture needs matplotlib: pip install 'liveshelf[rooms]' ({error})"
        raise InputError(message) from error
    starts = range(0, picture.truth.duration_ms, panel_ms)
    titles = list(_numbers(picture.truth))
    rows = len(_lanes(picture.truth.segments)) + sum(
        len(_lanes(tags)) for tags in picture.tags.values()
    )
    height = 1.0 + len(starts) * (0.5 + 0.3 * rows) + 0.17 * ((len(titles) + 2) // 3)
    figure = Figure(figsize=(14, height), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(starts), 1, squeeze=False)[:, 0]
    for axes, start_ms in zip(panels, starts, strict=True):
        length_ms = panel_ms if len(starts) > 1 else picture.truth.duration_ms
        _draw_panel(axes, picture, start_ms, length_ms)
    panels[0].set_title(picture.heading, loc="left", fontsize=10)
    panels[-1].set_xlabel("media time, minutes:seconds", fontsize=8)
    _tell(figure, picture.truth)
    try:
        figure.savefig(out, dpi=110)
    except (OSError, ValueError) as error:
        message = f"the timeline picture cannot be written to {out}: {error}"
        raise InputError(message) from error


def _draw_panel(axes: "Axes", picture: VariantsPicture, start_ms: int, length_ms: int) -> None:
    numbers = _numbers(picture.truth)
    row = 0
    names: list[tuple[float, str]] = []
    for name, bars in (("truth", picture.truth.segments), *picture.tags.items()):
        right = {id(tag) for tag, _ in pair(picture.tags.get(name, ()), picture.truth.segments)}
        lanes = _lanes(bars)
        names.append((row + (len(lanes) - 1) / 2, name))
        for lane in lanes:
            for one in lane:
                colour = colour_of(one, right, picture.truth) if isinstance(one, Told) else TRUE
                _draw_bar(axes, one, row, colour, numbers.get(one.product_id, 0))
                if isinstance(one, Told):
                    edges = [row - _LANE / 2, row + _LANE / 2]
                    axes.plot([one.decided_ms / 1e3] * 2, edges, color="black", lw=1.4)
            row += 1
    for from_ms, until_ms in picture.truth.no_product:
        axes.axvspan(from_ms / 1e3, until_ms / 1e3, color=SHADE, lw=0, zorder=0)
    axes.set_yticks([at for at, _ in names], [name for _, name in names], fontsize=8)
    axes.set_ylim(row - 0.4, -0.6)
    axes.set_xlim(start_ms / 1e3, (start_ms + length_ms) / 1e3)
    axes.xaxis.set_major_locator(clock_marks(length_ms))
    axes.xaxis.set_major_formatter(as_clock)
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _draw_bar(axes: "Axes", one: Segment, row: int, colour: str, number: int) -> None:
    start_s, length_s = one.start_ms / 1e3, max(1, one.end_ms - one.start_ms) / 1e3
    axes.barh(row, length_s, left=start_s, height=_LANE, color=colour,
              hatch=HATCHES.get(colour), edgecolor="white", linewidth=0.5)  # fmt: skip
    if length_s >= _LABEL_S:
        axes.text(start_s + length_s / 2, row, str(number or "x"), ha="center", va="center",
                  fontsize=7, color="white", clip_on=True, fontweight="bold")  # fmt: skip


def _tell(figure: "Figure", truth: Truth) -> None:
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
    marks += [
        Line2D([], [], linestyle="", label=f"{number}  {truth.titles.get(product_id, product_id)}")
        for product_id, number in _numbers(truth).items()
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=3, fontsize=7, frameon=False)


def _numbers(truth: Truth) -> dict[str, int]:
    """Return the number of each product, from 1, in the order in which they are sold."""
    sold = dict.fromkeys(one.product_id for one in truth.segments)
    return {product_id: number for number, product_id in enumerate(sold, 1)}


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
