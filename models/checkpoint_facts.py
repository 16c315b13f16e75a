"""What a checkpoint's folder is and whether it is whole, as plain facts for people and JSON.

In: a folder, and where pretrained weights lie. Out: facts; nothing is downloaded or changed.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.checkpoint import MANIFEST, load_checkpoint, read_manifest, sha256_of
from models.encoder import load_encoder
from models.errors import MismatchError, WeightsError
from models.registry import Registry


def integrity(folder: Path) -> dict[str, str]:
    """Return the state of every file that the list of hashes names: `ok`, `absent` or `altered`.

    Raises:
        InputError: there is no such list.
    """
    found = {}
    for name, wanted in read_manifest(folder).items():
        path = folder / name
        if not path.is_file():
            found[name] = "absent"
        else:
            found[name] = "ok" if sha256_of(path) == wanted else "altered"
    return found


def facts(folder: Path, cache_dir: Path, registry: Registry) -> dict[str, Any]:
    """Return what a checkpoint says and is.

    Args:
        folder: of the checkpoint.
        cache_dir: of pretrained weights; where they are not, the fingerprint is not known.
        registry: knows the pretrained weights.

    Raises:
        InputError: it is no checkpoint.
        WeightsError: a file is altered or absent, or may be a pickle.
    """
    checkpoint = load_checkpoint(folder)
    told: dict[str, Any] = {
        "name": checkpoint.config.name,
        "folder": str(folder),
        "bytes": {
            name: (folder / name).stat().st_size for name in (*read_manifest(folder), MANIFEST)
        },
        "integrity": integrity(folder),
        "weights_sha256": checkpoint.weights_sha256,
        "config": asdict(checkpoint.config),
        "thresholds": [asdict(one) for one in checkpoint.calibrations],
        "sounds": [asdict(one) for one in checkpoint.sounds_weights],
    }
    try:
        encoder = load_encoder(str(folder), cache_dir, "cpu", registry)
    except WeightsError as error:
        return {**told, "fingerprint": None, "dim": None, "not_loaded": str(error)}
    return {**told, "fingerprint": encoder.fingerprint, "dim": encoder.dim, "not_loaded": None}


def verify(folder: Path, cache_dir: Path, registry: Registry) -> dict[str, Any]:
    """Return the facts of a checkpoint whose networks load and whose thresholds are its own.

    Raises:
        InputError: it is no checkpoint.
        WeightsError: a file is altered or absent or may be a pickle, or its networks do not load.
        MismatchError: a threshold or weight belongs to another encoder.
    """
    found = integrity(folder)
    bad = [f"{name} is {state}" for name, state in found.items() if state != "ok"]
    if bad:
        message = f"{folder} is not as it was saved: {', '.join(bad)}"
        raise WeightsError(message)
    told = facts(folder, cache_dir, registry)
    if told["not_loaded"]:
        raise WeightsError(told["not_loaded"])
    for one in (*told["thresholds"], *told["sounds"]):
        if one["fingerprint"] != told["fingerprint"]:
            message = (
                f"the {one['scope']} calibration {one['version']} of {folder} belongs to encoder"
                f" {one['fingerprint'][:16]}, but this encoder is {told['fingerprint'][:16]}"
            )
            raise MismatchError(message)
    return told
