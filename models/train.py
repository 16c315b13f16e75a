"""The training loop: clips and pages of a manifest into an encoder, in one sitting.

Notable choices:
- InfoNCE between clips and pages, as a whole and part by part, and CosFace if wanted (`objective`);
- several processes share a step's samples and see all its negatives (`gathered`, `world`);
- a frozen text network's vectors are computed once each, only their projection learns;
- a step is a pure function of seed and number: the next one is prepared in a thread meanwhile
  (`steps`), and a stopped run goes on to the same bits (`train_state`);
- the learning rates follow the share of the run that is done, by steps or by the clock;
- the best weights by validation are kept, not the last; with `ema` the best running average.

Run it by `liveshelf train MANIFEST FOLDER`; in several processes by
`torchrun --nproc-per-node 8 -m stream.cli train MANIFEST FOLDER`.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from models.average import WeightAverage
from models.batch import Batch
from models.config import EncoderConfig
from models.encoder import Branches, Encoder
from models.errors import InputError
from models.exam import Exam, recalls
from models.gathered import GatheredLoss
from models.manifest import Manifest
from models.objective import Labels
from models.optimiser import make_optimiser, save_memory, schedule, set_mode
from models.preprocess import Tokenizer
from models.steps import Share, Steps
from models.train_options import Tell, Told, TrainOptions
from models.train_state import Learner, Standing, load_state, save_state
from models.trained import TrainedNetworks
from models.world import agreed, moved, start_world, tracked

Micro = Iterator[tuple[Batch, Labels]]


class Trainer:
    """One run: networks, data and a folder that it can be resumed from."""

    def __init__(
        self,
        networks: TrainedNetworks,
        tokenizer: Tokenizer,
        config: EncoderConfig,
        manifest: Manifest,
        options: TrainOptions,
        world: Accelerator | None = None,
    ) -> None:
        """Take the parts of a run.

        Args:
            networks: start.
            tokenizer: of their text network.
            config: of the networks.
            manifest: clips and pages.
            options: how they are trained.
            world: the processes that train together; none: this one, on the CPU.
        """
        self.networks = networks
        self.options = options
        self.config = config
        self.world = world or start_world(options.precision, "cpu")
        self._tokenizer = tokenizer
        self._manifest = manifest
        share = Share(self.world.process_index, self.world.num_processes)
        self.steps = Steps(manifest, tokenizer, config, options, share)
        self._texts = networks.reader()
        if options.loss.centre:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(options.seed + 1)
                networks.learn_centres(len(self.steps.sampler.products))
        if options.loss.matching or options.loss.reconstruction:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(options.seed + 2)
                networks.learn_pairwise(options.loss.decoder)
        optimiser = make_optimiser(networks, options)
        if options.checkpoint_gradients:
            save_memory(networks)
        loss = GatheredLoss(networks, options.loss, self.world)
        self._loss, self.optimiser = self.world.prepare(loss, optimiser)
        self._average = WeightAverage(networks, options.ema) if options.ema else None
        self._learner = Learner(networks, self.optimiser, self._average, self.world.scaler)

    @property
    def total_steps(self) -> int:
        """Steps of a run that is not ended by the clock or by patience."""
        return max(1, round(self.steps.total / self.options.accumulate))

    def run(self, folder: Path, tell: Tell, clock: Callable[[], float]) -> Standing:
        """Train until the steps, the minutes or the patience are over; go on where a run stopped.

        Args:
            folder: keeps the state and the best weights, as `best.safetensors`; every process reads
                it, the first one writes.
            tell: hears of every step.
            clock: seconds, for the pace and `minutes`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        standing = self._standing(folder)
        began, before, saved, samples = clock(), standing.elapsed_s, clock(), 0
        told = {"recipe": asdict(self.options), "encoder": asdict(self.config)}
        with (
            self.steps.ahead(standing.step * self.options.accumulate) as micro,
            torch.random.fork_rng(devices=[]),
            tracked(self.world, folder, told),
        ):
            while not self._over(standing):
                loss, size = self._step(micro, standing)
                samples += size
                standing.step += 1
                standing.elapsed_s = self._elapsed(before + clock() - began)
                found = self._validate(folder, standing) if self._due(standing) else None
                self.world.log(standing.curve[-1], step=standing.step)
                part = self._part(standing)
                tell(Told(standing.step, part, samples, clock() - began, loss, found))
                if clock() - saved >= self.options.save_every_s or self._over(standing):
                    self._save(folder, standing)
                    saved = clock()
        self.world.wait_for_everyone()
        return standing

    def encoder(self, side_px: int | None = None, frames: int | None = None) -> Encoder:
        """Return the networks as they are now as an encoder of the live path."""
        side = side_px or self.options.live_px
        image = replace(self.config.image, height_px=side, width_px=side)
        config = replace(self.config, image=image, frames=frames or self.config.frames)
        branches = Branches.trained(self.networks.eval(), self._tokenizer)
        return Encoder(config, branches, "in training", (), self.world.device.type)

    def _standing(self, folder: Path) -> Standing:
        """Return where the run stands, the same in every process.

        Raises:
            InputError: the processes do not see the same folder.
        """
        standing = load_state(folder, self._learner) or Standing()
        if agreed([standing.step], self.world) != [standing.step]:
            message = f"{folder} is not the same folder in every process; want a shared one"
            raise InputError(message)
        return standing

    def _step(self, micro: Micro, standing: Standing) -> tuple[float, int]:
        """Take a step; return its loss and how many samples it saw in all processes."""
        set_mode(self.networks, self.options)
        rate = self.options.rate * schedule(self._part(standing), self.options.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["share"]
        self.optimiser.zero_grad()
        device, count, size, terms = self.world.device, self.options.accumulate, 0, np.zeros(0)
        names: list[str] = []
        for at in range(count):
            batch, labels = next(micro)
            self._seed(standing.step * count + at)
            with self._apart(last=at + 1 == count):
                texts = self._texts(batch)
                texts = texts if texts is None else texts.to(device)
                found = self._loss(moved(batch, device), texts, moved(labels, device))
                self.world.backward(found["loss"] / count)
            names, size = list(found), size + len(labels.whole)
            values = np.array(torch.stack(list(found.values())).tolist()) / count
            terms = values if at == 0 else terms + values
        self.world.clip_grad_norm_(self.networks.parameters(), self.options.clip)
        self.optimiser.step()
        if self._average is not None:
            self._average.update(standing.step)
        record = dict(zip(names, (round(float(value), 5) for value in terms), strict=True))
        standing.curve.append({"step": standing.step + 1, "rate": rate, **record})
        return record["loss"], size

    def _apart(self, *, last: bool) -> AbstractContextManager[None]:
        """Keep the processes' gradients apart until the last batch of a step."""
        context: AbstractContextManager[None] = (
            nullcontext() if last else self.world.no_sync(self._loss)
        )
        return context

    def _seed(self, number: int) -> None:
        """Make what networks draw, by dropout, a function of seed, batch and process."""
        words = [self.options.seed, number, self.world.process_index]
        torch.manual_seed(int(np.random.SeedSequence(words).generate_state(1)[0]))

    def _due(self, standing: Standing) -> bool:
        """Say whether a validation follows: every so many steps, and at the end."""
        per_epoch = max(1, self.steps.sampler.steps_per_epoch // self.options.accumulate)
        every = self.options.validate_every or per_epoch
        return standing.step % every == 0 or self._part(standing) >= 1.0

    def _validate(self, folder: Path, standing: Standing) -> float | None:
        """Keep the networks if they are the best so far; none: there is nothing to validate on.

        The first process examines, the others hear of it.
        """
        score = math.nan
        if self.world.is_main_process:
            with self._average.stands_in() if self._average is not None else nullcontext():
                score = self._judge(folder, standing)
        told = [score, standing.best, standing.best_step, standing.worse]
        score, standing.best, step, worse = agreed(told, self.world)
        standing.best_step, standing.worse = int(step), int(worse)
        return None if math.isnan(score) else score

    def _judge(self, folder: Path, standing: Standing) -> float:
        """Return the mean reciprocal rank, not a number without clips to validate on.

        Of equal validations the later is kept: small sets are soon answered rightly throughout.
        """
        from safetensors.torch import save_file

        score = math.nan
        if self._manifest.live("val"):
            exam = Exam(self.encoder(frames=1), self._manifest)
            found = recalls(exam.clips("val", self.options.validate_rows), exam.pages)
            rows = [found[mode].mrr for mode in ("picture", "both") if mode in found]
            score = float(np.mean(rows)) if rows else math.nan
            last = standing.curve[-1]
            last |= {f"val_{mode}_r1": one.recall_at_1 for mode, one in found.items()}
        better = math.isnan(score) or score > standing.best
        standing.worse = 0 if better else standing.worse + 1
        if better or score == standing.best:
            standing.best = standing.best if math.isnan(score) else score
            standing.best_step = standing.step
            fresh = folder / "best.new"
            save_file(self.networks.weights(), fresh)
            fresh.replace(folder / "best.safetensors")
        return score

    def _save(self, folder: Path, standing: Standing) -> None:
        if self.world.is_main_process:
            save_state(folder, standing, self._learner)

    def _elapsed(self, own_s: float) -> float:
        """Return the seconds so far; one process's where they decide about the end."""
        return own_s if self.options.minutes is None else agreed([own_s], self.world)[0]

    def _over(self, standing: Standing) -> bool:
        patience = self.options.patience
        return self._part(standing) >= 1.0 or bool(patience and standing.worse >= patience)

    def _part(self, standing: Standing) -> float:
        if self.options.minutes is not None:
            return min(1.0, standing.elapsed_s / (60 * self.options.minutes))
        return min(1.0, standing.step / self.total_steps)
