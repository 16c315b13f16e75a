"""What a calibration on made rooms is and how good it was on rooms held out, as Markdown lines."""

from collections.abc import Mapping, Sequence

from models.calibrate import Scope
from models.scope_calibration import ScopeCalibration


def as_markdown(
    found: Mapping[Scope, ScopeCalibration], rooms: Sequence[str], *, taken_out: bool
) -> list[str]:
    """Return lines for a report or a card.

    Args:
        found: of each scope.
        rooms: names of the rooms that it was fitted on.
        taken_out: whether clips counted again without their product.
    """
    again = " Each clip with a product counts again as if the scope did not hold it."
    lines = [
        (
            f"Calibrated by `liveshelf rooms calibrate` on the whole rooms {', '.join(rooms)}."
            f"{again if taken_out else ''} Figures are of rooms held out: every room was judged by"
            " numbers that the other rooms gave."
        ),
        "",
        (
            "| scope | threshold | precision named | held out | recall | without product believed"
            " | FPR at 95 % TPR | clips | without product |"
        ),
        "|" + "---|" * 9,
    ]
    for scope, one in found.items():
        held = one.chosen
        right = "–" if held.precision is None else f"{held.precision:.3f}"
        lines.append(
            f"| {scope} | {one.threshold:.4f} | {one.precision:g} | {right} | {held.recall:.3f} |"
            f" {held.false_share:.3f} | {one.fpr_at_95_tpr:.3f} | {one.clips} | {one.nothings} |"
        )
    lines += [
        "",
        "| scope | probabilities by | calibration error | adaptive | Brier score | taken |",
        "|" + "---|" * 6,
    ]
    for scope, one in found.items():
        for method, held in one.held_out.items():
            lines.append(
                f"| {scope} | {method} | {held.expected_error:.4f} | {held.adaptive_error:.4f} |"
                f" {held.brier:.4f} | {'yes' if method == one.curve.method else ''} |"
            )
    return lines
