"""A trainer that goes on from a checkpoint of ours: its weights, its settings, a lower rate.

In: a checkpoint folder and a manifest. Out: a trainer as `start_trainer` gives one for pretrained
parts. This is the only place where retraining touches the trainer's making.
"""

from collections.abc import Sequence
from pathlib import Path

from models.branches.text import load_text_branch, load_tokenizer
from models.checkpoint import WEIGHTS, Checkpoint, folder_of, load_checkpoint
from models.errors import InputError
from models.manifest import Manifest
from models.registry import Registry
from models.train import Trainer
from models.train_options import TrainOptions, train_options
from models.trained import load_networks

_DEFAULTS = ("rate=0.0002", "epochs=3", "warm_up=0.1")
"""A tenth of a first training's rate: what was learnt is to be kept, not learnt again."""


def started_from(name: str) -> Checkpoint:
    """Return the checkpoint that a retraining starts from.

    Args:
        name: a preset or a checkpoint folder.

    Raises:
        InputError: there is none of that name, or it was never trained.
    """
    checkpoint = load_checkpoint(folder_of(name))
    if checkpoint.weights_sha256 is None:
        message = (
            f"encoder {name!r} has no trained weights to go on from; name one that has, such as "
            "--from liveshelf, or run `liveshelf train`"
        )
        raise InputError(message)
    return checkpoint


def retrain_options(checkpoint: Checkpoint, assignments: Sequence[str]) -> TrainOptions:
    """Return options for going on: gentler than from scratch, pictures as the checkpoint has them.

    Args:
        checkpoint: is gone on from.
        assignments: KEY=VALUE, stronger than these defaults.
    """
    side = f"live_px={checkpoint.config.image.height_px}"
    return train_options([*_DEFAULTS, side, *assignments])


def go_on_from(
    checkpoint: Checkpoint,
    manifest: Manifest,
    options: TrainOptions,
    registry: Registry,
    cache_dir: Path,
) -> Trainer:
    """Return a trainer whose networks are the checkpoint's.

    Raises:
        WeightsError: the text network was not pulled, or the weights are damaged.
    """
    config = checkpoint.config
    folder = registry.resolve(config.text.weights, cache_dir)
    text, tokenizer = load_text_branch(folder), load_tokenizer(folder, config.text)
    networks = load_networks(checkpoint.folder / WEIGHTS, text, config)
    return Trainer(networks, tokenizer, config, manifest, options)
