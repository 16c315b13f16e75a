"""The report of `liveshelf index bench` as one picture: recall against latency at each size."""

from typing import TYPE_CHECKING, Any

from models.plot import new_figure, png_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {
    "FLAT": "#222222",
    "HNSW": "#4477aa",
    "IVF_FLAT": "#228833",
    "IVF_SQ8": "#ccbb44",
    "IVF_PQ": "#ee6677",
}


def plot(report: dict[str, Any]) -> bytes:
    """Return a PNG.

    Args:
        report: of `stream.index_bench`, with at least one size.

    Raises:
        InputError: matplotlib is not installed.
    """
    sizes = report["sizes"]
    figure = new_figure(4.5 * len(sizes), 4.5, "train")
    panels = figure.subplots(1, len(sizes), squeeze=False, sharey=True)[0]
    for axes, size in zip(panels, sizes, strict=True):
        _curves(axes, size, report["options"]["batch"])
    return png_of(figure)


def _curves(axes: "Axes", size: dict[str, Any], batch: int) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    at_once = [one for one in size["points"] if not (one["in_shop"] or one["writes"])]
    curves: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in at_once:
        curves.setdefault((one["kind"], one["consistency"]), []).append(one)
    for (kind, consistency), points in curves.items():
        points.sort(key=lambda one: one["effort"])
        is_curve = len(points) > 1 or kind == "FLAT"
        axes.plot(
            [one["p99_ms"] for one in points],
            [one["recall"] for one in points],
            marker="o" if is_curve and consistency != "Strong" else "x",
            color=_COLOURS.get(kind, "#aa3377"),
            label=f"{kind}, {consistency}",
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(ScalarFormatter(useOffset=False))
    axes.set(
        xlabel=f"p99 of a batch of {batch} searches, ms",
        ylabel="recall@10 against exact",
        title=f"{size['count']:,} products",
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.label_outer()
    axes.legend(fontsize="small")
