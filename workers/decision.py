"""From which score on the best candidate is a product, and to what that rule belongs.

`match` asks it whether to look further, `tag` whether to believe. A rule holds for one scope, one
encoder and one version of an index; with any other it says nothing, and whoever finds that refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from models.errors import MismatchError
from models.evidence import EvidenceWeights, weights_for
from models.probability import Curve
from workers.events import Scope

if TYPE_CHECKING:
    from models.calibrate import Calibration

StepDown = Literal["empty", "unsure"]
"""`empty`: a gallery is left if it holds none of the products; `unsure`: also if its best candidate
is not believed."""
_CALIBRATE = "build the index with this encoder, and calibrate: `liveshelf rooms calibrate`"


@dataclass(frozen=True)
class Threshold:
    """From which score on a best candidate is taken for a product, and which rule that is.

    Each scope of search has its own: the best of eight products is less of a coincidence than the
    best of a million.
    """

    score: float
    """Of the parts that were present and of what was heard, from -1 to 1."""
    version: str
    """Changes with the calibration; written into every tag."""
    fingerprint: str = ""
    """Encoder that it was calibrated with; empty: any."""
    index: str = ""
    """Version of the index that it was calibrated with; empty: any."""
    build: str = ""
    """Build that it was calibrated with; empty: any of that version."""
    precision: float | None = None
    """Share of believed clips that are right, as it was calibrated to; none: it was not."""
    curve: Curve | None = None
    """Turns scores into probabilities; none: scores stay scores."""
    evidence: tuple[EvidenceWeights, ...] = ()
    """How much each modality's scores speak for a candidate; none: they are not told apart."""

    def believes(self, score: float) -> bool:
        """Whether a best candidate with this score is a product."""
        return score >= self.score

    def probability(self, score: float) -> float | None:
        """Return the probability that a best candidate with this score is right."""
        return None if self.curve is None else self.curve.probability(score)

    def weights(self, by: Mapping[str, float]) -> EvidenceWeights | None:
        """Return the weights for a candidate that is scored by these modalities, if there are."""
        return weights_for(self.evidence, by)

    def nats(self, by: Mapping[str, float]) -> float:
        """Return how much a clip speaks for a candidate: the log-likelihood ratio, in nats.

        Args:
            by: its score by each modality; 0 nats where the rule knows no weights for these.
        """
        weights = self.weights(by)
        return 0.0 if weights is None else weights.nats(by)

    def mismatch(self, scope: str, fingerprint: str, index: str, build: str) -> str:
        """Return what does not belong together, both sides named; empty: all does.

        Args:
            scope: that the rule is for.
            fingerprint: of the encoder that made the vectors; empty: not known.
            index: version of the index that was asked; empty: not known.
            build: of that index; empty: not known.
        """
        sides = (
            ("encoder", self.fingerprint, fingerprint),
            ("index version", self.index, index),
            ("index build", self.build, build),
        )
        for what, own, other in sides:
            # A rule that is bound refuses what says nothing of itself, but for the encoder: clips
            # without any evidence carry none.
            if own and other != own and (other or what != "encoder"):
                return (
                    f"the {scope} threshold {self.version} belongs to {what} {own[:16]}, but this "
                    f"is {what} {other[:16] or 'unknown'}; {_CALIBRATE}"
                )
        return ""


def threshold_of(one: "Calibration") -> Threshold:
    """Return the rule that a checkpoint keeps.

    Raises:
        MismatchError: it says not to which index it belongs.
    """
    if not one.index:
        message = (
            f"the {one.scope} threshold {one.version} of encoder {one.fingerprint[:16]} names no "
            f"index that it belongs to, and any index could be this one; {_CALIBRATE}"
        )
        raise MismatchError(message)
    return Threshold(
        score=one.threshold,
        version=one.version,
        fingerprint=one.fingerprint,
        index=one.index,
        build=one.build,
        precision=one.precision,
        curve=one.curve,
        evidence=one.evidence,
    )


def refuse_mismatch(
    rules: Mapping[Scope, Threshold], fingerprint: str, index: str, build: str
) -> None:
    """Refuse rules that do not belong to an encoder and an index.

    Raises:
        MismatchError: one does not; the message names both sides.
    """
    for scope, rule in rules.items():
        other = rule.mismatch(scope, fingerprint, index, build)
        if other:
            raise MismatchError(other)
