"""How much the scores of one candidate speak for it: log-likelihood ratios by modality. Pure.

A clip that has pictures, words, or both gives each candidate a score by each modality. How much
more often such scores are of the product that is being sold than of another is, in nats, taken to
be linear in them; the weights are fitted together, since what is seen and what is said agree more
often than chance. `evidence_fit` makes them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from models.errors import InputError

Witness = Literal["vision", "speech", "sounds", "variant"]
WITNESSES: tuple[Witness, ...] = get_args(Witness)
"""Near the page by the pictures, by the words, and by the sound of the name; how much better the
words of a look-alike were heard than its own."""
HEARD = frozenset({"sounds", "variant"})
"""Told wherever there are words; one that is missing is 0."""
LEAST_NATS, MOST_NATS = -6.0, 9.0
"""No clip says more: beyond them a line is drawn from too few clips."""


@dataclass(frozen=True)
class EvidenceWeights:
    """For clips with certain modalities."""

    offset: float
    """Nats at scores of 0."""
    weights: Mapping[Witness, float]
    """Nats for each unit of score."""

    def shares(self, by: Mapping[str, float]) -> dict[Witness, float]:
        """Return what each modality adds, in nats; a score that is missing is 0."""
        return {name: weight * by.get(name, 0.0) for name, weight in self.weights.items()}

    def nats(self, by: Mapping[str, float]) -> float:
        """Return the log-likelihood ratio of a candidate with these scores."""
        total = self.offset + math.fsum(self.shares(by).values())
        return min(MOST_NATS, max(LEAST_NATS, total))


def weights_for(
    fitted: Sequence[EvidenceWeights], by: Mapping[str, float]
) -> EvidenceWeights | None:
    """Return the weights of clips that have just the modalities that a candidate was scored by.

    Args:
        fitted: Of different modalities.
        by: Scores by modality.
    """
    there = {name for name in WITNESSES if name in by} - HEARD
    return next((one for one in fitted if {*one.weights} - HEARD == there), None)


def evidence_from_json(told: Any) -> tuple[EvidenceWeights, ...]:
    """Return the weights that `dataclasses.asdict` took apart.

    Raises:
        InputError: they are malformed.
    """
    try:
        fitted = tuple(
            EvidenceWeights(
                float(one["offset"]), {name: float(w) for name, w in sorted(one["weights"].items())}
            )
            for one in told
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"no weights of evidence: {error!r}"
        raise InputError(message) from error
    for one in fitted:
        if not one.weights or not {*one.weights} <= {*WITNESSES}:
            message = f"weights of evidence for {sorted(one.weights)}; there are {list(WITNESSES)}"
            raise InputError(message)
        if not all(map(math.isfinite, (one.offset, *one.weights.values()))):
            message = f"weights of evidence that are no numbers: {one}"
            raise InputError(message)
    return fitted
