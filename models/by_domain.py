"""One network for each domain; every row goes through that of its own."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from models.domain import DOMAINS
from models.errors import InputError

Way = Callable[[Any], Callable[..., Any]]


class ByDomain(torch.nn.Module):
    """Three networks of one kind under one roof."""

    def __init__(self, make: Callable[[], torch.nn.Module]) -> None:
        super().__init__()
        for name in DOMAINS:
            self.add_module(name, make())

    def parts(self) -> list[Any]:
        """Return the networks in the order of the domains' numbers."""
        return [self.get_submodule(name) for name in DOMAINS]

    def forward(self, *inputs: Tensor, domain: Tensor, way: Way | None = None) -> Any:
        """Answer (N, …) inputs row by row as the networks do; `domain` is (N,).

        Args:
            inputs: of the networks.
            domain: numbers of the rows' domains.
            way: which of a network's ways to answer; none: its usual one.
        """
        parts = [way(part) if way else part for part in self.parts()]
        places = [torch.nonzero(domain == number)[:, 0] for number in range(len(parts))]
        answers = [
            part(*(one[place] for one in inputs))
            for part, place in zip(parts, places, strict=True)
            if len(place)
        ]
        if not answers:
            return parts[0](*inputs)
        back = torch.argsort(torch.cat(places))
        nothing = self._nothing([number for number, place in enumerate(places) if not len(place)])
        if isinstance(answers[0], Tensor):
            return torch.cat(answers)[back] + nothing
        first, *others = (torch.cat(column)[back] for column in zip(*answers, strict=True))
        return type(answers[0])(first + nothing, *others)

    def _nothing(self, unasked: list[int]) -> Tensor | float:
        """Return a zero that depends on the networks without rows, if they learn.

        Where processes exchange their gradients, each of them must have one for every parameter.
        """
        if not (self.training and torch.is_grad_enabled()):
            return 0.0
        parts = self.parts()
        learns = [one for at in unasked for one in parts[at].parameters() if one.requires_grad]
        return torch.stack([one.sum() for one in learns]).sum() * 0.0 if learns else 0.0


def routed(
    network: torch.nn.Module, *inputs: Tensor, domain: Tensor | None, way: Way | None = None
) -> Any:
    """Return what a network says, telling it each row's domain if it has one for each.

    Raises:
        InputError: it has, and the domains are not known.
    """
    if not isinstance(network, ByDomain):
        return (way(network) if way else network)(*inputs)
    if domain is None:
        message = "this encoder has a network for each domain, but the samples' are not known"
        raise InputError(message)
    return network(*inputs, domain=domain, way=way)


def networks_in(network: torch.nn.Module) -> list[Any]:
    """Return the networks behind a module: the three of a `ByDomain`, or itself."""
    return network.parts() if isinstance(network, ByDomain) else [network]
