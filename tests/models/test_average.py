"""The running average of weights: its sum, its batch norms, and that it comes and goes."""

from pathlib import Path

import pytest
import torch

from models.average import WeightAverage
from models.trained import TrainedNetworks
from tests.models.tiny_training import manifest, trainer

NAME = "image.projection.weight"
STATISTIC = "image.branch.network.bn1.running_mean"


@pytest.fixture
def networks(tmp_path: Path) -> TrainedNetworks:
    return trainer(tmp_path / "weights", manifest(tmp_path / "data")).networks


def _move(networks: TrainedNetworks, by: float) -> None:
    with torch.no_grad():
        networks.image.projection.weight.add_(by)
        networks.get_buffer(STATISTIC).add_(by)


def test_it_is_the_sum_that_its_equation_says(networks: TrainedNetworks) -> None:
    average = WeightAverage(networks, 0.3)
    slow = {name: networks.weights()[name].clone() for name in (NAME, STATISTIC)}
    for step, keep in enumerate((0.1, 2 / 11, 0.25, 0.3, 0.3)):
        _move(networks, 1.0)
        average.update(step)
        for name, mean in slow.items():
            slow[name] = keep * mean + (1 - keep) * networks.weights()[name]
    for name, mean in slow.items():
        assert torch.allclose(average.tensors[name], mean, atol=1e-6), name


def test_whole_numbers_are_copied(networks: TrainedNetworks) -> None:
    average = WeightAverage(networks, 0.9)
    name = "image.branch.network.bn1.num_batches_tracked"
    networks.get_buffer(name).fill_(7)
    average.update(0)
    assert int(average.tensors[name]) == 7


def test_it_stands_in_and_gives_the_weights_back_to_the_bit(networks: TrainedNetworks) -> None:
    average = WeightAverage(networks, 0.9)
    start = networks.weights()[NAME].clone()
    _move(networks, 0.5)
    moved = {name: value.clone() for name, value in networks.weights().items()}
    with average.stands_in():
        assert torch.equal(networks.weights()[NAME], start)
    assert all(torch.equal(value, moved[name]) for name, value in networks.weights().items())
