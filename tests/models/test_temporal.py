"""Pictures over time: every sample as if it were alone, and a beginning as the mean."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.config import TemporalConfig
from models.fusion_head import mean_of_frames
from models.temporal import TemporalIntegration, packed

DIM, FRAMES = 8, 5


def _network(*, trained: bool) -> TemporalIntegration:
    torch.manual_seed(1)
    made = TemporalIntegration(DIM, FRAMES, TemporalConfig(layers=2, heads=2))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter) * trained)
    return made.eval()


owners = st.lists(st.integers(0, 4), min_size=1, max_size=12).filter(
    lambda found: max(found.count(one) for one in found) <= FRAMES
)


@settings(max_examples=30)
@given(owner=owners, seed=st.integers(0, 99))
def test_every_sample_is_integrated_as_if_alone(owner: list[int], seed: int) -> None:
    network = _network(trained=True)
    torch.manual_seed(seed)
    frames = torch.nn.functional.normalize(torch.randn(len(owner), DIM), dim=1)
    rows, there, samples = packed(frames, torch.tensor(owner))
    with torch.no_grad():
        found = network(rows, there)
        assert samples.tolist() == sorted(set(owner))
        for at, sample in enumerate(samples.tolist()):
            own = torch.stack([frames[row] for row in range(len(owner)) if owner[row] == sample])
            alone = network(own[None], torch.ones((1, len(own)), dtype=torch.bool))
            assert torch.allclose(found[at], alone[0], atol=1e-6)
    assert found.norm(dim=1).tolist() == pytest.approx([1.0] * len(samples), abs=1e-5)


@settings(max_examples=30)
@given(owner=owners)
def test_packing_loses_and_adds_nothing(owner: list[int]) -> None:
    frames = torch.arange(1.0, len(owner) + 1)[:, None].expand(-1, DIM)
    rows, there, samples = packed(frames, torch.tensor(owner))
    for at, sample in enumerate(samples.tolist()):
        wanted = [row + 1.0 for row in range(len(owner)) if owner[row] == sample]
        assert rows[at][there[at]][:, 0].tolist() == wanted
    assert not rows[~there].any()
    assert int(there.sum()) == len(owner)


def test_it_is_the_transformer_of_the_paper_by_hand() -> None:
    network = _network(trained=True)
    frames = torch.nn.functional.normalize(torch.randn(3, DIM), dim=1)
    with torch.no_grad():
        seen = frames * DIM**0.5
        x = seen + network.positions[:3]
        for layer in network.network.layers:
            attention = layer.self_attn
            y = torch.nn.functional.layer_norm(x, (DIM,), layer.norm1.weight, layer.norm1.bias)
            three = (y @ attention.in_proj_weight.T + attention.in_proj_bias).chunk(3, dim=1)
            heads = []
            for head in range(2):
                q, k, v = (part[:, 4 * head : 4 * head + 4] for part in three)
                heads.append(torch.softmax(q @ k.T / 2.0, dim=1) @ v)
            x = x + attention.out_proj(torch.cat(heads, dim=1))
            y = torch.nn.functional.layer_norm(x, (DIM,), layer.norm2.weight, layer.norm2.bias)
            x = x + layer.linear2(torch.nn.functional.gelu(layer.linear1(y)))
        mean = (x + seen).mean(dim=0)
        found = network(frames[None], torch.ones((1, 3), dtype=torch.bool))[0]
    assert torch.allclose(found, mean / mean.norm(), atol=1e-5)


def test_training_begins_with_about_the_mean() -> None:
    frames = torch.nn.functional.normalize(torch.randn(4, DIM), dim=1)
    owner = torch.tensor([0, 0, 0, 1])
    with torch.no_grad():
        found = _network(trained=False)(*packed(frames, owner)[:2])
    mean = mean_of_frames(frames, owner, 2)
    assert (found * mean).sum(dim=1).min() > 0.999
