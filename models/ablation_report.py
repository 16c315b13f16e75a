"""The ablation as a table: means over seeds, steps with their intervals, and where a step hurts.

In: outcomes of `models.ablation`. Out: an object for JSON, and Markdown for people. Computes means
and picks examples; trains and ranks nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from models.ablation import MEAN, MEASURES, Ablation
from models.directions import Direction
from models.paired import Difference

_LABELS = {"recall_at_1": "R@1", "recall_at_5": "R@5", "recall_at_10": "R@10", "map": "mAP"}
_STEPPED = ("recall_at_1", "map")
_OF_A_PRODUCT = 2
_LONG = 160
"""Characters of a text that Markdown shows."""


@dataclass(frozen=True)
class Hurt:
    """A query that most seeds answered rightly before a step, and wrongly after it."""

    direction: Direction
    product_id: str
    frames: tuple[str, ...]
    text_before: str | None
    text_after: str | None
    right: str
    """Title, or product, of what should have been found."""
    found: str
    """Title, or product, of what most seeds found instead after the step."""
    found_text: str | None
    """What was read of it then."""
    seeds_before: int
    """Seeds that were right."""
    seeds_after: int


def hurts(ablation: Ablation, first: str, second: str, most: int = 10) -> list[Hurt]:
    """Return queries that a step from one variant to another hurts, those of most seeds first.

    No product is shown more than twice in one direction.

    Args:
        ablation: all outcomes.
        first: name of the variant that is right in more than half of the seeds.
        second: name of the one that is wrong in more than half.
        most: examples at most.
    """
    made = []
    seeds = len(ablation.options.seeds)
    rows = [row for one in ablation.looked.values() for row in (*one.rows, *one.gallery)]
    # Clips have no title of their own, but their product's page has.
    titles = {row.product_id: row.title for row in rows if row.title is not None}
    for direction, looked in ablation.looked.items():
        before, after = (ablation.shown[name][direction] for name in (first, second))
        was = before.values("recall_at_1").sum(axis=0)
        became = after.values("recall_at_1").sum(axis=0)
        for at in np.flatnonzero((was > seeds / 2) & (became < seeds / 2)):
            places = [int(one.wrong_at[at]) for one in after.ranked if one.before[at] != 0]
            place = Counter(places).most_common(1)[0][0]
            row, wrong = looked.rows[at], looked.gallery[place]
            made.append(
                Hurt(
                    direction=direction,
                    product_id=str(row.product_id),
                    frames=row.frames,
                    text_before=before.query_texts[at],
                    text_after=after.query_texts[at],
                    right=titles.get(row.product_id) or str(row.product_id),
                    found=titles.get(wrong.product_id) or str(wrong.product_id),
                    found_text=after.gallery_texts[place],
                    seeds_before=int(was[at]),
                    seeds_after=int(became[at]),
                )
            )
    made.sort(key=lambda one: one.seeds_after - one.seeds_before)
    kept: Counter[tuple[Direction, str]] = Counter()
    shown = []
    for one in made:
        kept[one.direction, one.product_id] += 1
        if kept[one.direction, one.product_id] <= _OF_A_PRODUCT:
            shown.append(one)
    return shown[:most]


def ablation_json(ablation: Ablation) -> dict[str, Any]:
    """Return all figures, steps and examples as JSON has them."""
    names = [variant.name for variant in ablation.variants]
    return {
        "options": asdict(ablation.options),
        "queries": {name: len(one.rows) for name, one in ablation.looked.items()},
        "rows": [_row(ablation, name) for name in names],
        "steps": [_step(ablation, *pair) for pair in pairwise(names)],
    }


def _row(ablation: Ablation, name: str) -> dict[str, Any]:
    texts = next(one.texts for one in ablation.variants if one.name == name)
    made: dict[str, Any] = {}
    for where in (*ablation.looked, None):
        figures = {}
        for measure in MEASURES:
            seeds = ablation.per_seed(name, measure, where)
            sd = float(seeds.std(ddof=1)) if len(seeds) > 1 else 0.0
            figures[measure] = {"mean": float(seeds.mean()), "sd": sd, "seeds": seeds.tolist()}
        made[where or MEAN] = figures
    return {"variant": name, "texts": asdict(texts), "empty": _empty(ablation, name), **made}


def _empty(ablation: Ablation, name: str) -> dict[str, float]:
    """Return the share of queries without words, by direction."""
    found: dict[str, float] = {}
    for direction, shown in ablation.shown[name].items():
        texts = shown.query_texts
        found[direction] = sum(text is None for text in texts) / len(texts)
    return found


def _step(ablation: Ablation, first: str, second: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for where in (None, *ablation.looked):
        made[where or MEAN] = {
            measure: _difference(ablation.step(first, second, measure, where))
            for measure in _STEPPED
        }
    examples = [asdict(one) for one in hurts(ablation, first, second)]
    return {"from": first, "to": second, "differences": made, "hurts": examples}


def _difference(found: Difference) -> dict[str, Any]:
    return {**asdict(found), "holds": found.holds}


def ablation_markdown(told: dict[str, Any]) -> str:
    """Return tables and examples.

    Args:
        told: of `ablation_json`.
    """
    options, queries = told["options"], told["queries"]
    asked = ", ".join(f"{name} {count}" for name, count in queries.items())
    seeds = ", ".join(str(seed) for seed in options["seeds"])
    lines = [
        "## What words add to pictures",
        "",
        (
            f"Split {options['split']}, seeds {seeds}; queries: {asked}. Mean ± standard deviation"
            " over seeds; a query that has nothing to show is a miss; ties count against."
        ),
        "",
        *_table(told, MEAN, "mean over directions"),
    ]
    if len(queries) > 1:
        for name in queries:
            lines += ["", *_table(told, name, name)]
    lines += ["", "### Steps", "", *_steps(told)]
    for step in told["steps"]:
        lines += ["", *_examples(step)]
    return "\n".join(lines) + "\n"


def _table(told: dict[str, Any], where: str, label: str) -> list[str]:
    heads = " | ".join(_LABELS[measure] for measure in MEASURES)
    lines = [f"| {label} | {heads} | queries without words |", "|" + "---|" * (len(MEASURES) + 2)]
    for row in told["rows"]:
        cells = [f"{one['mean']:.3f} ± {one['sd']:.3f}" for one in map(row[where].get, MEASURES)]
        shares = list(row["empty"].values()) if where == MEAN else [row["empty"][where]]
        lines.append(f"| {row['variant']} | {' | '.join(cells)} | {np.mean(shares):.1%} |")
    return lines


def _steps(told: dict[str, Any]) -> list[str]:
    lines = ["| step | over | measure | difference | 95 % | holds |", "|" + "---|" * 6]
    for step in told["steps"]:
        for where, found in step["differences"].items():
            for measure, one in found.items():
                low, high = one["interval"]
                lines.append(
                    f"| {step['from']} → {step['to']} | {where} | {_LABELS[measure]} |"
                    f" {one['mean']:+.3f} | {low:+.3f} to {high:+.3f} |"
                    f" {_verdict(one)} |"
                )
    note = "Intervals: paired bootstrap over seeds and rooms, or products where there are no rooms."
    return [*lines, "", note]


def _verdict(one: dict[str, Any]) -> str:
    if one["interval"][1] < 0:
        return "no: the opposite"
    return "yes" if one["holds"] else "not shown"


def _examples(step: dict[str, Any]) -> list[str]:
    title = f"### Hurt by the step {step['from']} → {step['to']}"
    if not step["hurts"]:
        return [title, "", "No query that most seeds had right became wrong for most."]
    lines = [
        title,
        "",
        "| way | product | query's words before | after | found instead: its words | seeds right |",
        "|" + "---|" * 6,
    ]
    for one in step["hurts"]:
        cells = [one["direction"], one["right"], _short(one["text_before"])]
        found, read = one["found"], one["found_text"]
        cells += [_short(one["text_after"]), found if read == found else f"{found}: {_short(read)}"]
        seeds = f"{one['seeds_before']} → {one['seeds_after']}"
        lines.append(f"| {' | '.join(_plain(cells))} | {seeds} |")
    return lines


def _plain(cells: Sequence[str]) -> list[str]:
    """Return texts that cannot end a cell or a line."""
    return [" ".join(cell.replace("|", "/").split()) for cell in cells]


def _short(text: str | None) -> str:
    if text is None:
        return "no words"
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
