"""A running average of the weights: what is validated and shipped in place of the last step's.

    a ← β_t·a + (1 − β_t)·w,    β_t = min(β, (1 + t) / (10 + t)),

t the steps averaged before; the smaller β_t of the first steps lets the start fade. Batch norm's
running statistics are averaged like weights; whole numbers (its counters) are copied. Polyak and
Juditsky 1992; the growing decay is that of TensorFlow's `ExponentialMovingAverage`.

In: networks after each step. Out: tensors. It must not touch the weights that learn, except while
`stands_in` is open.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from models.trained import TrainedNetworks


class WeightAverage:
    """The average of what a checkpoint keeps of the networks."""

    def __init__(self, networks: TrainedNetworks, decay: float) -> None:
        self._networks = networks
        self._decay = decay
        self.tensors = {name: value.clone() for name, value in networks.weights().items()}

    def update(self, step: int) -> None:
        """Take in the weights after a step; `step` counts those before it."""
        keep = min(self._decay, (1 + step) / (10 + step))
        for name, value in self._networks.weights().items():
            mean = self.tensors[name]
            if mean.is_floating_point():
                mean.lerp_(value, 1.0 - keep)
            else:
                mean.copy_(value)

    @contextmanager
    def stands_in(self) -> Iterator[None]:
        """Put the average into the networks; the weights that learn come back at the end."""
        learning = {name: value.clone() for name, value in self._networks.weights().items()}
        self._put(self.tensors)
        try:
            yield
        finally:
            self._put(learning)

    def _put(self, tensors: dict[str, Tensor]) -> None:
        places = self._networks.state_dict()
        with torch.no_grad():
            for name, value in tensors.items():
                places[name].copy_(value)
