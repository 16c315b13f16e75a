"""The loss of a step whose samples are spread over processes: as if one process had them all.

Process r of W encodes samples r, r + W, r + 2W, … of the step's N. All vectors are gathered, so
each process sees every negative and has the same loss. A process knows the gradient of its own
vectors only; it is taken times W there, since the mean over processes, which distributed training
takes of all gradients, divides by W. So the gradients are those of one process with all N samples,
for the encoders and for what the loss itself learns (centres) alike. So do CLIP and COPE (papers.md
§2.4). It holds where no network mixes samples: batch norms are frozen, or there are none.

In: a share of a step and the labels of the whole. Out: the terms of `objective`.
"""

from functools import partial
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from models.batch import Batch
from models.objective import Labels, LossOptions, objective
from models.pairwise import with_pairwise
from models.trained import Spoken, TrainedNetworks


class GatheredLoss(torch.nn.Module):
    """Networks and loss as one module, which is what runs in several processes."""

    def __init__(self, networks: TrainedNetworks, options: LossOptions, world: Accelerator) -> None:
        super().__init__()
        self.networks = networks
        self._options = options
        self._world = world

    def forward(
        self, share: Batch, text_vectors: Tensor | None, labels: Labels
    ) -> dict[str, Tensor]:
        """Encode this process's share; return the terms of the whole step, and their sum `loss`.

        Args:
            share: this process's samples.
            text_vectors: what a frozen text network says of them; none: the text network learns.
            labels: of the whole step.
        """
        said = _in_full(self.networks(share, text_vectors))
        # Half the bits are enough for networks, but not for exponentials of cosines over 0.05.
        with torch.autocast(said.fused.device.type, enabled=False):
            rows: dict[str, Any] = {
                name: gathered(getattr(said, name), len(labels.whole), self._world)
                for name in ("image", "text", "fused", "present")
            }
            whole_step = said._replace(**rows)
            terms = objective(whole_step, labels, self._options, self.networks.centres)
            if self.networks.pairwise is None:
                return terms
            own = labels.part(slice(self._world.process_index, None, self._world.num_processes))
            return with_pairwise(
                terms, said, share.frame_of, own, self.networks.pairwise, self._options
            )


def _in_full(said: Spoken) -> Spoken:
    """Return what networks said in float32, whatever they computed in."""
    parts = said._asdict().items()
    full = {name: one.float() for name, one in parts if one is not None and one.dtype != torch.bool}
    return said._replace(**full)


def gathered(own: Tensor, total: int, world: Accelerator) -> Tensor:
    """Return the rows of all processes in the step's order; the gradient stays with `own`.

    Args:
        own: (M, …) rows r, r + W, … of process r.
        total: N, how many rows all processes have together.
        world: the processes.
    """
    count = world.num_processes
    if count == 1:
        return own
    most = -(-total // count)
    padded = own.new_zeros((most, *own.shape[1:]))
    padded = torch.cat([own, padded[len(own) :]])
    if padded.requires_grad:
        padded.register_hook(partial(torch.mul, other=count))  # type: ignore[no-untyped-call]
    everyone = world.gather(padded.detach()).view(count, *padded.shape)
    rows = list(everyone.unbind())
    rows[world.process_index] = padded
    return torch.stack(rows, dim=1).flatten(0, 1)[:total]
