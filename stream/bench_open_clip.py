"""One epoch of open_clip's own training loop, `open_clip_train.train.train_one_epoch`, timed.

In: pairs and towers. Out: pairs a second. The model, the loss, the optimiser's settings and the
crops are open_clip's; only the list of pairs is ours.
"""

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from open_clip import ClipLoss, image_transform
from open_clip.model import CLIP
from open_clip_train.train import train_one_epoch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from models.manifest import Manifest
from models.preprocess import Tokenizer
from stream.bench_pairs import Towers

_RATE, _CLIP = 5e-4, 5.0


class _Pairs(Dataset[tuple[Tensor, Tensor]]):
    """A clip's photo and its page's title."""

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, side_px: int) -> None:
        titles = [str(row.title) for row in manifest.pages]
        self._paths = [manifest.paths(row)[0] for row in manifest.live("train")]
        self._tokens = torch.tensor(tokenizer(titles)[0])
        self._transform = image_transform(side_px, is_train=True)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, at: int) -> tuple[Tensor, Tensor]:
        with Image.open(self._paths[at]) as photo:
            return self._transform(photo), self._tokens[at]


@dataclass(frozen=True)
class Pace:
    """How fast a loop went."""

    pairs_per_s: float
    parameters: int


def open_clip_pace(
    manifest: Manifest, tokenizer: Tokenizer, towers: Towers, batch: int, skipped: int
) -> Pace:
    """Return how many pairs a second the loop takes, after some steps that are not counted."""
    head = {"width": towers.width, "layers": towers.layers}
    seen = {"image_size": towers.side_px, "patch_size": towers.patch_px}
    read = {"context_length": towers.tokens, "vocab_size": towers.words, "heads": towers.heads}
    torch.manual_seed(0)
    model = CLIP(
        towers.dim,
        {**head, **seen, "head_width": towers.width // towers.heads},
        {**head, **read},
        output_dict=True,
    )
    pairs = _Pairs(manifest, tokenizer, towers.side_px)
    # A process that prepares, as our loop has a thread.
    loader: Any = DataLoader(pairs, batch, shuffle=True, num_workers=1, drop_last=True)
    loader.num_batches, loader.num_samples = len(loader), len(pairs)
    began: list[float] = []
    train_one_epoch(
        model,
        {"train": SimpleNamespace(dataloader=loader, set_epoch=lambda _epoch: None)},
        ClipLoss(),
        0,
        torch.optim.AdamW(model.parameters(), lr=_RATE, betas=(0.9, 0.98), eps=1e-6),
        None,
        # It is called when a step begins.
        lambda _step: began.append(time.monotonic()),
        None,
        _arguments(batch),
    )
    parameters = sum(one.numel() for one in model.parameters())
    return Pace((len(began) - 1 - skipped) * batch / (began[-1] - began[skipped]), parameters)


def _arguments(batch: int) -> SimpleNamespace:
    """Return what open_clip's command line would say."""
    return SimpleNamespace(
        device="cpu",
        precision="fp32",
        distill=False,
        accum_freq=1,
        skip_scheduler=False,
        horovod=False,
        grad_clip_norm=_CLIP,
        rank=0,
        local_rank=0,
        world_size=1,
        batch_size=batch,
        log_every_n_steps=1_000_000,
        wandb=False,
    )
