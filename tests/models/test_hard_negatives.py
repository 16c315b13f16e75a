"""Mined neighbours against a comparison of all pages with all."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.fusion import unit
from models.hard_negatives import mine, nearest_products
from tests.models.tiny_training import manifest
from tests.tiny_vision import ColourAndWords


@settings(max_examples=60)
@given(
    products=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12),
    most=st.integers(1, 6),
    below=st.sampled_from([1.0, 0.7]),
    seed=st.integers(0, 99),
)
def test_neighbours_are_what_all_pairs_of_pages_say(
    products: list[str], most: int, below: float, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    vectors = unit(draw.normal(size=(len(products), 4)).astype(np.float32))
    found = nearest_products(vectors, products, most, below)
    assert found.keys() == set(products)
    for name in found:
        best = {
            other: max(
                float(vectors[row] @ vectors[column])
                for row, of in enumerate(products)
                for column, another in enumerate(products)
                if of == name and another == other
            )
            for other in set(products) - {name}
        }
        kept = {other: cosine for other, cosine in best.items() if cosine <= below}
        assert list(found[name]) == sorted(kept, key=lambda one: -kept[one])[:most]


def test_more_products_than_a_chunk_holds_are_compared_too() -> None:
    draw = np.random.default_rng(1)
    vectors = unit(draw.normal(size=(600, 6)).astype(np.float32))
    names = [f"p{at:03}" for at in range(600)]
    found = nearest_products(vectors, names, 1)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2.0)
    assert [found[name][0] for name in names] == [names[at] for at in cosines.argmax(axis=1)]


def test_a_product_listed_twice_can_be_left_out() -> None:
    vectors = unit(np.array([[1, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32))
    names = ["one", "same", "near", "far"]
    assert nearest_products(vectors, names, 2)["one"] == ("same", "near")
    assert nearest_products(vectors, names, 2, below=0.99)["one"] == ("near", "far")


def test_as_many_vectors_as_products_are_wanted() -> None:
    with pytest.raises(InputError, match="3 vectors came with 2 products"):
        nearest_products(np.eye(3, dtype=np.float32), ["a", "b"], 1)


def test_an_encoder_mines_the_products_that_are_trained_on(tmp_path: Path) -> None:
    data, told = manifest(tmp_path), []
    encoder = ColourAndWords()
    found = mine(encoder.encode, data, 2, lambda done, total: told.append((done, total)))
    # The last product is held back from training.
    assert found.keys() == {"p0", "p1", "p2"}
    assert set(found["p0"]) == {"p1", "p2"}
    assert told == [(3, 3)]
    # Pages come as they are: title and picture.
    assert [sample.text for sample in encoder.seen] == [
        row.title for row in data.pages if row.product_id != "p3"
    ]


def test_one_product_has_no_neighbours(tmp_path: Path) -> None:
    from dataclasses import replace

    data = manifest(tmp_path)
    alone = replace(data, rows=tuple(row for row in data.rows if row.product_id in {"p0", None}))
    with pytest.raises(InputError, match="two products of split train at least, but there are 1"):
        mine(ColourAndWords().encode, alone, 2, lambda *_: None)
