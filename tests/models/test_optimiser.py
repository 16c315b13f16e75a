"""What learns, how fast, and with which memory."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.errors import InputError
from models.gathered import GatheredLoss
from models.objective import LossOptions
from models.optimiser import make_optimiser, part_of, save_memory, schedule, set_mode
from models.steps import Share, Steps
from models.world import start_world
from tests.models.tiny_training import OPTIONS, Parts, manifest, parts


@pytest.fixture
def made(tmp_path: Path) -> Parts:
    return parts(tmp_path / "weights")


def test_the_rate_rises_and_falls() -> None:
    rates = [schedule(part / 100, 0.05) for part in range(101)]
    assert rates[5] == pytest.approx(1.0)
    assert rates[:6] == sorted(rates[:6])
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[100] == pytest.approx(0.0)


def test_vision_and_heads_have_their_own_rates_and_frozen_texts_none(made: Parts) -> None:
    options = replace(OPTIONS, backbone=0.3, decay=0.02)
    optimiser = make_optimiser(made.networks, options)
    names = {id(value): name for name, value in made.networks.named_parameters()}
    found = set()
    for group in optimiser.param_groups:
        parts_ = {part_of(names[id(parameter)]) for parameter in group["params"]}
        decays = {parameter.ndim > 1 for parameter in group["params"]}
        assert (parts_, decays) == ({group["part"]}, {group["weight_decay"] == 0.02})
        found.add((group["part"], group["share"], group["weight_decay"]))
    assert found == {
        ("vision", 0.3, 0.02), ("vision", 0.3, 0.0), ("heads", 1.0, 0.02), ("heads", 1.0, 0.0),
    }  # fmt: skip


def test_texts_that_learn_have_a_rate_of_their_own(tmp_path: Path) -> None:
    made = parts(tmp_path / "weights", reads=True)
    optimiser = make_optimiser(made.networks, replace(OPTIONS, text_backbone=0.02))
    found = {(group["part"], group["share"]) for group in optimiser.param_groups}
    assert found == {("vision", OPTIONS.backbone), ("text", 0.02), ("heads", 1.0)}
    set_mode(made.networks, OPTIONS)
    assert made.networks.text.branch.training


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("image.branch.network.conv_stem.weight", "vision"),
        ("text.branch.model.embeddings.weight", "text"),
        ("text.projection.weight", "heads"),
        ("image.norm.bias", "heads"),
        ("gate.outer.weight", "heads"),
        ("centres", "heads"),
    ],
)
def test_a_parameter_belongs_to_a_branch_or_to_the_heads(name: str, part: str) -> None:
    assert part_of(name) == part


def test_frozen_texts_and_frozen_statistics_run_as_they_do_live(made: Parts) -> None:
    make_optimiser(made.networks, OPTIONS)
    set_mode(made.networks, OPTIONS)
    assert made.networks.training
    assert not made.networks.text.branch.training
    norms = [one for one in made.networks.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)
    set_mode(made.networks, replace(OPTIONS, batch_norm="batch"))
    assert all(norm.training for norm in norms)


def test_saved_memory_changes_no_gradient(tmp_path: Path, made: Parts) -> None:
    world = start_world("no", "cpu")
    steps = Steps(manifest(tmp_path / "data"), made.tokenizer, made.config, OPTIONS, Share())
    batch, labels = steps.batch(0)
    make_optimiser(made.networks, OPTIONS)
    loss = GatheredLoss(made.networks, LossOptions(), world)
    set_mode(made.networks, OPTIONS)
    texts = made.networks.reader()(batch)
    found, kept = [], []
    for saving in (False, True):
        if saving:
            save_memory(made.networks)
        made.networks.zero_grad()
        held = _Held()
        with torch.autograd.graph.saved_tensors_hooks(held.keep, held.give):
            total = loss(batch, texts, labels)["loss"]
        torch.autograd.backward(total)
        kept.append(held.numbers)
        found.append([one.grad for one in made.networks.parameters() if one.grad is not None])
    assert kept[1] < 0.7 * kept[0]
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


class _Held:
    """Counts what a forward pass keeps for the backward pass."""

    def __init__(self) -> None:
        self.numbers = 0

    def keep(self, tensor: torch.Tensor) -> torch.Tensor:
        self.numbers += tensor.numel()
        return tensor

    def give(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor


def test_memory_cannot_be_saved_where_nothing_learns_that_could(made: Parts) -> None:
    made.networks.requires_grad_(requires_grad=False)
    with pytest.raises(InputError, match="checkpoint_gradients: no network that learns can"):
        save_memory(made.networks)
