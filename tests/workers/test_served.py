"""The product behind a row: in full from whoever says what is served, else as its row tells it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.tiny_vision import image_bytes, picture, products
from tests.workers.served_index import build
from workers.events import Product
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.served import Served

pytestmark = pytest.mark.milvus
Known = list[Mapping[str, Product]]


@pytest.fixture
def some(tmp_path: Path) -> list[Product]:
    return products(tmp_path, "jams")


def named(some: Sequence[Product]) -> dict[str, Product]:
    return {one.product_id: one for one in some}


def test_contents_change_with_what_a_page_says(
    index: ProductIndex, builder: IndexBuilder, some: list[Product]
) -> None:
    build(builder, some)
    served = Served(index, index.current(), list)
    before = served.contents()
    assert before.keys() == served.ids() == set(named(some))
    builder.upsert(some[0].model_copy(update={"title": "fig jam"}))
    after = served.contents()
    assert [name for name in before if before[name] != after[name]] == ["p-red"]


def test_the_full_product_is_taken_from_whoever_says_what_is_served(
    index: ProductIndex, builder: IndexBuilder, some: list[Product], tmp_path: Path
) -> None:
    blue = str(tmp_path / "blue.png")
    two = some[0].model_copy(update={"images": (*some[0].images, blue), "price": "3 EUR"})
    build(builder, [two, *some[1:]])
    stale = two.model_copy(update={"title": "another jam"})
    known: Known = [named([stale]), named([two])]
    served = Served(index, index.current(), lambda: known)
    assert served.products(["p-red", "p-gone"]) == [two]
    # Nobody says what is served: its row does, with one picture.
    known[:] = [named([stale])]
    (found,) = served.products(["p-red"])
    assert (found.title, found.images, found.shop) == (two.title, two.images[:1], "jams")
    # A picture that was replaced on disk: the page is the same, so all of its pictures are taken.
    known[:] = [named([two])]
    Path(blue).write_bytes(image_bytes(picture("red"), "PNG"))
    assert served.products(["p-red"]) == [two]
