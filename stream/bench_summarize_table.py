"""The report of `liveshelf bench summarize` as tables of 80 columns."""

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

_WIDTH = 80


def show(report: dict[str, Any], console: Console | None = None) -> None:
    """Print what is found, what is steered, and the pace.

    Args:
        report: of `stream.bench_summarize`.
        console: where; none: stdout.
    """
    out = console or Console(width=_WIDTH)
    out.print(_found(report))
    if report["steering_cases"]:
        out.print(_steered(report))
    out.print(_pace(report))


def _found(report: dict[str, Any]) -> Table:
    about = f"{report['windows']} windows of {report['shows']} shows, {report['titles']} titles"
    table = _table(
        about,
        (
            "told",
            "right,\ndense",
            "with\nsounds",
            "in its\ncart",
            "strict",
            "none\nright",
            "invents",
        ),
        "right: of windows that tell the product, where the title is first; strict: and\n"
        "it did not say none; none right: of windows without a product; invents: a term\n"
        "that nobody said and nothing on sale has, alone → told; beneath: 95 % interval",
    )
    table.add_row("raw\ntranscript", *_shares(report["raw_transcript"]), "-", "-", "-")
    for row in report["readers"]:
        told = row["told"]
        invents = "\n→ ".join(_value(row[key]["invented"]) for key in ("alone", "told"))
        more = (told["score"]["strict"], told["score"]["none"])
        table.add_row(_name(row), *_shares(told["score"]), *map(_share, more), invents)
    return table


def _steered(report: dict[str, Any]) -> Table:
    kinds = [(one["kind"], one["cases"]) for one in report["readers"][0]["steered"]]
    heads = [f"{kind.replace('_', chr(10))}\nof {cases}" for kind, cases in kinds]
    table = _table(
        "Steered: the back end alone → what is told",
        ("told", *heads),
        "cases that got what they asked for; lost: of what is on offer there is no word",
    )
    for row in report["readers"]:
        cells = [f"{one['alone']}→{one['told']}\nlost {one['lost']}" for one in row["steered"]]
        table.add_row(_name(row), *cells)
    return table


def _pace(report: dict[str, Any]) -> Table:
    table = _table(
        f"Pace: {report['threads']} threads of {report['cores']} cores, "
        f"{report['batch']} at once",
        ("told", "p50 s", "p90 s", "windows\na second", "tokens\nread a s",
         "tokens\nwritten a s", "fell\nback"),
        "a window's share of the time; written: with all that was read for it",
    )  # fmt: skip
    for row in report["readers"]:
        pace = row["pace"]
        rates = [pace["windows_per_s"], pace["tokens_read_per_s"], pace["tokens_written_per_s"]]
        table.add_row(
            row["reader"],
            f"{pace['p50_s']:.3f}",
            f"{pace['p90_s']:.3f}",
            *("-" if rate is None else f"{rate:.1f}" for rate in rates),
            f"{row['fell_back']:.3f}",
        )
    return table


def _table(title: str, heads: Sequence[str], caption: str) -> Table:
    columns = (Column(head, no_wrap=True) for head in heads)
    return Table(
        *columns, title=title, caption=caption, box=SIMPLE, padding=(0, 1, 0, 0), title_style=""
    )


def _name(row: dict[str, Any]) -> str:
    return str(row["reader"]).replace(", ", ",\n")


def _shares(score: dict[str, Any]) -> list[str]:
    return [_share(score[key]) for key in ("dense", "joined", "in_cart")]


def _share(share: dict[str, float] | None) -> str:
    if share is None:
        return "-"
    return f"{_value(share)}\n{share['low']:.2f}–{share['high']:.2f}"


def _value(share: dict[str, float]) -> str:
    return f"{share['value']:.3f}"
