"""What a training run is told, and what it tells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from models.dataset import DrawOptions
from models.errors import InputError
from models.objective import LossOptions
from models.option_words import assigned
from models.sampler import SamplerOptions


@dataclass(frozen=True)
class TrainOptions:
    """How networks are trained. The same options, data and thread count give the same bits."""

    seed: int = 1
    """Of everything drawn."""
    epochs: float = 12.0
    """Passes over the training clips."""
    minutes: float | None = None
    """Time to spend instead; the last step is taken when it is over. Not repeatable to the bit."""
    train_px: int = 128
    """Side of the pictures that the networks learn from."""
    first_px: int = 0
    """Side that they begin with, to grow to `train_px`; 0: they do not grow. For runs of `epochs`,
    as the clock does not say in advance which step is which share."""
    grow_until: float = 0.6
    """Share of the run after which they have their full side."""
    live_px: int = 160
    """Side of the pictures that the finished encoder sees; objects look larger in training crops,
    so a larger side suits it (Touvron et al., arXiv 1906.06423)."""
    rate: float = 2e-3
    """Largest learning rate of projections and gate."""
    backbone: float = 0.25
    """The image network's share of that rate."""
    text_backbone: float = 0.05
    """The text network's share of that rate, where it learns."""
    decay: float = 0.05
    """Weight decay of matrices and kernels; biases and norms have none."""
    warm_up: float = 0.05
    """Share of the run in which the rates rise."""
    clip: float = 5.0
    """Largest length of the gradient."""
    precision: Literal["no", "bf16", "fp16"] = "no"
    """What the networks compute in beside float32, which the loss and the weights keep; `fp16`
    needs a GPU."""
    accumulate: int = 1
    """Batches of the sampler that make a step: their gradients are averaged. Each has its own
    negatives only, those of all processes; `epochs` still counts clips."""
    checkpoint_gradients: bool = False
    """Whether the networks that learn forget their activations and compute them twice: a third
    slower, in a fraction of the memory. With `batch_norm=batch` the statistics move twice."""
    patience: int = 0
    """Validations in a row without a better one that end the run; 0: none do."""
    ema: float = 0.0
    """Share of the running average of the weights that a step keeps, for instance 0.998; the
    average is what is validated and shipped. 0: there is none, the weights themselves are."""
    frozen_blocks: int = 3
    """First stages of the image network that keep their weights, from 0 to 7; three spare nearly
    half of a step's time (70 pictures/s instead of 40 on one core, 128 px)."""
    batch_norm: Literal["frozen", "batch"] = "batch"
    """Whether its batch norms use the statistics that they came with, or those of the step (of
    each process its share; those of the first are kept)."""
    validate_every: int = 0
    """Steps between validations; 0: once an epoch."""
    validate_rows: int = 200
    """Clips of a validation at most, one picture each."""
    examine_rows: int = 300
    """Clips of each split at most that the finished encoder is examined on, all pictures each."""
    save_every_s: float = 180.0
    """Seconds between saves that a stopped run goes on from."""
    sampler: SamplerOptions = field(default_factory=SamplerOptions)
    draw: DrawOptions = field(default_factory=DrawOptions)
    loss: LossOptions = field(default_factory=LossOptions)

    def __post_init__(self) -> None:
        if self.epochs <= 0 or (self.minutes is not None and self.minutes <= 0):
            message = f"epochs {self.epochs} and minutes {self.minutes} should be above 0"
            raise InputError(message)
        for name, side in (("train_px", self.train_px), ("live_px", self.live_px)):
            if not 32 <= side <= 512:
                message = f"{name} is {side}, but must be from 32 to 512"
                raise InputError(message)
        if self.first_px and not 32 <= self.first_px <= self.train_px:
            message = f"first_px is {self.first_px}, want 0 or from 32 to train_px {self.train_px}"
            raise InputError(message)
        if self.first_px and self.minutes is not None:
            message = f"first_px {self.first_px} needs a run of epochs, not of minutes"
            raise InputError(message)
        if self.accumulate < 1 or self.patience < 0:
            message = f"accumulate {self.accumulate} wants 1 or more, patience {self.patience} 0"
            raise InputError(message)
        for name, share in (("ema", self.ema), ("grow_until", self.grow_until)):
            if not 0.0 <= share <= 1.0 or (name == "ema" and share == 1.0):
                message = f"{name} is {share}, but must be from 0 to {'below ' * (name == 'ema')}1"
                raise InputError(message)


def train_options(assignments: Sequence[str]) -> TrainOptions:
    """Return options from words like `train_px=160` or `draw.augment.cover=0`.

    Raises:
        InputError: a key is unknown, a value of another type, or the values do not fit together.
    """
    return assigned(TrainOptions(), assignments, "train_px=160")


@dataclass(frozen=True)
class Told:
    """Where a run stands, told after every step."""

    step: int
    """Steps taken."""
    part: float
    """Share of the run that is done, from 0 to 1."""
    samples: int
    """Clips and pages seen since this process began."""
    elapsed_s: float
    """Of this process."""
    loss: float
    validation: float | None = None
    """Mean reciprocal rank on validation clips, after a step that was followed by one."""


Tell = Callable[[Told], None]
