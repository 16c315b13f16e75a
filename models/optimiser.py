"""How the networks learn: which parts, at which rates, in which mode, and with which memory.

In: networks and options. Out: AdamW over six groups at most (papers.md §2.4): vision, text and
heads, each with weight decay (matrices, kernels) and without (biases, norms). It must not look at
data.
"""

import math
from typing import Any, Literal

import torch

from models.by_domain import networks_in
from models.errors import InputError
from models.train_options import TrainOptions
from models.trained import TrainedNetworks

Part = Literal["vision", "text", "heads"]


def schedule(part: float, warm_up: float) -> float:
    """Return the share of the largest rate at a share of the run: a ramp, then half a cosine."""
    if part < warm_up:
        return max(part, 0.02 * warm_up) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (part - warm_up) / (1.0 - warm_up)))


def part_of(name: str) -> Part:
    """Return what a parameter belongs to: a pretrained branch, by its owner's name, or the rest."""
    owner, branch, _ = name.partition(".branch.")
    if not branch:
        return "heads"
    return "text" if "text" in owner else "vision"


def make_optimiser(networks: TrainedNetworks, options: TrainOptions) -> torch.optim.Optimizer:
    """Return AdamW over what learns; each group knows its share of the rate, as `share`."""
    networks.release(options.frozen_blocks)
    shares = {"vision": options.backbone, "text": options.text_backbone, "heads": 1.0}
    groups: dict[tuple[Part, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in networks.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((part_of(name), parameter.ndim > 1), []).append(parameter)
    made = [
        {
            "params": found,
            "part": part,
            "share": shares[part],
            "weight_decay": options.decay if decays else 0.0,
        }
        for (part, decays), found in groups.items()
    ]
    return torch.optim.AdamW(made, lr=options.rate)


def set_mode(networks: TrainedNetworks, options: TrainOptions) -> None:
    """Let what learns learn, and keep what is frozen as it runs in the live path."""
    networks.train()
    text = networks.text.branch
    text.train(mode=any(parameter.requires_grad for parameter in text.parameters()))
    for module in networks.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            still = options.batch_norm == "frozen" or not module.weight.requires_grad
            module.train(mode=not still)


def save_memory(networks: TrainedNetworks) -> None:
    """Let the branches that learn forget activations and compute them again in the backward pass.

    Raises:
        InputError: none of them can.
    """
    branches = [*networks_in(networks.image.branch), *networks_in(networks.text.branch)]
    learning = [
        branch.network
        for branch in branches
        if any(parameter.requires_grad for parameter in branch.parameters())
    ]
    switched = [_switch(network) for network in learning]
    if not any(switched):
        message = "checkpoint_gradients: no network that learns can; leave the option out"
        raise InputError(message)


def _switch(network: Any) -> bool:
    """Switch it on as timm's or transformers' networks want it, and say whether they can."""
    if hasattr(network, "set_grad_checkpointing"):
        network.set_grad_checkpointing()
        return True
    if getattr(network, "supports_gradient_checkpointing", False):
        network.gradient_checkpointing_enable({"use_reentrant": False})
        return True
    return False
