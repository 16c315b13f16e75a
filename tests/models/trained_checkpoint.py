"""A tiny checkpoint that was really trained, for tests of what comes after training."""

from dataclasses import replace
from pathlib import Path

from models.manifest import Manifest
from models.train_folder import RunFacts, finish
from models.train_options import Told
from tests.models.tiny_training import OPTIONS, trainer


def trained_checkpoint(folder: Path, data: Manifest, epochs: float = 2) -> Path:
    """Return the folder of a checkpoint with thresholds."""
    options = replace(OPTIONS, epochs=epochs)
    made = trainer(folder / "weights", data, options)
    facts = RunFacts("tiny", "Coloured patches", "", folder)
    standing = made.run(folder / "run", _silent, _still)
    finish(made, standing, data, folder / "run", facts)
    return folder / "run" / "checkpoint"


def _silent(_: Told) -> None:
    pass


def _still() -> float:
    return 0.0
