"""What tests of training share: coloured patches, a folder of tiny weights, one thread."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from models.manifest import Manifest
from tests.models.tiny_training import manifest


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums in one order: the same bits each time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return manifest(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")
