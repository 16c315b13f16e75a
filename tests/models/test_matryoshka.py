"""The loss over prefixes against the equation of its docstring, prefix by prefix."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, autograd

from models.losses.infonce import info_nce
from models.losses.matryoshka import PrefixWeights, nested


def _unit(seed: int, rows: int, dim: int = 8) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    made = torch.randn((rows, dim), generator=draw, dtype=torch.float64)
    return torch.nn.functional.normalize(made, dim=1)


def _distance(first: Tensor, second: Tensor) -> Tensor:
    return (first @ second.T).exp().mean()


def _slow(first: Tensor, second: Tensor, weights: dict[int, float]) -> float:
    total = 0.0
    for length, weight in weights.items():
        found = 0.0
        for one in first.tolist():
            for other in second.tolist():
                size = math.hypot(*one[:length]) * math.hypot(*other[:length])
                dot = sum(a * b for a, b in zip(one[:length], other[:length], strict=True))
                found += math.exp(dot / size) / (len(first) * len(second))
        total += weight * found
    return total / sum(weights.values())


@settings(max_examples=40)
@given(
    rows=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    seed=st.integers(0, 999),
    half=st.sampled_from([0.0, 0.5, 2.0]),
    quarter=st.sampled_from([0.0, 1.0]),
)
def test_the_loss_is_its_equation(
    rows: tuple[int, int], seed: int, half: float, quarter: float
) -> None:
    first, second = _unit(seed, rows[0]), _unit(seed + 1, rows[1])
    found = nested(_distance, first, second, PrefixWeights(half, quarter))
    assert float(found) == pytest.approx(_slow(first, second, {8: 1.0, 4: half, 2: quarter}))


def test_without_weights_it_is_the_loss_itself_to_the_bit() -> None:
    first, second = _unit(1, 3).float(), _unit(2, 4).float()
    found = nested(_distance, first, second, PrefixWeights())
    assert torch.equal(found, _distance(first, second))


def test_lengths_follow_the_vectors() -> None:
    assert PrefixWeights(0.5, 0.25).of(128) == ((128, 1.0), (64, 0.5), (32, 0.25))
    assert PrefixWeights(quarter=1.0).of(96) == ((96, 1.0), (24, 1.0))
    # A vector of two numbers has no quarter.
    assert PrefixWeights(1.0, 1.0).of(2) == ((2, 1.0), (1, 1.0))


def test_its_gradient_is_that_of_its_value() -> None:
    first, second = _unit(3, 2).requires_grad_(), _unit(4, 3).requires_grad_()
    assert autograd.gradcheck(
        lambda one, other: nested(_distance, one, other, PrefixWeights(0.7, 0.3)), (first, second)
    )


def _recall_of_a_quarter(prefixes: PrefixWeights) -> float:
    """Learn sixteen vectors against given ones; how often their first quarter finds its own."""
    torch.manual_seed(0)
    table, products = torch.nn.Parameter(torch.randn(16, 16)), torch.arange(16)
    other = torch.nn.Parameter(torch.randn(16, 16))
    optimiser = torch.optim.Adam([table, other], lr=0.05)
    for _ in range(60):
        one, two = (torch.nn.functional.normalize(side, dim=1) for side in (table, other))
        loss = nested(lambda a, b: info_nce(a, b, products, products), one, two, prefixes)
        optimiser.zero_grad()
        autograd.backward(loss)
        optimiser.step()
    short = [torch.nn.functional.normalize(side[:, :4], dim=1) for side in (table, other)]
    return float((short[0] @ short[1].T).argmax(1).eq(products).float().mean())


def test_the_loss_teaches_prefixes_what_the_plain_one_does_not() -> None:
    assert _recall_of_a_quarter(PrefixWeights(1.0, 1.0)) == 1.0
    assert _recall_of_a_quarter(PrefixWeights()) < 1.0
