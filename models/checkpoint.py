"""A checkpoint: a folder with settings, thresholds, perhaps weights, a card, and a list of hashes.

`config.json`, `calibration.json`, `model.safetensors` if anything was trained, `README.md`, and
`manifest.json` with the SHA-256 of each of them. A pickle in the folder, even one that nobody
reads, makes it refused: whoever opens a pickle runs its author's code.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models import calibrate, config, preprocess
from models.calibrate import Calibration, Scope, SoundsWeight
from models.config import EncoderConfig
from models.errors import InputError, MismatchError, WeightsError

PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
PRESETS = Path(__file__).with_name("checkpoints")
WEIGHTS = "model.safetensors"
CARD = "README.md"
MANIFEST = "manifest.json"
_CONFIG, _CALIBRATION = "config.json", "calibration.json"
_PARTS = (config.IMAGE_FOLDER, config.TEXT_FOLDER)
_INSIDE = [[name] for name in _PARTS]
# What decides a vector in a folder of somebody else's making.
_TELLING = ("*.safetensors", "*.json", "*.model", "vocab.txt", "merges.txt")


@dataclass(frozen=True)
class Checkpoint:
    """A folder that was read and held against its list of hashes."""

    folder: Path
    config: EncoderConfig
    calibrations: tuple[Calibration, ...]
    weights_sha256: str | None
    """Of `model.safetensors`; none when nothing was trained."""
    sounds_weights: tuple[SoundsWeight, ...] = ()
    """How much a name that was heard counts, for each scope that it was fitted for."""

    def threshold(self, scope: Scope, fingerprint: str) -> Calibration | None:
        """Return the threshold for a scope, or none when it was not calibrated for it.

        Raises:
            MismatchError: it was calibrated with another encoder.
        """
        return find_threshold(self.calibrations, scope, fingerprint)

    def sounds_weight_of(self, fingerprint: str) -> dict[str, float]:
        """Return the fitted weight of the sound-alike score, by scope.

        Raises:
            MismatchError: one was fitted with another encoder.
        """
        for item in self.sounds_weights:
            _refuse_other(
                f"{item.scope} sound weight {item.version}", item.fingerprint, fingerprint
            )
        return {str(item.scope): item.weight for item in self.sounds_weights}


def find_threshold(
    calibrations: tuple[Calibration, ...], scope: Scope, fingerprint: str
) -> Calibration | None:
    """Return the threshold for a scope, or none when there is none.

    Raises:
        MismatchError: it was calibrated with another encoder.
    """
    for item in calibrations:
        if item.scope == scope:
            _refuse_other(f"{scope} threshold {item.version}", item.fingerprint, fingerprint)
            return item
    return None


def _refuse_other(what: str, owner: str, fingerprint: str) -> None:
    if owner != fingerprint:
        message = (
            f"the {what} belongs to encoder {owner[:16]}, but this encoder is {fingerprint[:16]}; "
            "calibrate again or set a value"
        )
        raise MismatchError(message)


def folder_of(name: str) -> Path:
    """Return the folder of a preset, or the folder that a name is."""
    return PRESETS / name if (PRESETS / name / _CONFIG).is_file() else Path(name)


def pretrained_names(name: str) -> tuple[str, ...]:
    """Return the registry names or folders that an encoder needs beside its own weights.

    Args:
        name: of a preset, or a checkpoint folder; anything else needs none that can be told.

    Raises:
        InputError: its settings cannot be read.
    """
    folder = folder_of(name)
    if not (folder / _CONFIG).is_file():
        return ()
    settings = config.load_config(folder / _CONFIG)
    named = (settings.image.weights, settings.text.weights)
    return tuple(one for one in named if one != config.OWN_WEIGHTS)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def identity_of(folder: Path) -> str:
    """Return a hash over every file of a weights folder that can decide a vector."""
    found = sorted({path for pattern in _TELLING for path in folder.glob(pattern)})
    lines = [f"{path.name}\x1f{sha256_of(path)}" for path in found]
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()


def fingerprint(settings: EncoderConfig, weights: dict[str, str]) -> str:
    """Return 64 hexadecimal digits that index, live stream and threshold must share.

    Args:
        settings: of the encoder; its name does not count.
        weights: identity of each branch's weights, by branch.
    """
    parts = {
        "preprocess": preprocess.fingerprint_text(settings),
        "weights": weights,
        **settings.deciding(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def refuse_pickles(folder: Path) -> None:
    """Refuse a folder with a file that could hold a pickle.

    Raises:
        WeightsError: there is one.
    """
    refuse_pickle_names(map(str, folder.rglob("*")))


def refuse_pickle_names(names: Iterable[str]) -> None:
    """Refuse names of files that could be pickles.

    Raises:
        WeightsError: there is one.
    """
    found = sorted(name for name in names if Path(name).suffix.lower() in PICKLES)
    if found:
        message = (
            f"{found[0]} may be a pickle, which can run code when it is opened; only safetensors "
            "are read, so convert it and remove it"
        )
        raise WeightsError(message)


def load_checkpoint(folder: Path) -> Checkpoint:
    """Return a checked checkpoint.

    Raises:
        InputError: the folder is no checkpoint, or a file in it is malformed.
        WeightsError: a file is not what the manifest says, or may be a pickle.
    """
    if not (folder / _CONFIG).is_file():
        message = f"{folder} is no encoder checkpoint: it has no {_CONFIG}"
        raise InputError(message)
    refuse_pickles(folder)
    hashes = read_manifest(folder)
    for name, wanted in hashes.items():
        path = folder / name
        if not path.is_file() or sha256_of(path) != wanted:
            message = f"{path} is absent or not the file that {MANIFEST} names ({wanted[:16]}…)"
            raise WeightsError(message)
    parts = [path for name in _PARTS for path in (folder / name).rglob("*") if path.is_file()]
    read = (
        _CONFIG,
        _CALIBRATION,
        WEIGHTS,
        *(path.relative_to(folder).as_posix() for path in parts),
    )
    unnamed = [name for name in read if name not in hashes]
    for name in unnamed:
        if (folder / name).exists():
            message = f"{folder / name} is not in {MANIFEST}"
            raise WeightsError(message)
    calibrations: tuple[Calibration, ...] = ()
    sounds_weights: tuple[SoundsWeight, ...] = ()
    if _CALIBRATION in hashes:
        path = folder / _CALIBRATION
        told = path.read_text(encoding="utf-8")
        calibrations = calibrate.from_json(told, str(path))
        sounds_weights = calibrate.weights_from_json(told, str(path))
    settings = config.load_config(folder / _CONFIG)
    return Checkpoint(folder, settings, calibrations, hashes.get(WEIGHTS), sounds_weights)


def read_manifest(folder: Path) -> dict[str, str]:
    """Return the hashes that a checkpoint's files should have, by name.

    Raises:
        InputError: there is no such list, or it names files outside the folder.
    """
    path = folder / MANIFEST
    try:
        hashes = json.loads(path.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path} cannot be read as a list of hashes: {error!r}"
        raise InputError(message) from error
    if not isinstance(hashes, dict) or not all(_inside(name) for name in hashes):
        message = f"{path} should name files of its own folder with their hashes"
        raise InputError(message)
    return {str(name): str(value) for name, value in hashes.items()}


def _inside(name: str) -> bool:
    """Whether a name is that of a file in the folder, or in one of its two parts."""
    parts = name.split("/")
    return Path(parts[-1]).name == parts[-1] and (len(parts) == 1 or parts[:-1] in _INSIDE)


def save_checkpoint(
    folder: Path,
    settings: EncoderConfig,
    card: str,
    calibrations: tuple[Calibration, ...] = (),
    weights: bytes | None = None,
    sounds_weights: tuple[SoundsWeight, ...] = (),
    files: Mapping[str, bytes] | None = None,
) -> None:
    """Write a checkpoint; the manifest comes last, so that a half-written one is refused.

    Args:
        folder: made if missing.
        settings: of the encoder.
        card: Markdown for people: what it is, trained on what, how good, which licence.
        calibrations: one for each scope at most.
        weights: a safetensors file, when anything was trained.
        sounds_weights: of what was heard, one for each scope at most.
        files: what else its networks are made of, in its `image` and `text` folders.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content_of = {
        **(files or {}),
        _CONFIG: config.to_json(settings).encode(),
        _CALIBRATION: calibrate.to_json(calibrations, sounds_weights).encode(),
        CARD: card.encode(),
    }
    if weights is not None:
        content_of[WEIGHTS] = weights
    (folder / MANIFEST).unlink(missing_ok=True)
    for name, content in content_of.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    _write_manifest(
        folder, {name: hashlib.sha256(content).hexdigest() for name, content in content_of.items()}
    )


def recalibrate(
    folder: Path,
    calibrations: tuple[Calibration, ...] | None = None,
    sounds_weights: tuple[SoundsWeight, ...] | None = None,
    card: str | None = None,
) -> None:
    """Replace what a checkpoint was calibrated to; its encoder and fingerprint stay.

    Args:
        folder: a checkpoint.
        calibrations: its new thresholds; none: they stay.
        sounds_weights: its new weights of what was heard; none: they stay.
        card: what its card says from now on; none: it stays.

    Raises:
        InputError: it is no checkpoint.
        WeightsError: a file of it is not what its list of hashes says.
    """
    known = load_checkpoint(folder)
    told = calibrate.to_json(
        known.calibrations if calibrations is None else calibrations,
        known.sounds_weights if sounds_weights is None else sounds_weights,
    ).encode()
    files = {_CALIBRATION: told} | ({CARD: card.encode()} if card is not None else {})
    fresh = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    hashes = read_manifest(folder) | fresh
    (folder / MANIFEST).unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    _write_manifest(folder, hashes)


def _write_manifest(folder: Path, hashes: dict[str, str]) -> None:
    manifest = json.dumps({"sha256": dict(sorted(hashes.items()))}, indent=2) + "\n"
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
