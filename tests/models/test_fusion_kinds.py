"""Every head: unit length, nothing from nothing, rows alone, and a beginning as the mean."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.by_domain import ByDomain
from models.config import Fusion, FusionConfig
from models.errors import InputError
from models.fusion_head import Fused
from models.fusion_kinds import make_head

KINDS: tuple[Fusion, ...] = ("gated", "concat_mlp", "transformer", "fixed")
Present = list[tuple[bool, bool]]


def _config(kind: Fusion, *, per_domain: bool = False) -> FusionConfig:
    return FusionConfig(
        kind, image_weight=0.7, dim=8, gate_hidden=5, heads=2, per_domain=per_domain
    )


def _head(kind: Fusion, *, per_domain: bool = False, trained: bool = True) -> torch.nn.Module:
    torch.manual_seed(2)
    head = make_head(_config(kind, per_domain=per_domain))
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter) * trained)
    return head.eval()


def _parts(seed: int, has: Present) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    rows = torch.nn.functional.normalize(torch.randn(2, len(has), 8), dim=2)
    present = torch.tensor(has)
    return rows[0] * present[:, :1], rows[1] * present[:, 1:], present


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(
    seed=st.integers(0, 99),
    has=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6),
)
def test_vectors_have_length_one_and_rows_do_not_see_each_other(
    kind: Fusion, seed: int, has: Present
) -> None:
    head, parts = _head(kind), _parts(seed, has)
    with torch.no_grad():
        fused: Fused = head(*parts)
        alone = torch.cat([head(*(part[at][None] for part in parts))[0] for at in range(len(has))])
    assert torch.allclose(fused.vectors, alone, atol=1e-6)
    wanted = [float(seen or read) for seen, read in has]
    assert fused.vectors.norm(dim=1).tolist() == pytest.approx(wanted, abs=1e-5)
    assert fused.weights.sum(dim=1).tolist() == pytest.approx(wanted, abs=1e-6)
    assert not fused.weights[~parts[2]].any()


@pytest.mark.parametrize("kind", ["gated", "concat_mlp", "transformer"])
def test_training_begins_with_about_the_mean(kind: Fusion) -> None:
    image, text, present = _parts(3, [(True, True)] * 5)
    with torch.no_grad():
        found = _head(kind, trained=False)(image, text, present).vectors
    mean = torch.nn.functional.normalize(image + text, dim=1)
    assert (found * mean).sum(dim=1).min() > 0.999


def test_the_fixed_mix_is_a_weighted_sum_of_what_is_there() -> None:
    has = [(True, True), (True, False), (False, True), (False, False)]
    image, text, present = _parts(4, has)
    fused = make_head(_config("fixed"))(image, text, present)
    both = 0.7 * image[0] + 0.3 * text[0]
    wanted = torch.stack([both / both.norm(), image[1], text[2], torch.zeros(8)])
    assert torch.allclose(fused.vectors, wanted, atol=1e-6)
    shares = np.array([[0.7, 0.3], [1, 0], [0, 1], [0, 0]])
    assert fused.weights.numpy() == pytest.approx(shares, abs=1e-6)


def test_a_fixed_mix_of_pictures_only_still_has_the_words_of_what_has_no_picture() -> None:
    image, text, present = _parts(4, [(False, True), (True, True)])
    found = make_head(FusionConfig("fixed", image_weight=1.0, dim=8))(image, text, present)
    assert torch.allclose(found.vectors, torch.stack([text[0], image[1]]), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_heads_by_domain_answer_each_row_by_its_own(kind: Fusion) -> None:
    head = _head(kind, per_domain=True)
    assert isinstance(head, ByDomain)
    parts = _parts(5, [(True, True), (True, False), (False, True), (True, True)])
    domain = torch.tensor([2, 0, 2, 1])
    with torch.no_grad():
        fused = head(*parts, domain=domain)
        for row, number in enumerate(domain.tolist()):
            own = head.parts()[number](*(part[row][None] for part in parts))
            assert torch.allclose(fused.vectors[row], own.vectors[0], atol=1e-6)
            assert torch.allclose(fused.weights[row], own.weights[0], atol=1e-6)
        nothing = head(*(part[:0] for part in parts), domain=domain[:0])
    assert nothing.vectors.shape == (0, 8)


@pytest.mark.parametrize("kind", ["concat", "mean"])
def test_fusion_without_a_head_is_named(kind: Fusion) -> None:
    with pytest.raises(InputError, match=f"'{kind}' is not trained; want gated or concat_mlp"):
        make_head(FusionConfig(kind))
    with pytest.raises(InputError, match=r"fusion\.per_domain needs a fusion that is trained"):
        FusionConfig(kind, per_domain=True)
