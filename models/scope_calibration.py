"""A threshold at a named precision and a curve of probabilities, with figures of clips held out.

In: the best candidate of many clips of one scope, and whether it was right. Out: both fitted on all
of them, and what the same fit did on clips of rooms that it had not seen: every room is once among
those. Which curve is taken is decided by the held-out Brier score, which rewards right
probabilities and nothing else.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.calibrate import fit_threshold
from models.calibration_error import adaptive_error, brier, expected_error
from models.errors import InputError
from models.evidence import EvidenceWeights
from models.no_product import fpr_at_tpr
from models.probability import METHODS, Curve, Method
from models.probability_fit import fit_curve

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_CAUTION = 1.0
"""Standard errors. The lowest threshold that looks precise enough is chosen among many, so that it
is lucky: on photos in shops .71 of what was held out was right where .8 had been named, with this
.79, and where .5 had been named .47 and .51."""


@dataclass(frozen=True)
class ScopeClips:
    """Best candidates of N clips in one scope."""

    scores: Array
    """(N,) of the best candidate."""
    right: Flags
    """(N,) whether it is what is being sold."""
    shown: Flags
    """(N,) whether something is being sold that the scope holds."""
    rooms: tuple[str, ...]
    """(N,) clips of one room are never on both sides."""


@dataclass(frozen=True)
class HeldOut:
    """What numbers did on clips of rooms that they were not fitted on."""

    expected_error: float
    """Of the probabilities, over 15 equally wide bins."""
    adaptive_error: float
    """The same over 15 bins of equal size."""
    brier: float
    precision: float | None
    """Share of believed clips that were right; none: no clip was believed."""
    recall: float
    """Share of clips with a product of the scope that were believed and right."""
    false_share: float
    """Share of clips without one that were believed."""


@dataclass(frozen=True)
class ScopeCalibration:
    """The numbers of a scope, and how good they are."""

    threshold: float
    precision: float
    """That was named."""
    curve: Curve
    held_out: dict[Method, HeldOut]
    """By kind of curve."""
    fpr_at_95_tpr: float
    """Share of clips without a product of the scope whose best score is at least one that 95 % of
    the others reach; needs no fit."""
    clips: int
    nothings: int
    """Clips without a product of the scope."""
    rooms: int
    evidence: tuple[EvidenceWeights, ...] = ()
    """How much scores by modality speak for a candidate; none: modalities are not told apart."""

    @property
    def chosen(self) -> HeldOut:
        """What the curve that was taken did."""
        return self.held_out[self.curve.method]

    def as_json(self) -> dict[str, Any]:
        """Return everything, for a report."""
        return asdict(self)


def calibrate_scope(
    clips: ScopeClips,
    precision: float,
    methods: Sequence[Method] = METHODS,
    folds: int = 10,
) -> ScopeCalibration:
    """Return threshold and curve of a scope.

    Args:
        clips: of several rooms; with a product and without.
        precision: share of believed clips that should be right, above 0, at most 1.
        methods: kinds of curve to choose among.
        folds: parts into which the rooms are cut; each is held out once.

    Raises:
        InputError: a single room, clips of one kind only, or no threshold is that precise.
    """
    names = sorted(set(clips.rooms))
    if len(names) < 2 or clips.shown.all() or not clips.shown.any():
        message = (
            f"{len(clips.rooms)} clips of {len(names)} rooms, {int(clips.shown.sum())} with a "
            "product: to hold rooms out, want two and more, with and without products"
        )
        raise InputError(message)
    fitted = fit_threshold(clips.scores, clips.right, precision, _CAUTION)
    part = {name: place % folds for place, name in enumerate(names)}
    parts = np.array([part[name] for name in clips.rooms])
    believed = _believed(clips, precision, parts)
    held_out = {
        method: _held_out(clips, believed, _probabilities(clips, method, parts))
        for method in methods
    }
    best = min(methods, key=lambda method: held_out[method].brier)
    return ScopeCalibration(
        threshold=float(np.clip(fitted.threshold, -1.0, 1.0)),
        precision=precision,
        curve=fit_curve(clips.scores, clips.right, best),
        held_out=held_out,
        fpr_at_95_tpr=fpr_at_tpr(clips.scores[clips.shown], clips.scores[~clips.shown]),
        clips=len(clips.scores),
        nothings=int((~clips.shown).sum()),
        rooms=len(names),
    )


def _probabilities(clips: ScopeClips, method: Method, parts: npt.NDArray[np.int64]) -> Array:
    """Return (N,) what a curve of the other rooms says of each clip."""
    said = np.empty(len(clips.scores))
    for one in np.unique(parts):
        own = parts == one
        curve = fit_curve(clips.scores[~own], clips.right[~own], method)
        said[own] = [curve.probability(float(score)) for score in clips.scores[own]]
    return said


def _believed(clips: ScopeClips, precision: float, parts: npt.NDArray[np.int64]) -> Flags:
    """Return (N,) whether each clip is believed by the threshold of the other rooms."""
    found = np.zeros(len(clips.scores), dtype=bool)
    for one in np.unique(parts):
        own = parts == one
        try:
            fitted = fit_threshold(clips.scores[~own], clips.right[~own], precision, _CAUTION)
        except InputError:
            # Without these rooms no threshold is that precise: nothing would be believed.
            continue
        found[own] = clips.scores[own] >= fitted.threshold
    return found


def _held_out(clips: ScopeClips, believed: Flags, said: Array) -> HeldOut:
    hits = believed & clips.right
    return HeldOut(
        expected_error=expected_error(said, clips.right),
        adaptive_error=adaptive_error(said, clips.right),
        brier=brier(said, clips.right),
        precision=float(hits.sum() / believed.sum()) if believed.any() else None,
        recall=float(hits.sum() / clips.shown.sum()),
        false_share=float((believed & ~clips.shown).sum() / (~clips.shown).sum()),
    )
