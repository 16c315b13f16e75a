"""`liveshelf rooms calibrate`: thresholds at a named precision, and probabilities, by scope."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models import sounds
from models.calibrate import SCOPES, Calibration, Scope, index_version
from models.card import with_thresholds
from models.checkpoint import CARD, folder_of, load_checkpoint, recalibrate
from models.errors import InputError, SettingsError
from models.evidence import EvidenceWeights
from models.probability import METHODS, Method
from models.scope_calibration import ScopeCalibration, ScopeClips, calibrate_scope
from stream.rooms_evidence import evidence_settings, play_evidence
from stream.rooms_trial import read_rooms
from stream.settings import Settings
from stream.stages.loading import load_encoder, open_index
from workers.catalogue import read_catalogue
from workers.events import stable_id
from workers.rooms.calibration_table import as_markdown
from workers.rooms.evidence_rows import evidence_of_scopes
from workers.rooms.reserved_rooms import refuse_reserved
from workers.rooms.scope_windows import Shops, clips_of_scopes

REPORT, TABLE = "calibration.json", "calibration.md"


@dataclass(frozen=True)
class CalibrateOrder:
    """What is to be calibrated."""

    rooms: tuple[Path, ...]
    """Folders with room.mp4, cart.json and truth.json; what is measured later should not be among
    them."""
    catalogue: Path
    out: Path
    """Folder of the report, and of what was played, under `cache`."""
    precision: float = 0.95
    """Share of believed clips that should be right, above 0, at most 1."""
    methods: tuple[Method, ...] = METHODS
    """Kinds of curve to choose among."""
    taken_out: bool = True
    """Whether a clip with a product counts again as if the scope did not hold it."""
    one_build: bool = False
    """Whether the thresholds serve with an index of this very catalogue alone."""
    write: bool = False
    """Whether the checkpoint is changed."""


def calibrate_rooms(settings: Settings, order: CalibrateOrder) -> dict[Scope, ScopeCalibration]:
    """Return what was fitted for each scope; writes the report, and on request the checkpoint.

    Raises:
        LiveShelfError: a room, model or index cannot be used, the encoder is no checkpoint, or no
            threshold of a scope is that precise.
    """
    folder = folder_of(settings.models.encoder)
    if not folder.is_dir():
        message = f"{settings.models.encoder!r} is no checkpoint that could be calibrated"
        raise InputError(message)
    if settings.match.sounds_weight is not None:
        message = (
            f"match.sounds_weight is set to {settings.match.sounds_weight:g}, but a threshold "
            "belongs to the weight that the index was built with; unset it"
        )
        raise SettingsError(message)
    refuse_reserved(order.rooms)
    fingerprint = load_encoder(settings).fingerprint
    weights = load_checkpoint(folder).sounds_weight_of(fingerprint)
    clips, evidence = _clips(settings, order, weights)
    found = {
        scope: replace(_calibrated(scope, clips[scope], order), evidence=evidence[scope])
        for scope in SCOPES
    }
    names = sorted({name for some in clips.values() for name in some.rooms})
    lines = as_markdown(found, names, taken_out=order.taken_out)
    order.out.mkdir(parents=True, exist_ok=True)
    told = {scope: one.as_json() for scope, one in found.items()}
    (order.out / REPORT).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (order.out / TABLE).write_text("\n".join([*lines, ""]), encoding="utf-8")
    if order.write:
        index = index_version(fingerprint, sounds.version(), weights)
        build = _build(settings, order, fingerprint) if order.one_build else ""
        write_calibration(folder, found, (fingerprint, index, build), lines)
    return found


def write_calibration(
    folder: Path,
    found: Mapping[Scope, ScopeCalibration],
    owner: tuple[str, str, str],
    lines: Sequence[str],
) -> None:
    """Put thresholds, curves and weights of evidence into a checkpoint.

    Args:
        folder: of the checkpoint.
        found: of each scope.
        owner: what they serve with and with nothing else: fingerprint of the encoder, version of
            the index, and its build, empty for any of that version.
        lines: what its card says of them.

    Raises:
        InputError: it is no checkpoint.
        WeightsError: a file of it is not what its list of hashes says.
    """
    told = json.dumps({scope: one.as_json() for scope, one in found.items()}, sort_keys=True)
    version = f"calibrated-{stable_id(told, *owner)[:8]}"
    recalibrate(
        folder,
        tuple(
            Calibration(
                scope, one.threshold, version, *owner, one.precision, one.curve, one.evidence
            )
            for scope, one in found.items()
        ),
        card=with_thresholds((folder / CARD).read_text(encoding="utf-8"), lines),
    )


def _clips(
    settings: Settings, order: CalibrateOrder, weights: Mapping[str, float]
) -> tuple[dict[Scope, ScopeClips], dict[Scope, tuple[EvidenceWeights, ...]]]:
    rooms = read_rooms(order.rooms, order.catalogue)
    evidence = play_evidence(settings, rooms, order.catalogue, order.out / "cache")
    products = read_catalogue(order.catalogue).products
    shops = Shops(
        {one.product_id: one.shop or "" for one in products},
        {one.room.stream_id: one.room.shop or "" for one in rooms},
    )
    sides = evidence["cart"], evidence["catalogue"]
    clips = clips_of_scopes(*sides, weights, shops, taken_out=order.taken_out)
    return clips, evidence_of_scopes(*sides, shops)


def _calibrated(scope: Scope, clips: ScopeClips, order: CalibrateOrder) -> ScopeCalibration:
    try:
        return calibrate_scope(clips, order.precision, order.methods)
    except InputError as error:
        message = f"scope {scope}: {error}"
        raise InputError(message) from error


def _build(settings: Settings, order: CalibrateOrder, fingerprint: str) -> str:
    played = evidence_settings(settings, order.out / "cache", order.catalogue)
    index = open_index(played, played.index.uri)
    try:
        return index.about(fingerprint).build_id
    finally:
        index.close()


def told(found: Mapping[Scope, ScopeCalibration]) -> Sequence[str]:
    """Return a line about each scope, for a terminal."""
    lines = []
    for scope, one in found.items():
        held = one.chosen
        share = "nothing believed" if held.precision is None else f"{held.precision:.3f} right"
        lines.append(
            f"{scope}: threshold {one.threshold:.4f} for precision {one.precision:g}; held out "
            f"{share}, recall {held.recall:.3f}; {one.curve.method}, calibration error "
            f"{held.expected_error:.3f} (adaptive {held.adaptive_error:.3f}); FPR at 95 % TPR "
            f"{one.fpr_at_95_tpr:.3f}; {one.clips} clips of {one.rooms} rooms, {one.nothings} "
            "without a product"
        )
    return lines
