"""What a person reads of a room's score, after `rooms score` and after the demo."""

from rich.table import Table

from models.segment_scores import SegmentScores, Spread


def score_rows(scores: SegmentScores) -> list[tuple[str, str]]:
    """Return name and value of each figure, in words; times are seconds of media time."""
    precision, recall = _share(scores.precision), _share(scores.recall)
    return [
        ("segment F1 at 0.5 IoU", f"{scores.f1:.3f} (precision {precision}, recall {recall})"),
        ("segments found", f"{scores.matched} of {scores.segments}, by {scores.tags} tags"),
        ("time to first correct tag", _spread(scores.first_tag, "no segment")),
        ("segments never told", str(scores.never_told)),
        ("false tags", f"{scores.false_tags} ({scores.false_tags_per_h:.1f} an hour)"),
        ("start off by", _spread(scores.start_error, "no pair", signed=True)),
        ("end off by", _spread(scores.end_error, "no pair", signed=True)),
        ("edit distance of the sequence", _distance(scores)),
    ]


def score_table(scores: SegmentScores, title: str) -> Table:
    """Return the figures as a table."""
    table = Table(title=title, title_justify="left", show_header=False)
    for row in score_rows(scores):
        table.add_row(*row)
    return table


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _spread(spread: Spread | None, without: str, *, signed: bool = False) -> str:
    if spread is None:
        return f"– ({without})"
    told = (
        f"mean {spread.mean_ms / 1e3:.1f} s, median {spread.median_ms / 1e3:.1f}, "
        f"worst {spread.worst_ms / 1e3:.1f}"
    )
    return f"{told}; bias {spread.bias_ms / 1e3:+.1f}" if signed else told


def _distance(scores: SegmentScores) -> str:
    if scores.edit_distance_share is None:
        return str(scores.edit_distance)
    return f"{scores.edit_distance} ({scores.edit_distance_share:.2f} a segment)"
