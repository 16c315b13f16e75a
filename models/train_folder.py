"""A run's folder: what was told, the curve as CSV and picture, and in the end a checkpoint.

run.json  curve.csv  curve.png  best.safetensors  state/  report.json  checkpoint/
and what trackers leave: liveshelf/ is TensorBoard's, wandb/ that of Weights & Biases.
"""

import csv
import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from models.card import card
from models.checkpoint import save_checkpoint
from models.config import EncoderConfig
from models.encoder import Encoder, load_encoder
from models.errors import InputError
from models.exam import Exam, report
from models.manifest import Manifest
from models.neighbours import fingerprint_of
from models.thresholds import calibrate_scopes
from models.train import Trainer
from models.train_options import TrainOptions
from models.train_state import Standing
from models.trained import shipped_config

BEST, CHECKPOINT, REPORT = "best.safetensors", "checkpoint", "report.json"
_MADE_WITH = ("torch", "accelerate", "transformers", "timm", "numpy", "pillow")


@dataclass(frozen=True)
class RunFacts:
    """What a run says of itself, beside its options."""

    name: str
    """Of the encoder."""
    what: str
    """One line about the data, for the card."""
    revision: str
    """Of the code; empty when it is not known."""
    cache_dir: Path
    """Of pretrained weights."""
    config: EncoderConfig | None = None
    """Of the networks; none: not known yet."""
    processes: int = 1
    """That train together."""
    device: str = "cpu"
    """Of each."""
    licences: str = "not recorded"
    """Of the pretrained parts, for the card."""


def describe(folder: Path, facts: RunFacts, options: TrainOptions, manifest: Manifest) -> None:
    """Write what the run is told; a folder of another run is refused.

    Raises:
        InputError: the folder holds a run with other options or data.
    """
    told: dict[str, Any] = {"recipe": asdict(options), "data": manifest.learnt_fingerprint}
    if facts.config is not None:
        told["encoder"] = asdict(facts.config)
    if options.sampler.negatives:
        # A list that was mined anew draws other steps.
        told["negatives"] = fingerprint_of(Path(options.sampler.negatives))
    path = folder / "run.json"
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
        defaults = json.loads(json.dumps(asdict(TrainOptions())))
        known["recipe"] = _completed(known.get("recipe", {}), defaults)
        # Older runs did not say what their networks were.
        known.setdefault("encoder", json.loads(json.dumps(told.get("encoder"))))
        changed = [key for key in told if known.get(key) != json.loads(json.dumps(told[key]))]
        if changed:
            message = (
                f"{folder} holds a run with another {' and '.join(changed)}; go on with the same, "
                "or train into another folder"
            )
            raise InputError(message)
        return
    folder.mkdir(parents=True, exist_ok=True)
    whole = {
        "name": facts.name,
        "revision": facts.revision,
        "versions": _versions(),
        "processes": facts.processes,
        "device": facts.device,
        "threads": torch.get_num_threads(),
        **told,
    }
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    """Return what the run was made with; a part that is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in _MADE_WITH:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _completed(known: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Return an older run's options with those that it did not know yet, as they are by default."""
    found = {**defaults, **known}
    for key, value in defaults.items():
        if isinstance(value, dict):
            found[key] = _completed(known.get(key, {}), value)
    return found


def write_curve(folder: Path, standing: Standing) -> None:
    """Write the curve as CSV and, where matplotlib is at hand, as a picture."""
    names = sorted({name for record in standing.curve for name in record} - {"step"})
    with (folder / "curve.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["step", *names])
        writer.writeheader()
        writer.writerows(standing.curve)
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    steps = [record["step"] for record in standing.curve]
    left.plot(steps, [record["loss"] for record in standing.curve], color="0.7", label="loss")
    for name in [name for name in names if name.startswith("val_")]:
        points = [(record["step"], record[name]) for record in standing.curve if name in record]
        right.plot(*zip(*points, strict=True), marker="o", label=name.removeprefix("val_"))
    left.set(xlabel="step", ylabel="loss")
    right.set(ylabel="validation R@1", ylim=(0, 1))
    figure.legend(loc="outside upper center", ncols=4)
    figure.savefig(folder / "curve.png", dpi=120)


def finish(
    trainer: Trainer, standing: Standing, manifest: Manifest, folder: Path, facts: RunFacts
) -> dict[str, Any]:
    """Write curve, report and checkpoint of a run whose steps are over; return the report.

    The checkpoint is examined as it was written: loaded by its folder, like any other.
    """
    write_curve(folder, standing)
    weights = (folder / BEST).read_bytes()
    config = shipped_config(trainer.config, facts.name, trainer.options.live_px)
    checkpoint = folder / CHECKPOINT
    files = trainer.networks.files()
    save_checkpoint(checkpoint, config, "", weights=weights, files=files)
    encoder = load_encoder(str(checkpoint), facts.cache_dir, "cpu")
    digest = hashlib.sha256(weights).hexdigest()
    exam = Exam(encoder, manifest)
    called, most = f"{facts.name}-{digest[:8]}", trainer.options.examine_rows
    calibrations, thresholds = _calibrated(exam, encoder, called, most)
    made: dict[str, Any] = {
        "name": facts.name,
        "config": asdict(config),
        "start": {
            "image": trainer.config.image.weights,
            "text": trainer.config.text.weights,
        },
        "recipe": asdict(trainer.options),
        "weights": {"bytes": len(weights), "sha256": digest},
        "data": _data(manifest, facts.what),
        "run": {
            "steps": standing.step,
            "best_step": standing.best_step,
            "minutes": standing.elapsed_s / 60,
            "threads": torch.get_num_threads(),
            "processes": facts.processes,
            "revision": facts.revision,
            "torch": torch.__version__,
        },
        "splits": report(exam, ("test", "test-unseen", "val"), most),
        "thresholds": thresholds,
        "fingerprint": encoder.fingerprint,
        "licences": facts.licences,
        "unreadable_pictures": trainer.steps.pictures.unreadable,
    }
    (folder / REPORT).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    save_checkpoint(checkpoint, config, card(made), calibrations, weights, files=files)
    return made


def _calibrated(exam: Exam, encoder: Encoder, called: str, most: int) -> tuple[Any, dict[Any, Any]]:
    if not exam.has("val"):
        # There is nothing to calibrate on, and the card says so.
        return (), {}
    return calibrate_scopes(exam.clips("val", most), exam.pages, encoder, called)


def _data(manifest: Manifest, what: str) -> dict[str, Any]:
    live = manifest.live("train")
    return {
        "what": what,
        "fingerprint": manifest.fingerprint,
        "train_clips": sum(row.product_id is not None for row in live),
        "train_empty": sum(row.product_id is None for row in live),
        "train_products": len({row.product_id for row in live} - {None}),
        "pages": len(manifest.pages),
        "texts": len(manifest.texts),
    }
