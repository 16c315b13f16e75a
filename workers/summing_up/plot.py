"""The report of `liveshelf bench summarize` as one picture: found, steered, seconds."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.plot import new_figure, png_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377")
_SHARES = (
    ("joined", "right, with sounds"),
    ("in_cart", "right, in its cart"),
    ("strict", "strict"),
    ("none", "none right"),
)
Numbers = NDArray[np.float64]


def plot(report: dict[str, Any]) -> bytes:
    """Return a PNG.

    Args:
        report: of `stream.bench_summarize`, with at least one reader.

    Raises:
        InputError: matplotlib is not installed.
    """
    figure = new_figure(9, 9, "train")
    found, steered, pace = figure.subplots(3)
    _found(found, report)
    _steered(steered, report)
    _pace(pace, report)
    for axes in (found, steered, pace):
        axes.spines[["top", "right"]].set_visible(False)
    return png_of(figure)


def _found(axes: "Axes", report: dict[str, Any]) -> None:
    rows = report["readers"]
    wide = 0.8 / len(rows)
    for at, row in enumerate(rows):
        places = np.arange(len(_SHARES) + 1) + at * wide
        alone, (values, low, high) = _shares(row["alone"])[0], _shares(row["told"])
        colour = _COLOURS[at % 6]
        axes.bar(places, alone, wide, color=colour, alpha=0.35)
        axes.bar(places, values, wide, color=colour, label=row["reader"])
        reach = np.stack([values - low, high - values])
        axes.errorbar(places, values, yerr=reach, fmt="none", ecolor="#222222", elinewidth=0.8)
    names = [*(name for _, name in _SHARES), "invented terms"]
    axes.set_xticks(np.arange(len(names)) + 0.4 - wide / 2, names)
    axes.set_yticks(np.arange(0, 1.01, 0.2))
    axes.set(ylim=(0, 1.3), ylabel="share of windows")
    axes.set_title("Pale: the back end alone; full: what is told, with its 95 % interval")
    axes.legend(fontsize="small", ncols=3, loc="upper center")


def _shares(figures: dict[str, Any]) -> Numbers:
    """Return value, low and high of each share; NaN where there is none."""
    shares = [*(figures["score"][key] for key, _ in _SHARES), figures["invented"]]
    keys = ("value", "low", "high")
    return np.array([[np.nan if one is None else one[key] for one in shares] for key in keys])


def _steered(axes: "Axes", report: dict[str, Any]) -> None:
    rows = report["readers"]
    kinds = [f"{one['kind']}\nof {one['cases']}" for one in rows[0]["steered"]]
    wide = 0.8 / len(rows)
    for at, row in enumerate(rows):
        places = np.arange(len(kinds)) + at * wide
        counts = {key: [one[key] for one in row["steered"]] for key in ("alone", "told")}
        axes.bar(places, counts["alone"], wide, color=_COLOURS[at % 6], alpha=0.35)
        axes.bar(places, counts["told"], wide, color=_COLOURS[at % 6])
    axes.set_xticks(np.arange(len(kinds)) + 0.4 - wide / 2, kinds)
    axes.set(ylabel="cases that got through", title="Steered: pale, the back end alone; full, told")


def _pace(axes: "Axes", report: dict[str, Any]) -> None:
    names = [row["reader"] for row in report["readers"]]
    for key, colour in (("p90_s", "#bbbbbb"), ("p50_s", "#4477aa")):
        values = [row["pace"][key] for row in report["readers"]]
        axes.barh(names, values, color=colour, height=0.7, label=key.removesuffix("_s"))
    axes.invert_yaxis()
    axes.set(xlabel="seconds a window", title="Pace")
    axes.legend(fontsize="small")
