"""A trained encoder's card, written from its run's report and from nothing else."""

from collections.abc import Sequence
from typing import Any

from models.card_parts import loss_words, part_lines

_THRESHOLDS = "## Thresholds"
_END = "\nLicences: "
_MODES = {
    "picture": "picture alone",
    "text": "words alone",
    "both": "both",
    "chatter": "picture beside small talk",
}
_SPLITS = {
    "test": "clips not trained on",
    "test-unseen": "clips of products never trained on",
    "val": "validation clips, which chose the weights",
}


def card(report: dict[str, Any]) -> str:
    """Return Markdown for people: what it is, trained on what, how good, how it was made."""
    run, data, recipe = report["run"], report["data"], report["recipe"]
    lines = [
        f"# {report['name']}",
        "",
        (
            "Pictures and words of product pages and live clips in one space; written by"
            " `liveshelf train` from its own report."
        ),
        "",
        "| part | what |",
        "|---|---|",
        *part_lines(report["config"], report["start"]),
        (
            f"| size | {report['weights']['bytes'] / 1e6:.1f} MB, SHA-256"
            f" {report['weights']['sha256'][:16]}… |"
        ),
        "",
        "## Data and recipe",
        "",
        (
            f"{data['what']}. {data['train_clips']:,} training clips of {data['train_products']:,}"
            f" products ({data['train_empty']:,} clips of none), {data['pages']:,} pages,"
            f" {data['texts']:,} further texts; lists' SHA-256 {data['fingerprint'][:16]}…."
        ),
        "",
        (
            f"{loss_words(recipe['loss'])}; seed {recipe['seed']}, {run['steps']:,} steps of"
            f" {recipe['sampler']['live_rows']} clips and their pages at {recipe['train_px']} px,"
            f" {run['minutes']:.0f} minutes on"
            f" {run['threads']} thread(s); weights of step {run['best_step']:,}. Code at"
            f" {run['revision'] or 'an unknown revision'}, torch {run['torch']}. All options are in"
            " `report.json` of the run."
        ),
        "",
        "## How well it finds the page",
        "",
        *_recalls(report["splits"]),
        "",
        "Intervals are 95 %, by a bootstrap over products; ties count against the product.",
        *_nothings(report["splits"]),
        *_thresholds(report["thresholds"]),
        "",
        f"Licences: {report['licences']}",
    ]
    return "\n".join(lines) + "\n"


def with_thresholds(text: str, told: Sequence[str]) -> str:
    """Return a card whose thresholds were fitted anew.

    Args:
        text: the card; one without such a section gets it at its end, before the licences.
        told: Markdown lines about them.
    """
    head, found, tail = text.partition(f"{_THRESHOLDS}\n")
    end = tail.find(_END) if found else -1
    if not found:
        at = text.rfind(_END)
        head, tail, end = (f"{text[:at]}\n", text[at:], 0) if at >= 0 else (f"{text}\n", "", 0)
    rest = tail[end:] if end >= 0 else ""
    return "\n".join([f"{head}{_THRESHOLDS}", "", *told, ""]) + rest


def _recalls(splits: dict[str, Any]) -> list[str]:
    lines = ["| clips | seen by | R@1 | R@5 | MRR | clips | products | pages |", "|" + "---|" * 8]
    for split, label in _SPLITS.items():
        for mode, one in splits.get(split, {}).get("recall", {}).items():
            low, high = one["recall_at_1_interval"]
            lines.append(
                f"| {label} | {_MODES[mode]} | {one['recall_at_1']:.3f} ({low:.3f}–{high:.3f}) |"
                f" {one['recall_at_5']:.3f} | {one['mrr']:.3f} | {one['queries']} |"
                f" {one['products']} | {one['gallery']} |"
            )
    return lines


def _nothings(splits: dict[str, Any]) -> list[str]:
    lines = []
    for split, label in _SPLITS.items():
        for mode, one in splits.get(split, {}).get("no_product", {}).items():
            lines.append(
                f"| {label} | {_MODES[mode]} | {one['auroc']:.3f} | {one['product_median']:.3f} |"
                f" {one['nothing_p95']:.3f} | {one['nothings']} |"
            )
    if not lines:
        return []
    head = [
        "",
        "## Product or no product, by the best page's score",
        "",
        "| clips | seen by | AUROC | median with a product | 95th percentile without | without |",
        "|" + "---|" * 6,
    ]
    return [*head, *lines]


def _thresholds(found: dict[str, Any]) -> list[str]:
    if not found:
        return ["", "No thresholds: there was nothing to calibrate on."]
    lines = [
        "",
        _THRESHOLDS,
        "",
        (
            "Fitted on the validation clips, with and without a product, by both parts and by"
            " picture alone; a cart is of 20."
        ),
        "",
        "| scope | threshold | precision | recall | scores |",
        "|" + "---|" * 5,
    ]
    for scope, one in found.items():
        lines.append(
            f"| {scope} | {one['threshold']:.3f} | {one['precision']:.3f} | {one['recall']:.3f} |"
            f" {one['count']} |"
        )
    return lines
