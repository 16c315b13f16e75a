"""InfoNCE against the equation of its docstring, pair by pair."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, autograd

from models.losses.infonce import info_nce


def _unit(seed: int, rows: int) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    made = torch.randn((rows, 6), generator=draw, dtype=torch.float64)
    return torch.nn.functional.normalize(made, dim=1)


def _slow_direction(
    first: Tensor, second: Tensor, one: list[int], other: list[int], tau: float, eps: float
) -> float:
    losses = []
    for i, product in enumerate(one):
        positives = [j for j, found in enumerate(other) if product >= 0 and found == product]
        negatives = [j for j in range(len(other)) if j not in positives]
        if not positives:
            continue
        of_anchor = []
        for p in positives:
            cosines = {j: float(first[i] @ second[j]) / tau for j in [p, *negatives]}
            log_z = math.log(sum(math.exp(value) for value in cosines.values()))
            mean = sum(cosines.values()) / len(cosines)
            of_anchor.append(log_z - (1 - eps) * cosines[p] - eps * mean)
        losses.append(sum(of_anchor) / len(of_anchor))
    return sum(losses) / len(losses) if losses else 0.0


@settings(max_examples=60)
@given(
    one=st.lists(st.integers(-1, 3), min_size=1, max_size=7),
    other=st.lists(st.integers(-1, 3), min_size=1, max_size=6),
    seed=st.integers(0, 999),
    tau=st.sampled_from([0.05, 0.5]),
    eps=st.sampled_from([0.0, 0.1]),
)
def test_the_loss_is_its_equation(
    one: list[int], other: list[int], seed: int, tau: float, eps: float
) -> None:
    first, second = _unit(seed, len(one)), _unit(seed + 1, len(other))
    found = info_nce(first, second, torch.tensor(one), torch.tensor(other), tau, eps)
    forth = _slow_direction(first, second, one, other, tau, eps)
    back = _slow_direction(second, first, other, one, tau, eps)
    assert float(found) == pytest.approx((forth + back) / 2, abs=1e-9)


def test_rows_of_one_product_never_push_each_other_apart() -> None:
    first = _unit(1, 3).requires_grad_()
    second = _unit(2, 2)
    # All rows are of one product: nothing is negative, so only a smoothing-free zero is left.
    autograd.backward(info_nce(first, second, torch.zeros(3).long(), torch.zeros(2).long()))
    assert first.grad is not None
    assert float(first.grad.abs().max()) == pytest.approx(0.0, abs=1e-12)


def test_a_row_of_no_product_is_pushed_from_every_page_and_pulls_none() -> None:
    live, pages = _unit(3, 2).requires_grad_(), _unit(4, 2)
    autograd.backward(info_nce(live, pages, torch.tensor([-1, 0]), torch.tensor([0, 1])))
    assert live.grad is not None
    # A step against the gradient takes the empty row away from the page that has an anchor.
    assert float(-live.grad[0] @ pages[0]) < 0.0
    alone = info_nce(live[:1], pages, torch.tensor([-1]), torch.tensor([0, 1]))
    assert float(alone.detach()) == 0.0


def test_the_loss_learns_a_toy_set() -> None:
    torch.manual_seed(0)
    table = torch.nn.Parameter(torch.randn(5, 6))
    pages = _unit(5, 5).float()
    products = torch.arange(5)
    optimiser = torch.optim.SGD([table], lr=0.5)
    for _ in range(120):
        loss = info_nce(torch.nn.functional.normalize(table, dim=1), pages, products, products)
        optimiser.zero_grad()
        autograd.backward(loss)
        optimiser.step()
    assert bool(
        (torch.nn.functional.normalize(table, dim=1) @ pages.T).argmax(1).eq(products).all()
    )
