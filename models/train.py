"""The training loop: clips and pages of a manifest into an encoder, in one sitting.

Notable choices:
- InfoNCE between clips and pages, as a whole and part by part, and CosFace if wanted (`objective`);
- the text network is frozen: its vectors are computed once each, only their projection learns;
- a step is a pure function of seed and number: the next one is prepared in a thread meanwhile, and
  a stopped run goes on to the same bits (`train_state`);
- the learning rates follow the share of the run that is done, by steps or by the clock;
- the best weights by validation are kept, not the last.

Run it by `liveshelf train MANIFEST FOLDER`.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from models.batch import Batch
from models.config import EncoderConfig
from models.dataset import Drawer
from models.encoder import Branches, Encoder
from models.exam import Exam, recalls
from models.manifest import Manifest
from models.objective import Labels, labels_of, objective
from models.preprocess import Tokenizer, to_batch
from models.readable_pictures import ReadablePictures
from models.sampler import Sampler
from models.train_options import Tell, Told, TrainOptions
from models.train_state import Standing, load_state, save_state
from models.trained import TextMemory, TrainedNetworks

_PICTURES = 4_000
"""Decoded pictures that are kept; 256 px each, they take under a gigabyte."""


class Trainer:
    """One run: networks, data and a folder that it can be resumed from."""

    def __init__(
        self,
        networks: TrainedNetworks,
        tokenizer: Tokenizer,
        config: EncoderConfig,
        manifest: Manifest,
        options: TrainOptions,
    ) -> None:
        self.networks = networks
        self.options = options
        self.config = config
        self._tokenizer = tokenizer
        self._manifest = manifest
        side = options.train_px
        small = replace(config.image, height_px=side, width_px=side)
        self._train_config = replace(config, frames=options.draw.frames, image=small)
        self.sampler = Sampler(manifest, options.sampler, options.seed)
        self.pictures = ReadablePictures()
        """What of the training pictures could not be read."""
        read = lru_cache(_PICTURES)(self.pictures)
        self._drawer = Drawer(manifest, options.draw, small, read)
        # Stored by value: a checkpoint's text network is none of the trained weights.
        self._texts = TextMemory(networks.text.branch)  # type: ignore[arg-type]
        if options.loss.centre:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(options.seed + 1)
                networks.learn_centres(len(self.sampler.products))
        self.optimiser = _optimiser(networks, options)

    @property
    def total_steps(self) -> int:
        """Steps of a run that is not ended by the clock."""
        return max(1, round(self.options.epochs * self.sampler.steps_per_epoch))

    def run(self, folder: Path, tell: Tell, clock: Callable[[], float]) -> Standing:
        """Train until the steps or the minutes are over; go on where an earlier run stopped.

        Args:
            folder: keeps the state and the best weights, as `best.safetensors`.
            tell: hears of every step.
            clock: seconds, for the pace and `minutes`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        standing = load_state(folder, self.networks, self.optimiser) or Standing()
        began, before, saved, samples = clock(), standing.elapsed_s, clock(), 0
        every = self.options.validate_every or self.sampler.steps_per_epoch
        with self._ahead(standing.step) as steps:
            while (part := self._part(standing)) < 1.0:
                batch, labels = next(steps)
                loss = self._step(batch, labels, part, standing)
                samples += batch.size
                standing.step += 1
                standing.elapsed_s = before + clock() - began
                done = self._part(standing)
                found = None
                if standing.step % every == 0 or done >= 1.0:
                    found = self._validate(folder, standing)
                tell(Told(standing.step, done, samples, clock() - began, loss, found))
                if clock() - saved >= self.options.save_every_s or done >= 1.0:
                    save_state(folder, standing, self.networks, self.optimiser)
                    saved = clock()
        return standing

    def batch(self, number: int) -> tuple[Batch, Labels]:
        """Return the tensors of a step: a pure function of its number."""
        step = self.sampler.step(number)
        draw = np.random.default_rng([self.options.seed, number, 7])
        drawn = [self._drawer.live(row, draw) for row in step.live]
        drawn += [self._drawer.page(row, draw) for row in step.pages]
        drawn += [one for heard in step.pairs for one in self._drawer.pair(heard)]
        batch = to_batch([one.sample for one in drawn], self._tokenizer, self._train_config)
        seed = int(draw.integers(2**62))
        return batch, labels_of(drawn, self.sampler.products, self.options.loss.centre_share, seed)

    def encoder(self, side_px: int | None = None, frames: int | None = None) -> Encoder:
        """Return the networks as they are now as an encoder of the live path."""
        side = side_px or self.options.live_px
        image = replace(self.config.image, height_px=side, width_px=side)
        config = replace(self.config, image=image, frames=frames or self.config.frames)
        dim = self.config.fusion.dim
        networks = self.networks.eval()
        branches = Branches(networks.image, dim, networks.text, dim, self._tokenizer, networks.gate)
        return Encoder(config, branches, "in training", (), "cpu")

    def _step(self, batch: Batch, labels: Labels, part: float, standing: Standing) -> float:
        _set_mode(self.networks, self.options)
        rate = self.options.rate * schedule(part, self.options.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["share"]
        said = self.networks(batch, self._texts(batch))
        terms = objective(said, labels, self.options.loss, self.networks.centres)
        self.optimiser.zero_grad()
        torch.autograd.backward(terms["loss"])
        torch.nn.utils.clip_grad_norm_(self.networks.parameters(), self.options.clip)
        self.optimiser.step()
        record = {name: round(float(value.detach()), 5) for name, value in terms.items()}
        standing.curve.append({"step": standing.step + 1, "rate": rate, **record})
        return record["loss"]

    def _validate(self, folder: Path, standing: Standing) -> float | None:
        """Keep the networks if they are the best so far; none: there is nothing to validate on."""
        from safetensors.torch import save_file

        score = None
        if self._manifest.live("val"):
            exam = Exam(self.encoder(frames=1), self._manifest)
            found = recalls(exam.clips("val", self.options.validate_rows), exam.pages)
            rows = [found[mode].mrr for mode in ("picture", "both") if mode in found]
            score = float(np.mean(rows)) if rows else None
            last = standing.curve[-1]
            last |= {f"val_{mode}_r1": one.recall_at_1 for mode, one in found.items()}
        if score is None or score > standing.best:
            standing.best, standing.best_step = score or standing.best, standing.step
            fresh = folder / "best.new"
            save_file(self.networks.weights(), fresh)
            fresh.replace(folder / "best.safetensors")
        return score

    def _part(self, standing: Standing) -> float:
        if self.options.minutes is not None:
            return min(1.0, standing.elapsed_s / (60 * self.options.minutes))
        return min(1.0, standing.step / self.total_steps)

    @contextmanager
    def _ahead(self, first: int) -> Iterator[Iterator[tuple[Batch, Labels]]]:
        """Yield steps; one is prepared while another is taken."""
        with ThreadPoolExecutor(1, "prepare") as pool:

            def steps() -> Iterator[tuple[Batch, Labels]]:
                number = first
                waiting = [pool.submit(self.batch, number), pool.submit(self.batch, number + 1)]
                while True:
                    yield waiting.pop(0).result()
                    number += 1
                    waiting.append(pool.submit(self.batch, number + 1))

            try:
                yield steps()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def schedule(part: float, warm_up: float) -> float:
    """Return the share of the largest rate at a share of the run: a ramp, then half a cosine."""
    if part < warm_up:
        return max(part, 0.02 * warm_up) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (part - warm_up) / (1.0 - warm_up)))


def _optimiser(networks: TrainedNetworks, options: TrainOptions) -> torch.optim.Optimizer:
    """Return AdamW with four groups: the image network and the rest, with decay and without."""
    networks.release(options.frozen_blocks)
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in networks.named_parameters():
        if parameter.requires_grad:
            key = (name.startswith("image.branch."), parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
    made = [
        {
            "params": found,
            "share": options.backbone if backbone else 1.0,
            "weight_decay": options.decay if decays else 0.0,
        }
        for (backbone, decays), found in groups.items()
    ]
    return torch.optim.AdamW(made, lr=options.rate)


def _set_mode(networks: TrainedNetworks, options: TrainOptions) -> None:
    networks.train()
    networks.text.branch.eval()
    for module in networks.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            still = options.batch_norm == "frozen" or not module.weight.requires_grad
            module.train(mode=not still)
