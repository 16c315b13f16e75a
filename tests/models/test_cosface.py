"""CosFace against the equation of its docstring, row by row."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, autograd

from models.losses.cosface import cosface, sampled


def _unit(seed: int, rows: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    made = torch.randn((rows, 6), generator=draw, dtype=torch.float64)
    return torch.nn.functional.normalize(made, dim=1)


def _slow(vectors: Tensor, product: list[int], centres: Tensor, m: float, s: float) -> float:
    losses = []
    for row, own in zip(vectors, product, strict=True):
        if own < 0:
            continue
        cosines = [float(row @ centre) for centre in centres]
        right = math.exp(s * (cosines[own] - m))
        wrong = sum(math.exp(s * cosine) for at, cosine in enumerate(cosines) if at != own)
        losses.append(-math.log(right / (right + wrong)))
    return sum(losses) / len(losses) if losses else 0.0


@settings(max_examples=60)
@given(
    product=st.lists(st.integers(-1, 4), min_size=1, max_size=7),
    seed=st.integers(0, 999),
    margin=st.sampled_from([0.0, 0.4]),
    scale=st.sampled_from([1.0, 64.0]),
)
def test_the_loss_is_its_equation(
    product: list[int], seed: int, margin: float, scale: float
) -> None:
    vectors, centres = _unit(seed, len(product)), _unit(seed + 1, 5)
    found = cosface(vectors, torch.tensor(product), centres, margin, scale)
    assert float(found) == pytest.approx(_slow(vectors, product, centres, margin, scale), abs=1e-9)


def test_rows_without_a_product_pull_at_nothing() -> None:
    vectors, centres = _unit(1, 3).requires_grad_(), _unit(2, 4).requires_grad_()
    (pull, turn) = autograd.grad(
        cosface(vectors, torch.tensor([2, -1, 0]), centres), (vectors, centres)
    )
    assert float(pull[1].abs().max()) == 0.0
    assert float(pull[0].abs().max()) > 0.0
    assert float(turn.abs().max()) > 0.0


def test_a_margin_makes_the_same_answer_cost_more() -> None:
    vectors, centres, own = _unit(1, 3), _unit(2, 4), torch.tensor([2, 1, 0])
    assert float(cosface(vectors, own, centres, 0.4)) > float(cosface(vectors, own, centres, 0.0))


@given(
    product=st.lists(st.integers(-1, 9), min_size=1, max_size=6),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_a_step_looks_at_its_own_centres_and_no_more_than_its_share(
    product: list[int], share: float, seed: int
) -> None:
    draw = torch.Generator().manual_seed(seed)
    chosen = sampled(torch.tensor(product), 10, share, draw).tolist()
    own = set(product) - {-1}
    assert own <= set(chosen)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == max(len(own), round(share * 10))


def test_all_centres_sampled_are_all_centres() -> None:
    assert sampled(torch.tensor([3]), 5, 1.0, torch.Generator()).tolist() == [0, 1, 2, 3, 4]


def test_the_loss_learns_a_toy_set() -> None:
    """Vectors of five products in three domains gather around the centres that they share."""
    torch.manual_seed(0)
    table, centres = torch.nn.Parameter(torch.randn(15, 6)), torch.nn.Parameter(torch.randn(5, 6))
    product = torch.arange(5).repeat(3)
    optimiser = torch.optim.Adam([table, centres], lr=0.05)
    for _ in range(50):
        one, other = (torch.nn.functional.normalize(side, dim=1) for side in (table, centres))
        optimiser.zero_grad()
        autograd.backward(cosface(one, product, other))
        optimiser.step()
    with torch.no_grad():
        one, other = (torch.nn.functional.normalize(side, dim=1) for side in (table, centres))
    # Each is nearest to its own, and by more than chance would have it.
    nearest = (one @ other.T).topk(2, dim=1)
    assert nearest.indices[:, 0].tolist() == product.tolist()
    assert float((nearest.values[:, 0] - nearest.values[:, 1]).min()) > 0.2
