"""Many rooms with a cart each: one read, and for each room what a slow search of its cart finds."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fusion import Layout
from workers.index_carts import nearest_in_carts
from workers.index_read import ProductReader
from workers.index_schema import Build
from workers.index_vectors import MadeCatalogue
from workers.milvus import Milvus, MilvusOptions

Answer = TypeVar("Answer")
BUILD = Build("liveshelf_x", "f" * 64, Layout("mean", 8, 8))
CATALOGUE = MadeCatalogue(1_200, 8)
VECTORS = CATALOGUE.products(0)
IDS = [f"p{at:04}" for at in range(1_200)]


class Shelf(Milvus):
    """A Milvus that answers queries by id, and keeps count of them."""

    def __init__(self) -> None:
        super().__init__(MilvusOptions("http://127.0.0.1:9"))
        self.asked: list[str] = []
        self.levels: set[str] = set()

    def call(self, do: Callable[[Any, float], Answer], collection: str = "") -> Answer:
        assert collection == BUILD.collection
        return do(self, 1.0)

    def query(self, _name: str, *, filter: str, **told: Any) -> list[dict[str, Any]]:  # noqa: A002
        self.asked.append(filter)
        self.levels.add(told["consistency_level"])
        return [
            {"product_id": name, "title": name, "shop": "", "vector": vector.tolist()}
            for name, vector in zip(IDS, VECTORS, strict=True)
            if f'"{name}"' in filter
        ]


@given(
    carts=st.lists(
        st.lists(st.sampled_from([*IDS[:40], "never-indexed"]), max_size=12), min_size=1, max_size=6
    ),
    k=st.integers(1, 8),
)
@settings(max_examples=30, deadline=None)
def test_each_room_finds_what_a_slow_search_of_its_cart_finds(
    carts: list[list[str]], k: int
) -> None:
    shelf = Shelf()
    views = CATALOGUE.queries(len(carts))
    queries = [(view, cart, k) for view, cart in zip(views, carts, strict=True)]
    found = nearest_in_carts(ProductReader(shelf), BUILD, queries, "Bounded")
    for view, cart, hits in zip(views, carts, found, strict=True):
        scores = {name: float(VECTORS[IDS.index(name)] @ view) for name in set(cart) if name in IDS}
        slow = sorted(scores, key=lambda name: (-scores[name], name))[:k]
        assert [hit.product_id for hit in hits] == slow
        assert [hit.cosine for hit in hits] == pytest.approx([scores[name] for name in slow])
    assert len(shelf.asked) == any(carts), "one read for all rooms, none where all carts are empty"
    assert shelf.levels <= {"Bounded"}


def test_more_products_than_one_expression_can_name_are_read_in_parts() -> None:
    shelf = Shelf()
    (hits,) = nearest_in_carts(
        ProductReader(shelf), BUILD, [(CATALOGUE.queries(1)[0], IDS, 1_200)], "Strong"
    )
    assert len(shelf.asked) == 3
    assert {hit.product_id for hit in hits} == set(IDS)
    cosines = np.array([hit.cosine for hit in hits])
    assert np.all(np.diff(cosines) <= 0)
