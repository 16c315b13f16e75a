"""Figures of an evaluation as pictures: curves by direction, categories, scores, prefixes.

In: what `models.evaluation` gives. Out: PNG files as bytes. Computes nothing but what a bar needs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from models.directions import Answered
from models.plot import new_figure, png_of
from models.score_blocks import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BARS = 40
"""Categories in one picture; with more, those with most queries are shown."""
_BINS = 40


def plots(figures: dict[str, Any], main: Answered | None, dim: int) -> dict[str, bytes]:
    """Return PNG files by name; those that have nothing to show are left out.

    Args:
        figures: of `models.evaluation.evaluate`, through JSON or not.
        main: the answers whose scores are counted.
        dim: D of whole vectors.

    Raises:
        InputError: matplotlib is not installed.
    """
    made: dict[str, bytes] = {}
    if figures["directions"]:
        made["recall"] = _png((8, 4.5), lambda axes: _curves(axes, figures["directions"]))
    shown = figures["categories"]
    if shown:
        bars = _most_asked(shown)
        height = 1.2 + 0.24 * len(bars)
        made["categories"] = _png((8, height), lambda axes: _bars(axes, bars, len(shown)))
    if main is not None:
        made["scores"] = _png((8, 3.6), lambda axes: _scores(axes, main))
    if figures["prefixes"]:
        made["prefixes"] = _png((8, 4), lambda axes: _prefixes(axes, figures, dim))
    return made


def _png(size: tuple[float, float], draw: "Callable[[Axes], None]") -> bytes:
    figure = new_figure(*size, "train")
    axes = figure.subplots()
    draw(axes)
    axes.spines[["top", "right"]].set_visible(False)
    return png_of(figure)


def _curves(axes: "Axes", directions: dict[str, Any]) -> None:
    for name, ways in directions.items():
        for seen, style in (("whole", "-"), ("picture", ":")):
            if seen in ways:
                curve = ways[seen]["curve"]
                at = [int(k) for k in curve]
                label = name if seen == "whole" else f"{name}, picture alone"
                axes.plot(at, list(curve.values()), style, marker="o", markersize=3, label=label)
    axes.set(xscale="log", xlabel="k", ylabel="recall at k", ylim=(0, 1.02))
    axes.set_title("Recall at k by direction; whole queries, and by picture alone")
    ticks = sorted({int(k) for ways in directions.values() for k in ways["whole"]["curve"]})
    axes.set_xticks(ticks, [str(k) for k in ticks], minor=False)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small", ncols=2)


def _most_asked(shown: dict[str, Any]) -> list[tuple[str, Any]]:
    kept = sorted(shown.items(), key=lambda item: (-item[1]["queries"], item[0]))[:_MOST_BARS]
    return sorted(kept, key=lambda item: (item[1]["recall_at_1"], item[0]))


def _bars(axes: "Axes", bars: list[tuple[str, Any]], count: int) -> None:
    names = [f"{name} ({one['queries']})" for name, one in bars]
    values = np.array([one["recall_at_1"] for _, one in bars])
    reach = _reach(values, [one["recall_at_1_interval"] for _, one in bars])
    axes.barh(names, values, color="#4477aa", height=0.7)
    axes.errorbar(values, names, xerr=reach, fmt="none", ecolor="#222222", elinewidth=0.8)
    axes.set(xlim=(0, 1.02), xlabel="recall at 1 (queries), with its 95 % interval")
    some = f", the {len(bars)} of {count} with most queries" if len(bars) < count else ""
    axes.set_title(f"Recall at 1 by category{some}")
    axes.margins(y=0.01)
    axes.grid(axis="x", alpha=0.3)


def _scores(axes: "Axes", main: Answered) -> None:
    from matplotlib.ticker import MaxNLocator

    ranked = main.ranked
    best, own = ranked.best_score, ranked.before >= 0
    right = ranked.before == 0
    kinds = (
        ("first is right", best[right], "#228833"),
        ("first is wrong", best[own & ~right], "#ee6677"),
        ("no product", best[~own], "#999999"),
    )
    shown = [kind for kind in kinds if len(kind[1])]
    axes.hist(
        [values for _, values, _ in shown],
        bins=_BINS,
        stacked=True,
        color=[colour for _, _, colour in shown],
        label=[f"{name} ({len(values)})" for name, values, _ in shown],
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="score of the first answer", ylabel="queries")
    axes.set_title(f"Scores of first answers, {main.direction}")
    axes.legend(fontsize="small")


def _prefixes(axes: "Axes", figures: dict[str, Any], dim: int) -> None:
    whole = {name: ways["whole"] for name, ways in figures["directions"].items()}
    cuts = {**{int(cut): found for cut, found in figures["prefixes"].items()}, dim: whole}
    for name in whole:
        found = [(cut, ways[name]) for cut, ways in sorted(cuts.items()) if name in ways]
        at = [cut for cut, _ in found]
        values = np.array([one["recall_at_1"] for _, one in found])
        reach = _reach(values, [one["intervals"]["recall_at_1"] for _, one in found])
        axes.errorbar(at, values, yerr=reach, marker="o", markersize=4, capsize=2, label=name)
    axes.set(
        xscale="log", xlabel="first numbers of the vector", ylabel="recall at 1", ylim=(0, 1.02)
    )
    axes.set_xticks(sorted(cuts), [str(cut) for cut in sorted(cuts)], minor=False)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _reach(values: Scores, intervals: list[tuple[float, float] | None]) -> Scores:
    """Return (2, N) how far bars reach down and up; not at all without an interval."""
    known = [interval or (value, value) for value, interval in zip(values, intervals, strict=True)]
    low, high = np.array(known).T
    found: Scores = np.clip([values - low, high - values], 0, None)
    return found
