"""A trainer from registry names: the pretrained parts of the encoder that LiveShelf ships."""

from pathlib import Path

import torch
from accelerate import Accelerator

from models.branches.text import load_text_branch, load_tokenizer
from models.config import EncoderConfig, FusionConfig, ImageConfig, TextConfig
from models.manifest import Manifest
from models.registry import Registry
from models.train import Trainer
from models.train_options import TrainOptions
from models.trained import start_networks


def start_config() -> EncoderConfig:
    """Return the settings of the encoder that LiveShelf ships, before it is trained."""
    return EncoderConfig(
        name="in training",
        image=ImageConfig(pool="mean"),
        # Half a minute of speech is about a hundred tokens.
        text=TextConfig(max_tokens=128),
        fusion=FusionConfig(kind="gated"),
    )


def start_trainer(
    manifest: Manifest,
    options: TrainOptions,
    registry: Registry,
    cache_dir: Path,
    config: EncoderConfig,
    world: Accelerator | None = None,
) -> Trainer:
    """Return a trainer whose pretrained parts are loaded; the fresh parts follow the seed.

    Raises:
        WeightsError: pretrained weights were not pulled, or are damaged.
    """
    text_folder = registry.resolve(config.text.weights, cache_dir)
    image_folder = registry.resolve(config.image.weights, cache_dir)
    text = load_text_branch(text_folder, config.text)
    tokenizer = load_tokenizer(text_folder, config.text)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        networks = start_networks(image_folder, text, config)
    return Trainer(networks, tokenizer, config, manifest, options, world)
