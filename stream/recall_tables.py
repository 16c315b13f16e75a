"""How examined splits are shown in a terminal: tables of what clips found.

In: figures as `models.exam.report` and `models.evaluation.evaluate` give them. Out: tables on
standard output. Computes nothing.
"""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

_FIGURES = ("recall_at_1", "recall_at_5", "recall_at_10", "map", "mrr", "ndcg_at_10")


def show_recalls(splits: dict[str, Any]) -> None:
    """Print how the clips of each split find their page, and how those of none stand out."""
    table = _table("clips", "by", "R@1", "95 %", "R@5", "MRR", "clips", "products", "pages")
    nothing = _table("clips", "by", "AUROC", "median with", "95th without", "without a product")
    for split, found in splits.items():
        for mode, one in found["recall"].items():
            low, high = one["recall_at_1_interval"]
            figures = [f"{one[key]:.3f}" for key in ("recall_at_1", "recall_at_5", "mrr")]
            figures.insert(1, f"{low:.3f}–{high:.3f}")
            counts = [str(one[key]) for key in ("queries", "products", "gallery")]
            table.add_row(split, mode, *figures, *counts)
        for mode, one in found["no_product"].items():
            keys = ("auroc", "product_median", "nothing_p95")
            nothing.add_row(split, mode, *(f"{one[key]:.3f}" for key in keys), str(one["nothings"]))
    _print(table, nothing)


def show_evaluation(figures: dict[str, Any]) -> None:
    """Print the directions, rooms and one-shot figures of each split."""
    for split, found in figures.items():
        _print(
            _directions(f"{split}: directions", found["directions"]),
            _rooms(f"{split}: hits in the clip's own room", found["rooms"]),
            _shots(f"{split}: one shot", found["one_shot"]),
        )


def _directions(title: str, found: dict[str, Any]) -> Table:
    heads = ("R@1", "R@5", "R@10", "mAP", "MRR", "nDCG", "asked", "of")
    table = _table("way", "by", *heads, title=title)
    for direction, ways in found.items():
        for seen, one in ways.items():
            cells = [f"{one[key]:.3f}" for key in _FIGURES]
            table.add_row(direction, seen, *cells, str(one["queries"]), str(one["gallery"]))
    return table


def _rooms(title: str, found: dict[str, Any]) -> Table:
    table = _table("by", "@1", "@3", "@5", "@10", "clips", "rooms", "pages each", title=title)
    for seen, one in found.items():
        cells = [f"{value:.3f}" for value in one["hit_at"].values()]
        counts = (str(one["queries"]), str(one["rooms"]), f"{one['gallery']:.0f}")
        table.add_row(seen, *cells, *counts)
    return table


def _shots(title: str, found: dict[str, Any]) -> Table:
    table = _table("way", "by", "accuracy", "95 %", "products", "draws", title=title)
    for direction, ways in found.items():
        for seen, one in ways.items():
            around = "{:.3f}–{:.3f}".format(*one["interval"]) if one["interval"] else "–"
            cells = (f"{one['accuracy']:.3f}", around)
            table.add_row(direction, seen, *cells, str(one["products"]), str(one["draws"]))
    return table


def _table(*heads: str, title: str | None = None) -> Table:
    """Return one that fits into 80 columns."""
    columns = [Column(head, no_wrap=True) for head in heads]
    return Table(
        *columns,
        title=title,
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )


def _print(*tables: Table) -> None:
    for table in tables:
        if table.rows:
            Console().print(table)
