"""A trainer from names of weights: pretrained parts are loaded, fresh ones drawn."""

from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator

from models.branches.text import load_text_branch, load_tokenizer
from models.config import EncoderConfig
from models.manifest import Manifest
from models.registry import Registry
from models.train import Trainer
from models.train_options import TrainOptions
from models.trained import start_networks


def start_trainer(
    manifest: Manifest,
    options: TrainOptions,
    registry: Registry,
    cache_dir: Path,
    config: EncoderConfig,
    world: Accelerator | None = None,
) -> Trainer:
    """Return a trainer whose pretrained parts are loaded; the fresh parts follow the seed.

    The encoder's settings say afterwards which prefixes the loss compares.

    Raises:
        InputError: the settings have nothing that is trained.
        WeightsError: pretrained weights were not pulled, or are damaged.
    """
    lengths = tuple(length for length, _ in options.loss.prefixes.of(config.fusion.dim))
    config = replace(config, prefixes=lengths if len(lengths) > 1 else ())
    text_folder = registry.resolve(config.text.weights, cache_dir)
    image_folder = registry.resolve(config.image.weights, cache_dir)
    text = load_text_branch(text_folder, config.text)
    tokenizer = load_tokenizer(text_folder, config.text)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        networks = start_networks(image_folder, text, config)
    return Trainer(networks, tokenizer, config, manifest, options, world)
