"""A real index server for a module of tests, and an index of each test's own in it."""

from collections.abc import Iterator

import pytest

from tests.tiny_vision import ColourAndWords
from tests.workers.served_index import ServedIndex, served_index
from workers.index import ProductIndex
from workers.index_build import BuildOptions, IndexBuilder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


@pytest.fixture
def index(served: ServedIndex) -> ProductIndex:
    return served.connect()


@pytest.fixture
def encoder(request: pytest.FixtureRequest) -> ColourAndWords:
    """An encoder with a fingerprint, and so a collection, of this test's own."""
    return ColourAndWords(request.node.nodeid)


@pytest.fixture
def builder(index: ProductIndex, encoder: ColourAndWords) -> IndexBuilder:
    return IndexBuilder(index, encoder, BuildOptions(batch=2))
