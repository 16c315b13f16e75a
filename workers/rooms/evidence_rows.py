"""Candidates of made rooms by every modality → how much each speaks for a candidate.

Clips count whose time is wholly of one product for sale, or of none: at a change nobody can say
what a clip shows. A clip that has pictures and words counts three times, once by each and once by
both, as clips without the one or the other are weighed by what they have.
"""

from collections.abc import Iterator, Mapping, Sequence

from models.calibrate import Scope
from models.evidence import HEARD, EvidenceWeights, Witness
from models.evidence_fit import fit_evidence
from workers.events import Match
from workers.rooms.fit import RoomEvidence
from workers.rooms.scope_windows import Shops, Within, everything, scope_sides
from workers.rooms.scoring import Truth

_SETS: tuple[tuple[Witness, ...], ...] = (
    ("vision",), ("speech", "sounds", "variant"), ("vision", "speech", "sounds", "variant")
)  # fmt: skip


def evidence_of_scopes(
    cart: Sequence[RoomEvidence], catalogue: Sequence[RoomEvidence], shops: Shops
) -> dict[Scope, tuple[EvidenceWeights, ...]]:
    """Return the weights of every scope.

    Args:
        cart: matches of rooms in their carts, with all candidates.
        catalogue: the same in the whole catalogue; a shop's are those of its products among them.
        shops: who sells what.
    """
    sides = scope_sides(cart, catalogue, shops)
    return {scope: scope_evidence(rooms, within) for scope, (rooms, within) in sides.items()}


def scope_evidence(
    rooms: Sequence[RoomEvidence], within: Within = everything
) -> tuple[EvidenceWeights, ...]:
    """Return the weights for clips with pictures, with words, and with both, as far as there are.

    Args:
        rooms: matches with all candidates.
        within: what the scope holds.
    """
    fitted = []
    for witnesses in _SETS:
        rows = [row for room in rooms for row in _rows(room, within, witnesses)]
        right = [is_right for _, is_right in rows]
        if any(right) and not all(right):
            fitted.append(fit_evidence([scores for scores, _ in rows], right, witnesses))
    return tuple(fitted)


def _rows(
    room: RoomEvidence, within: Within, witnesses: Sequence[Witness]
) -> Iterator[tuple[list[float], bool]]:
    for match in room.matches:
        sold, held = _sold_throughout(match, room.truth), within(match, room.truth)
        if sold is None:
            continue
        for one in match.candidates:
            if (held is None or one.product_id in held) and _has(one.by, witnesses):
                yield [one.by.get(name, 0.0) for name in witnesses], one.product_id == sold


def _has(by: Mapping[str, float], witnesses: Sequence[Witness]) -> bool:
    return all(name in by for name in witnesses if name not in HEARD)


def _sold_throughout(match: Match, truth: Truth) -> str | None:
    """Return what is sold all through a clip, "" if nothing is; none: it changes."""
    touched = [
        one for one in truth.segments if one.start_ms < match.end_ms and one.end_ms > match.start_ms
    ]
    if not touched:
        return ""
    whole = touched[0].start_ms <= match.start_ms and touched[0].end_ms >= match.end_ms
    return touched[0].product_id if whole else None
