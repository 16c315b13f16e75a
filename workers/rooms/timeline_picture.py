"""A room's timeline as a picture: what was sold, what the tags said, and how sure they were.

Colours are told apart by people who cannot tell red from green (Okabe and Ito 2008): blue is right,
vermilion is wrong, orange is the right product but too little of it; the last two are hatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from models.plot import new_figure, write_figure
from models.segment_scores import SegmentScores, Told, pair
from workers.rooms.scoring import Point, Truth
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
    short_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE = "#333333"
_BAR = 0.34
"""Height of a bar; a product's row holds two."""


@dataclass(frozen=True)
class TimelinePicture:
    """All that one picture shows."""

    heading: str
    truth: Truth
    tags: Sequence[Told]
    scores: SegmentScores
    titles: Mapping[str, str] = field(default_factory=dict)
    """By product id; the truth's own win."""
    points: Sequence[Point] = ()
    """Best candidate at each moment; none: no second panel."""


def draw_timeline(picture: TimelinePicture, out: Path) -> None:
    """Write a picture (PNG, SVG or PDF, by the name's ending).

    Raises:
        InputError: matplotlib is not installed, or the file cannot be written.
    """
    rows = _rows(picture)
    height = 1.9 + 0.46 * len(rows) + (1.3 if picture.points else 0.0)
    figure = new_figure(12, height, "rooms")
    _draw(figure, picture, rows)
    write_figure(figure, out)


def _rows(picture: TimelinePicture) -> list[str]:
    """Return the products, in the order in which they come up: what was sold first."""
    sold = [one.product_id for one in picture.truth.segments]
    return list(dict.fromkeys([*sold, *(tag.product_id for tag in picture.tags)]))


def _draw(figure: "Figure", picture: TimelinePicture, rows: Sequence[str]) -> None:
    ratios = [0.46 * len(rows) + 0.3, *([1.2] if picture.points else [])]
    axes = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    bars: Axes = axes[0]
    right = {id(tag) for tag, _ in pair(picture.tags, picture.truth.segments)}
    _draw_bars(bars, picture, rows, right)
    bars.set_title(f"{picture.heading}\n{_told(picture.scores)}", loc="left", fontsize=10)
    if picture.points:
        _draw_points(axes[1], picture)
    for one in axes:
        for number, (start_ms, end_ms) in enumerate(picture.truth.no_product):
            label = "nothing is sold" if number == 0 and one is bars else None
            one.axvspan(start_ms / 1e3, end_ms / 1e3, color=SHADE, lw=0, zorder=0, label=label)
        one.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=8, fontsize=8, frameon=False)
    last: Axes = axes[-1]
    last.set_xlim(0, picture.truth.duration_ms / 1e3)
    last.xaxis.set_major_locator(clock_marks(picture.truth.duration_ms))
    last.xaxis.set_major_formatter(as_clock)
    last.set_xlabel("media time, minutes:seconds", fontsize=8)
    last.tick_params(axis="x", labelsize=8)


def _draw_bars(
    axes: "Axes", picture: TimelinePicture, rows: Sequence[str], right: set[int]
) -> None:
    place = {product_id: number for number, product_id in enumerate(rows)}
    label: dict[str, str | None] = {
        TRUE: "truth",
        RIGHT: "tag, right",
        PART: "tag, right product but under half",
        WRONG: "tag, wrong product",
    }
    shown = [(one, TRUE, -_BAR / 2) for one in picture.truth.segments]
    shown += [(tag, colour_of(tag, right, picture.truth), _BAR / 2) for tag in picture.tags]
    for one, colour, shift in shown:
        axes.barh(
            place[one.product_id] + shift,
            max(1, one.end_ms - one.start_ms) / 1e3,
            left=one.start_ms / 1e3,
            height=_BAR,
            color=colour,
            hatch=HATCHES.get(colour),
            edgecolor="white",
            linewidth=0.5,
            label=label[colour],
        )
        label[colour] = None
    axes.plot(
        [tag.decided_ms / 1e3 for tag in picture.tags],
        [place[tag.product_id] + _BAR / 2 for tag in picture.tags],
        linestyle="",
        marker="|",
        color="black",
        ms=9,
        label="first said" if picture.tags else None,
    )
    titles = {**picture.titles, **picture.truth.titles}
    axes.set_yticks(
        range(len(rows)), [short_title(titles.get(row, row)) for row in rows], fontsize=8
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)


def _draw_points(axes: "Axes", picture: TimelinePicture) -> None:
    points = sorted(picture.points, key=lambda point: point.at_ms)
    at_s = [point.at_ms / 1e3 for point in points]
    axes.plot(at_s, [point.score for point in points], color=_LINE, lw=0.6)
    axes.step(
        at_s,
        [point.threshold for point in points],
        color=_LINE,
        lw=0.8,
        ls=":",
        where="mid",
        label="least score of a product",
    )
    believed = [point for point in points if point.score >= point.threshold]
    for colour, marker, label, kept in (
        (RIGHT, "o", "right", [p for p in believed if _sold(p, picture.truth)]),
        (WRONG, "x", "wrong", [p for p in believed if not _sold(p, picture.truth)]),
    ):
        axes.plot(
            [point.at_ms / 1e3 for point in kept],
            [point.score for point in kept],
            linestyle="",
            marker=marker,
            color=colour,
            ms=4,
            label=f"best candidate, {label}" if kept else None,
        )
    axes.set_ylabel("best\ncandidate's\nscore", fontsize=8)
    axes.tick_params(axis="y", labelsize=8)


def _sold(point: Point, truth: Truth) -> bool:
    return any(
        one.product_id == point.product_id and one.start_ms <= point.at_ms < one.end_ms
        for one in truth.segments
    )


def _told(scores: SegmentScores) -> str:
    first = scores.first_tag
    told = [
        f"segment F1 {scores.f1:.2f}",
        f"{scores.matched} of {scores.segments} segments found by {scores.tags} tags",
        f"first tag after {first.median_ms / 1e3:.1f} s (median)" if first else "no right tag",
        f"{scores.false_tags} false",
        f"edit distance {scores.edit_distance}",
    ]
    return ", ".join(told)
