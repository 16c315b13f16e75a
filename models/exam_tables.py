"""Figures of an evaluation as tables of text, for Markdown and HTML alike.

In: what `models.evaluation` gives. Out: titles, heads and cells. Computes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_FIGURES = {"recall_at_1": "R@1", "recall_at_5": "R@5", "recall_at_10": "R@10", "map": "mAP",
            "mrr": "MRR", "ndcg_at_10": "nDCG@10"}  # fmt: skip
_SEEN = {
    "whole": "as it is",
    "picture": "picture alone",
    "text": "words alone",
    "both": "both",
    "textless": "without words",
}


@dataclass(frozen=True)
class TextTable:
    """Cells of one table."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(figures: dict[str, Any]) -> list[TextTable]:
    """Return the tables of a split; those that have nothing to show are left out."""
    made = [
        TextTable(
            "Directions",
            "P page, V short video, L live clip. The query shows what the column says, the gallery"
            " all that it has. In brackets: 95 % interval, by resampling what the last column says;"
            " one of a figure that is 0 or 1 for every group has no width. Ties count against the"
            " query.",
            ("way", "query", *_FIGURES.values(), "queries", "left out", "gallery", "resampled"),
            tuple(_directions(figures["directions"])),
        ),
        TextTable(
            "In the clip's own room",
            "LPR4M's rank-k hit rate: each clip searches the pages of its room only.",
            (
                "query",
                "@1",
                "@3",
                "@5",
                "@10",
                "clips",
                "left out",
                "rooms",
                "rooms without pages",
                "pages of a room",
            ),
            tuple(_rooms(figures["rooms"])),
        ),
        TextTable(
            "One shot",
            "Each product is known by one row of the second domain, drawn anew for each draw.",
            ("way", "query", "accuracy", "sd of draws", "queries", "products", "draws"),
            tuple(_shots(figures["one_shot"])),
        ),
        TextTable(
            "Prefixes of the vectors",
            "The first numbers alone, brought to length one again; queries as they are.",
            ("numbers", "way", *_FIGURES.values()),
            tuple(_prefixes(figures["prefixes"])),
        ),
        TextTable(
            "Silence",
            "Clips of no product (or of none with a page) against the others, by the score of the"
            " first page; and the largest share of all clips that can be answered at a precision.",
            (
                "way",
                "query",
                "AUROC",
                "FPR at 95 % TPR",
                "coverage at .95",
                "coverage at .99",
                "with product",
                "without",
            ),
            tuple(_silence(figures["silence"])),
        ),
        TextTable(
            "Near duplicates",
            _alike_note(figures["near_duplicates"]),
            (
                "products",
                "R@1",
                "R@5",
                "mAP",
                "queries",
                "R@1 in the group",
                "errors",
                "errors that stay in the group",
            ),
            tuple(_near(figures["near_duplicates"])),
        ),
        TextTable(
            "Categories",
            "Queries of the first of L2P, V2P, P2L, P2V, V2L, L2V that there is, as they are."
            " Without interval: one room or product alone.",
            ("category", "R@1", "R@5", "mAP", "queries", "products"),
            tuple(_categories(figures["categories"])),
        ),
    ]
    return [table for table in made if table.rows]


def _value(value: float | None, interval: tuple[float, float] | None = None) -> str:
    """Return a figure with its interval, where there are both."""
    if value is None:
        return "–"
    around = f" ({interval[0]:.3f}–{interval[1]:.3f})" if interval else ""
    return f"{value:.3f}{around}"


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_value(one[name], one["intervals"][name]) for name in _FIGURES)


def _directions(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for way, ways in found.items():
        for seen, one in ways.items():
            counts = (str(one["queries"]), str(one["left_out"]), str(one["gallery"]))
            yield way, _SEEN[seen], *_cells(one), *counts, f"{one['groups']} {one['grouped_by']}"


def _rooms(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for seen, one in found.items():
        hits = [_value(value, one["intervals"][k]) for k, value in one["hit_at"].items()]
        names = ("queries", "left_out", "rooms", "rooms_without_pages")
        yield _SEEN[seen], *hits, *(str(one[name]) for name in names), f"{one['gallery']:.0f}"


def _shots(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for way, ways in found.items():
        for seen, one in ways.items():
            counts = (str(one[name]) for name in ("queries", "products", "draws"))
            accuracy = _value(one["accuracy"], one["interval"])
            yield way, _SEEN[seen], accuracy, _value(one["spread"]), *counts


def _prefixes(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for cut, ways in found.items():
        for way, one in ways.items():
            yield cut, way, *_cells(one)


def _silence(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for way, ways in found.items():
        for seen, one in ways.items():
            covered = [_value(cover["coverage"]) for cover in one["coverage"]]
            apart = (_value(one.get("auroc")), _value(one.get("fpr_at_95_tpr")))
            counts = (str(one["products"]), str(one["nothings"]))
            yield way, _SEEN[seen], *apart, *covered, *counts


def _alike_note(found: dict[str, Any]) -> str:
    if not found:
        return ""
    options = found["options"]
    by = [
        f"{name} {options[key]:g} or more"
        for name, key in (("titles' cosine", "title"), ("pages' score", "vector"))
        if options[key] is not None
    ]
    groups = "; ".join(", ".join(titles) for titles in found["largest"])
    return (
        f"{found['products']} products in {found['groups']} groups of alike pages"
        f" ({' or '.join(by) or 'nothing is compared'}). The largest: {groups or 'none'}."
    )


def _near(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, key in (("with near duplicates", "queries"), ("all others", "others")):
        one = found.get(key)
        if one is None:
            continue
        own = key == "queries"
        inside = _value(found["within_recall_at_1"]) if own else "–"
        errors = str(found["errors"]) if own else "–"
        stay = _value(found["errors_that_stay"]) if own else "–"
        yield name, *_some(one), str(one["queries"]), inside, errors, stay


def _categories(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, one in sorted(found.items(), key=lambda item: (item[1]["recall_at_1"], item[0])):
        yield name, *_some(one), str(one["queries"]), str(one["products"])


def _some(one: dict[str, Any]) -> tuple[str, ...]:
    first = _value(one["recall_at_1"], one["recall_at_1_interval"])
    return first, _value(one["recall_at_5"]), _value(one["map"])
