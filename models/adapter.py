"""Trains a LoRA adapter of a causal language model: the loop, over tokens only.

Every example is a prompt and an answer; only the answer is learnt. The order of the examples and
the first weights come from a seed and there is no dropout, so that a run stopped and resumed gives
the same bytes as one that was not.

Hu et al., 2021, "LoRA: Low-Rank Adaptation of Large Language Models" (arXiv 2106.09685).
"""

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from models.answers import Example, answer_loss, ordered
from models.errors import InputError, MismatchError

STATE = "state.safetensors"
_BETAS = (0.9, 0.99)


@dataclass(frozen=True)
class AdapterOptions:
    """How the adapter is shaped and trained."""

    rank: int = 8
    """Of each layer's difference."""
    alpha: int = 16
    """The difference is scaled by alpha over rank."""
    targets: tuple[str, ...] = (
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
    )  # fmt: skip
    """Names of the linear layers that get one."""
    first_layer: int = 10
    """Blocks below this one stay as they are: no gradient has to go down to them."""
    learning_rate: float = 6e-4
    """At its highest."""
    warm_up: float = 0.06
    """Share of the steps over which the rate rises; it then falls as a cosine."""
    epochs: int = 2
    """Times that every example is seen."""
    batch: int = 8
    """Examples in a step."""
    largest_gradient: float = 1.0
    """Longer gradients are shortened to this length."""
    seed: int = 0
    """Of first weights and order."""
    keep_s: float = 60.0
    """Seconds of work that a stop loses at most, and one step."""
    validate_every: int = 50
    """Steps between two looks at the validation loss."""


@dataclass(frozen=True)
class Progress:
    """Where a run is after a step."""

    step: int
    steps: int
    loss: float
    """Mean over the answers' tokens, in nats."""
    validation_loss: float | None
    """Set where it was just measured."""
    examples_per_s: float
    eta_s: float


@dataclass
class _State:
    step: int = 0
    key: str = ""
    curve: list[tuple[int, float, float | None]] = field(default_factory=list)


