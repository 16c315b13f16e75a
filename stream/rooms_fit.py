"""`liveshelf rooms fit`: sound weight and thresholds of an encoder, from rooms played whole."""

from collections.abc import Sequence
from pathlib import Path

from models import sounds
from models.calibrate import SCOPES, Calibration, Scope, SoundsWeight, index_version
from models.card import with_thresholds
from models.checkpoint import CARD, folder_of, recalibrate
from models.errors import InputError
from stream.rooms_evidence import play_evidence
from stream.rooms_trial import read_rooms
from stream.settings import Settings
from stream.stages.loading import load_encoder
from workers.decision import Threshold
from workers.events import stable_id
from workers.rooms.fit import FittedScope, fit_scope
from workers.rooms.reserved_rooms import refuse_reserved
from workers.rooms.variants import GALLERIES, Gallery
from workers.tag import Tagger

_SCOPES: dict[Gallery, tuple[Scope, ...]] = {"cart": ("cart",), "catalogue": ("shop", "catalogue")}
"""No room is searched by shop; a shop is more like a catalogue than like a cart."""


def fit_rooms(
    settings: Settings, folders: Sequence[Path], catalogue: Path, out: Path, *, write: bool
) -> dict[Gallery, FittedScope]:
    """Return the two numbers of each gallery; on request they go into the checkpoint.

    Args:
        settings: which models; the sound weight and the threshold that they have do not count.
        folders: made rooms; what is measured later should not be among them.
        catalogue: what is searched.
        out: folder with the cache, as of `rooms trial`.
        write: whether the checkpoint is changed.

    Raises:
        LiveShelfError: a room, model or index cannot be used, or the encoder is no checkpoint.
    """
    checkpoint = folder_of(settings.models.encoder)
    if not checkpoint.is_dir():
        message = f"{settings.models.encoder!r} is no checkpoint whose thresholds could be fitted"
        raise InputError(message)
    refuse_reserved(folders)
    rooms = read_rooms(folders, catalogue)
    evidence = play_evidence(settings, rooms, catalogue, out / "cache")

    def tagger(stream_id: str, threshold: float) -> Tagger:
        rule = Threshold(threshold, "tried")
        return Tagger(stream_id, dict.fromkeys(SCOPES, rule), settings.tag)

    fitted = {gallery: fit_scope(evidence[gallery], tagger) for gallery in GALLERIES}
    if write:
        version = f"rooms-{stable_id(*sorted(repr(room.truth.segments) for room in rooms))[:8]}"
        _write(settings, checkpoint, fitted, [room.room.stream_id for room in rooms], version)
    return fitted


def _write(
    settings: Settings,
    folder: Path,
    fitted: dict[Gallery, FittedScope],
    rooms: Sequence[str],
    version: str,
) -> None:
    fingerprint = load_encoder(settings).fingerprint
    found = [(scope, fitted[gallery]) for gallery in GALLERIES for scope in _SCOPES[gallery]]
    weights = {str(scope): one.weight for scope, one in found}
    index = index_version(fingerprint, sounds.version(), weights)
    recalibrate(
        folder,
        tuple(
            Calibration(scope, one.threshold, version, fingerprint, index) for scope, one in found
        ),
        tuple(SoundsWeight(scope, one.weight, version, fingerprint) for scope, one in found),
        with_thresholds((folder / CARD).read_text(encoding="utf-8"), _told(found, rooms)),
    )


def _told(found: Sequence[tuple[Scope, FittedScope]], rooms: Sequence[str]) -> list[str]:
    lines = [
        (
            f"Fitted by `liveshelf rooms fit` on the whole rooms {', '.join(rooms)}, together with"
            " the weight of heard names, for the best mean segment F1 of these rooms. So the F1"
            " here is that of the rooms that the numbers were fitted on."
        ),
        "",
        "| scope | threshold | weight of heard names | F1 | best F1 without heard names |",
        "|" + "---|" * 5,
    ]
    for scope, one in found:
        lines.append(
            f"| {scope} | {one.threshold:.4f} | {one.weight:g} | {one.mean_f1:.3f} |"
            f" {one.mean_f1_without_sounds:.3f} |"
        )
    return lines
