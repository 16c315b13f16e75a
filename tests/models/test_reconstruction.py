"""Patch reconstruction against the equation of its docstring, patch by patch."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, autograd

from models.losses.reconstruction import PatchReconstruction
from models.patches import Patches


def _made(seed: int = 0, heads: int = 4) -> PatchReconstruction:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PatchReconstruction(heads)


def _random(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _votes(network: PatchReconstruction, values: list[float]) -> float:
    """One place of the maps through both convolutions."""
    kept: dict[str, Any] = {name: one.tolist() for name, one in network.state_dict().items()}
    inner = [
        max(0.0, sum(w[0][0] * v for w, v in zip(row, values, strict=True)) + bias)
        for row, bias in zip(kept["first.weight"], kept["first.bias"], strict=True)
    ]
    last = [weight[0][0] for weight in kept["last.weight"][0]]
    return float(sum(w * v for w, v in zip(last, inner, strict=True)) + kept["last.bias"][0])


def test_the_loss_is_its_equation_patch_by_patch() -> None:
    network, maps = _made(), _random(1, 2, 4, 3, 5)
    x, y = _random(2, 2, 3, 6), _random(3, 2, 5, 6)
    page_here = torch.tensor([[True, True, True], [True, True, False]])
    clip_here = torch.tensor([[True] * 5, [True, True, False, False, False]])
    losses = []
    for pair in range(2):
        shown = [m for m in range(5) if clip_here[pair, m]]
        for n in range(3):
            if not page_here[pair, n]:
                continue
            votes = [_votes(network, maps[pair, :, n, m].tolist()) for m in shown]
            total = sum(math.exp(vote) for vote in votes)
            rebuilt = sum(
                math.exp(vote) / total * y[pair, m] for vote, m in zip(votes, shown, strict=True)
            )
            losses.append(float(((rebuilt - x[pair, n]) ** 2).mean()))
    found = network(maps, Patches(x, page_here), Patches(y, clip_here))
    assert float(found.detach()) == pytest.approx(sum(losses) / len(losses), rel=1e-5)


def test_the_gradient_goes_through_the_maps_alone() -> None:
    maps, x, y = (
        _random(seed, *shape).requires_grad_()
        for seed, shape in ((1, (1, 4, 3, 5)), (2, (1, 3, 6)), (3, (1, 5, 6)))
    )
    ones = [torch.ones((1, size), dtype=torch.bool) for size in (3, 5)]
    autograd.backward(_made()(maps, Patches(x, ones[0]), Patches(y, ones[1])))
    assert maps.grad is not None
    assert float(maps.grad.abs().max()) > 0.0
    assert x.grad is None
    assert y.grad is None


def test_its_gradient_is_that_of_its_value() -> None:
    network = _made().double()
    ones = [torch.ones((1, size), dtype=torch.bool) for size in (2, 3)]
    pages, clips = (
        Patches(_random(2, 1, 2, 4).double(), ones[0]),
        Patches(_random(3, 1, 3, 4).double(), ones[1]),
    )
    maps = _random(1, 1, 4, 2, 3).double().requires_grad_()
    assert autograd.gradcheck(lambda found: network(found, pages, clips), (maps,))


def test_no_pair_costs_nothing() -> None:
    empty = Patches(torch.zeros((0, 3, 6)), torch.zeros((0, 3), dtype=torch.bool))
    assert float(_made()(torch.zeros((0, 4, 3, 3)), empty, empty)) == 0.0


def test_the_loss_learns_where_a_patch_came_from() -> None:
    """The clip shows the page's patches in another order; the maps are free to find it."""
    network, x, order = _made(2), _random(4, 1, 4, 6), torch.tensor([2, 0, 3, 1])
    ones = torch.ones((1, 4), dtype=torch.bool)
    votes = torch.nn.Parameter(0.1 * _random(5, 1, 4, 4, 4))
    optimiser = torch.optim.Adam([votes, *network.parameters()], lr=0.05)
    for _ in range(150):
        loss = network(torch.softmax(votes, 3), Patches(x, ones), Patches(x[:, order], ones))
        optimiser.zero_grad()
        autograd.backward(loss)
        optimiser.step()
    looked = network.votes(torch.softmax(votes, 3))[0].argmax(dim=1)
    assert order[looked].tolist() == [0, 1, 2, 3]