def rate_at(step: int, steps: int, options: AdapterOptions) -> float:
    """Return the learning rate of a step: a line up, then half a cosine down."""
    rising = max(1, round(options.warm_up * steps))
    if step < rising:
        return options.learning_rate * (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    return options.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class AdapterTrainer:
    """Trains one adapter.

    Args:
        model: of `transformers`, on its device; it is changed in place.
        options: how.

    Raises:
        InputError: the model has no block to train.
    """

    def __init__(self, model: Any, options: AdapterOptions) -> None:
        from peft import LoraConfig, get_peft_model

        self.options = options
        blocks = int(model.config.num_hidden_layers)
        if options.first_layer >= blocks:
            message = f"first_layer is {options.first_layer} of {blocks} blocks; give a lower one"
            raise InputError(message)
        shape = LoraConfig(
            r=options.rank,
            lora_alpha=options.alpha,
            lora_dropout=0.0,
            target_modules=list(options.targets),
            task_type="CAUSAL_LM",
            layers_to_transform=list(range(options.first_layer, blocks)),
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.model: Any = get_peft_model(model, shape)
        self._trained = {
            name: values for name, values in self.model.named_parameters() if values.requires_grad
        }
        self._optimizer = torch.optim.AdamW(
            self._trained.values(), lr=options.learning_rate, betas=_BETAS, weight_decay=0.0
        )
        self._state = _State()

    @property
    def size(self) -> int:
        """Numbers that are learnt."""
        return sum(values.numel() for values in self._trained.values())

    @property
    def curve(self) -> list[tuple[int, float, float | None]]:
        """Step, training loss and, where measured, validation loss."""
        return list(self._state.curve)

    def fit(
        self,
        examples: Callable[[int], Sequence[Example]],
        validation: Sequence[Example],
        folder: Path,
        most_steps: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[Progress]:
        """Train to the end, or on from where a stopped run was; yield after every step.

        Args:
            examples: epoch → its examples, the same number in each.
            validation: never learnt.
            folder: where the state is kept.
            most_steps: ends the run early, its rates unchanged; none: the whole schedule.
            clock: in seconds.

        Raises:
            MismatchError: the folder has the state of another run.
            InputError: there is nothing to learn, or the state cannot be read.
        """
        options = self.options
        first = examples(0)
        if not first:
            message = "no examples to train on; give pairs of the split train"
            raise InputError(message)
        per_epoch = math.ceil(len(first) / options.batch)
        steps = per_epoch * options.epochs
        self._resume(folder, _key(first, options))
        begun, done, kept_s = clock(), 0, clock()
        for epoch in range(self._state.step // per_epoch, options.epochs):
            learnt = examples(epoch)
            batches = ordered(learnt, options.batch, options.seed, epoch)
            for batch in batches[self._state.step - epoch * per_epoch :]:
                if most_steps is not None and self._state.step >= most_steps:
                    self._keep(folder)
                    return
                loss = self._step([learnt[index] for index in batch], steps)
                done += len(batch)
                measured = self._measure(validation, steps)
                self._state.curve.append((self._state.step, loss, measured))
                now = clock()
                if now - kept_s >= options.keep_s or self._state.step == steps:
                    self._keep(folder)
                    kept_s = clock()
                pace = done / max(now - begun, 1e-9)
                left = (steps - self._state.step) * options.batch
                yield Progress(self._state.step, steps, loss, measured, pace, left / pace)

    def _step(self, examples: Sequence[Example], steps: int) -> float:
        self.model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = rate_at(self._state.step, steps, self.options)
        loss = answer_loss(self.model, examples)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained.values(), self.options.largest_gradient)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._state.step += 1
        return float(loss.detach())

    def _measure(self, validation: Sequence[Example], steps: int) -> float | None:
        if not validation or (
            self._state.step % self.options.validate_every and self._state.step != steps
        ):
            return None
        self.model.eval()
        total = tokens = 0.0
        by_length = sorted(validation, key=lambda one: len(one.tokens))
        with torch.no_grad():
            for start in range(0, len(by_length), self.options.batch):
                part = by_length[start : start + self.options.batch]
                total += float(answer_loss(self.model, part, mean=False))
                tokens += sum(len(one.tokens) - one.answer_at for one in part)
        return total / tokens

    def _keep(self, folder: Path) -> None:
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"weight/{name}": values.detach() for name, values in self._trained.items()}
        for name, values in self._trained.items():
            for part, value in self._optimizer.state[values].items():
                tensors[f"{part}/{name}"] = torch.as_tensor(value)
        fresh = folder / f"{STATE}.part"
        save_file(tensors, fresh, metadata={"standing": json.dumps(asdict(self._state))})
        # In one step: whoever is killed here finds the old state or the new one.
        os.replace(fresh, folder / STATE)  # noqa: PTH105 (atomic on purpose)

    def _resume(self, folder: Path, key: str) -> None:
        from safetensors import SafetensorError, safe_open

        self._state.key = key
        path = folder / STATE
        if not path.exists():
            return
        try:
            with safe_open(path, framework="pt") as kept:
                standing = json.loads((kept.metadata() or {})["standing"])
                tensors = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
            state = _State(standing["step"], standing["key"], standing["curve"])
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            message = f"{path} cannot be read: {error}; remove it to begin anew"
            raise InputError(message) from error
        if state.key != key:
            message = f"{path} is of a run with other pairs or options; give another folder"
            raise MismatchError(message)
        state.curve = [(int(step), loss, measured) for step, loss, measured in state.curve]
        self._state = state
        with torch.no_grad():
            for name, values in self._trained.items():
                values.copy_(tensors[f"weight/{name}"])
                self._optimizer.state[values] = {
                    part: tensors[f"{part}/{name}"].clone()
                    for part in ("step", "exp_avg", "exp_avg_sq")
                }


def _key(examples: Sequence[Example], options: AdapterOptions) -> str:
    """Return a hash of what a run depends on."""
    digest = hashlib.sha256(repr({**asdict(options), "keep_s": 0}).encode())
    for one in examples:
        digest.update(repr((one.tokens, one.answer_at)).encode())
    return digest.hexdigest()
