"""Neighbours mined from a real index are those of its vectors."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import InputError
from models.hard_negatives import nearest_products
from tests.tiny_vision import ColourAndWords, products
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.index_negatives import indexed_neighbours

pytestmark = pytest.mark.milvus


def test_an_index_gives_the_neighbours_of_its_own_vectors(
    tmp_path: Path, index: ProductIndex, encoder: ColourAndWords, builder: IndexBuilder
) -> None:
    made = products(tmp_path)
    for product in made:
        builder.upsert(product)
    names = [product.product_id for product in made]
    told: list[tuple[int, int]] = []
    found = indexed_neighbours(
        index, encoder.fingerprint, [*names, "p-none"], 1, lambda *one: told.append(one)
    )
    kept = index.get(encoder.fingerprint, names, ("vector",))
    vectors = np.array([kept[name]["vector"] for name in names], dtype=np.float32)
    assert found == nearest_products(vectors, names, 1)
    assert told == [(4, 4)]
    # Everything above the bound is the same product, listed twice.
    bound = float((vectors @ vectors.T - 2 * np.eye(3)).max()) - 0.01
    fewer = indexed_neighbours(index, encoder.fingerprint, names, 2, lambda *_: None, bound)
    assert fewer == nearest_products(vectors, names, 2, bound)


def test_products_that_are_not_indexed_are_said(
    tmp_path: Path, index: ProductIndex, encoder: ColourAndWords, builder: IndexBuilder
) -> None:
    builder.upsert(products(tmp_path)[0])
    with pytest.raises(InputError, match="none of 2 products is in the index"):
        indexed_neighbours(index, encoder.fingerprint, ["x", "y"], 1, lambda *_: None)
