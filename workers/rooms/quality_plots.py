"""The quality report as pictures: segment F1 with intervals, and how soon products get their tag.

Colours are told apart by people who cannot tell red from green (Okabe and Ito 2008), and each line
has a style of its own.
"""

import math
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from models.plot import new_figure, write_figure
from workers.rooms.quality import Judged
from workers.rooms.tag_counts import counts_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", "--", "-.", ":")
_LONGEST_S = 30.0
"""Later tags are beyond the right edge."""


def draw_quality(found: Sequence[Judged], out: Path) -> None:
    """Write a picture (PNG, SVG or PDF, by the name's ending).

    Args:
        found: at least one variant.
        out: the file.

    Raises:
        InputError: matplotlib is not installed, or the file cannot be written.
    """
    figure = new_figure(11, 2.4 + 0.34 * len(found), "rooms")
    _draw(figure, found)
    write_figure(figure, out)


def _draw(figure: "Figure", found: Sequence[Judged]) -> None:
    left, right = figure.subplots(1, 2)
    colours, styles = cycle(_COLOURS), cycle(_STYLES)
    for row, one in enumerate(found):
        colour, style = next(colours), next(styles)
        f1 = one.found.figure("f1")
        left.plot([one.found.values["f1"]], [row], "o", color=colour, ms=6)
        if f1.low is not None and f1.high is not None:
            left.plot([f1.low, f1.high], [row, row], color=colour, lw=2)
        waits, shares = _reached(
            [delay for room in one.tried for delay in counts_of(room).delays_s]
        )
        right.step(waits, shares, where="post", color=colour, ls=style, label=one.variant.name)
    left.set_yticks(range(len(found)), [one.variant.name for one in found], fontsize=8)
    left.set_ylim(len(found) - 0.5, -0.5)
    left.set_xlim(0, 1.02)
    left.set_xlabel("segment F1 at 0.5 IoU; line: 95 % over rooms", fontsize=8)
    left.grid(axis="x", color="#dddddd", lw=0.6)
    right.set_xlim(0, _LONGEST_S)
    right.set_ylim(0, 1.02)
    right.set_xlabel("seconds from first appearance or mention to first right tag", fontsize=8)
    right.set_ylabel("share of products tagged by then", fontsize=8)
    right.grid(color="#dddddd", lw=0.6)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4,
                  fontsize=8, frameon=False)  # fmt: skip


def _reached(delays_s: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the steps of the share of products that have their tag after so many seconds."""
    had = sorted(delay for delay in delays_s if math.isfinite(delay))
    shares = [(at + 1) / len(delays_s) for at in range(len(had))]
    return [0.0, *had, max([_LONGEST_S, *had[-1:]])], [0.0, *shares, shares[-1] if shares else 0.0]
