"""A training set of coloured pictures and words, and networks that fit into a test."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from PIL import Image

from models.branches.text import load_text_branch, load_tokenizer
from models.config import EncoderConfig, FusionConfig, ImageConfig, TextConfig
from models.dataset import DrawOptions
from models.manifest import Manifest, load_manifest
from models.preprocess import Tokenizer
from models.sampler import SamplerOptions
from models.train import Trainer
from models.train_options import Told, TrainOptions
from models.trained import TrainedNetworks, start_networks
from tests.tiny_vision import WORDS, save_branches

COLOURS = (
    (200, 30, 30),
    (30, 180, 40),
    (30, 40, 200),
    (210, 200, 40),
    (40, 190, 200),
    (180, 40, 190),
)
OPTIONS = TrainOptions(
    epochs=2,
    train_px=32,
    live_px=32,
    batch_norm="frozen",
    frozen_blocks=0,
    backbone=0.1,
    sampler=SamplerOptions(live_rows=6, empty_rows=1),
    draw=DrawOptions(no_picture=0.1),
)


def picture(colour: tuple[int, int, int], seed: int) -> Image.Image:
    """Return a patch of a colour on a noisy ground."""
    draw = np.random.default_rng(seed)
    made = Image.fromarray(draw.integers(90, 160, (40, 48, 3), dtype=np.uint8))
    made.paste(colour, (10 + seed % 5, 6, 38, 34 - seed % 3))
    return made


def write_manifest(folder: Path, products: int = 4, views: int = 5) -> Path:
    """Write pictures and their list; the last product is unseen."""
    rows: list[dict[str, object]] = []

    def row(
        product: int | None, domain: str, seed: int, split: str, text: str | None = None
    ) -> None:
        colour = (120, 120, 120) if product is None else COLOURS[product]
        name = f"{domain}-{product}-{seed}.png"
        picture(colour, seed).save(folder / name)
        named = {} if product is None else {"product_id": f"p{product}", "title": _title(product)}
        kind = {"domain": domain, "frames": [name], "split": split, "text": text}
        rows.append({"product_id": None, "title": None, **named, **kind, "category": "toys"})

    for product in range(products):
        unseen = product == products - 1
        row(product, "page", 0, "test-unseen" if unseen else "train")
        for seed in range(1, views):
            row(product, "live", seed, "test-unseen" if unseen else "train")
        row(product, "live", 90, "val", _title(product))
        row(product, "live", 91, "test", _title(product))
    for seed, split in ((80, "train"), (81, "train"), (82, "val"), (83, "test")):
        row(None, "live", seed, split, "red blue")
    path = folder / "manifest.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in rows))
    return path


def _title(product: int) -> str:
    return f"{WORDS[product]} {WORDS[product + 1]}"


def manifest(folder: Path) -> Manifest:
    """Return a written manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    return load_manifest(write_manifest(folder))


class Parts(NamedTuple):
    """What a trainer is made of, beside data and options."""

    networks: TrainedNetworks
    tokenizer: Tokenizer
    config: EncoderConfig


def parts(folder: Path, seed: int = OPTIONS.seed, *, reads: bool = False) -> Parts:
    """Return random networks; the same folder and seed give the same.

    Args:
        folder: keeps the pretrained parts.
        seed: of the fresh ones.
        reads: whether the text network learns.
    """
    if not (folder / "image").is_dir():
        save_branches(folder)
    text = TextConfig(weights=str(folder / "text"), max_tokens=16, trained=reads)
    config = EncoderConfig(
        name="tiny",
        frames=4,
        image=ImageConfig(
            weights=str(folder / "image"),
            architecture="test_efficientnet",
            height_px=32,
            width_px=32,
            pool="mean",
        ),
        text=text,
        fusion=FusionConfig(kind="gated", dim=16, gate_hidden=8),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks = start_networks(folder / "image", load_text_branch(folder / "text", text), config)
    return Parts(networks, load_tokenizer(folder / "text", text), config)


def trainer(
    folder: Path,
    data: Manifest,
    options: TrainOptions = OPTIONS,
    world: Accelerator | None = None,
) -> Trainer:
    """Return a trainer of random networks."""
    return Trainer(*parts(folder, options.seed), data, options, world)


class Clock:
    """Seconds that pass by one at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def silent(_: Told) -> None:
    """Hear of a step, and say nothing."""
