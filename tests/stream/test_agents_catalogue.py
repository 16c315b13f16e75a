"""What one record of the topic `catalogue` does to the index."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError, InputError, TransientError
from stream.agents.catalogue import apply_change, catalogue_work
from stream.codec import Position, encode
from stream.dead_letter import Original
from workers.events import Product

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MUG = Product(product_id="mug", title="Blue mug", attributes={"colour": "blue"})


class Shelf:
    """An index in memory that can be told to fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.products: dict[str, Product] = {}
        self._error = error

    def upsert(self, product: Product) -> None:
        if self._error is not None:
            raise self._error
        self.products[product.product_id] = product

    def delete(self, product_id: str) -> None:
        if self._error is not None:
            raise self._error
        self.products.pop(product_id, None)


def upsert(product: Product, key: bytes | None = None) -> Original:
    record = encode(product, source="test", at=NOW)
    return Original(Position("catalogue", 1, 7), key or record.key, record.value, record.headers)


def delete(key: bytes | None) -> Original:
    return Original(Position("catalogue", 1, 8), key, None, [])


def test_product_is_written_over_the_older_one_of_its_id() -> None:
    shelf = Shelf()
    apply_change(shelf, upsert(MUG))
    newer = MUG.model_copy(update={"title": "Navy mug"})
    apply_change(shelf, upsert(newer))
    assert shelf.products == {"mug": newer}


def test_record_without_cloudevents_headers_is_read_too() -> None:
    shelf = Shelf()
    plain = Original(Position("c", 0, 0), b"mug", MUG.model_dump_json().encode(), [])
    apply_change(shelf, plain)
    assert shelf.products == {"mug": MUG}


def test_null_value_deletes_what_the_key_names() -> None:
    shelf = Shelf()
    apply_change(shelf, upsert(MUG))
    apply_change(shelf, delete(b"mug"))
    apply_change(shelf, delete(b"never-there"))
    assert shelf.products == {}


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (delete(None), "key None is no product id"),
        (delete(b""), "key b'' is no product id"),
        (delete(b"\xff\xfe"), "is no product id"),
        (delete(b"x" * 201), "is no product id"),
        (upsert(MUG, key=b"cup"), "field product_id: 'mug' is not the record's key 'cup'"),
        (Original(Position("c", 0, 3), b"mug", b"{", []), r"c\[0\]@3: field value"),
        (Original(Position("c", 0, 3), b"mug", b"{}", []), r"c\[0\]@3: field product_id"),
        (Original(Position("c", 0, 3), b"mug", b"", []), r"c\[0\]@3: field value"),
        (
            Original(Position("c", 0, 3), b"mug", b"{}", [("ce_type", b"liveshelf.tag")]),
            "ce_type is 'liveshelf.tag'",
        ),
    ],
)  # fmt: skip
def test_record_that_is_no_product_is_a_bad_event_that_names_its_place(
    record: Original, says: str
) -> None:
    shelf = Shelf()
    with pytest.raises(BadEventError, match=says):
        apply_change(shelf, record)
    assert shelf.products == {}


def test_product_that_can_never_be_indexed_is_a_bad_event_with_its_cause() -> None:
    cause = InputError("image is 14,000 pixels wide, the limit is 8,000")
    with pytest.raises(BadEventError, match=r"'mug' cannot be indexed: image is 14,000") as caught:
        apply_change(Shelf(cause), upsert(MUG))
    assert caught.value.__cause__ is cause


@pytest.mark.parametrize("error", [TransientError("away"), ValueError("a bug")])
@pytest.mark.parametrize("record", [upsert(MUG), delete(b"mug")])
def test_index_that_is_away_or_broken_decides_nothing_about_the_record(
    error: Exception, record: Original
) -> None:
    with pytest.raises(type(error)) as caught:
        apply_change(Shelf(error), record)
    assert caught.value is error


def test_index_is_opened_once_for_all_records() -> None:
    opened: list[Shelf] = []

    def factory() -> Shelf:
        opened.append(Shelf())
        return opened[-1]

    work = catalogue_work(factory)
    work(upsert(MUG))
    work(delete(b"mug"))
    assert [shelf.products for shelf in opened] == [{}]


CHANGES = st.lists(
    st.builds(
        lambda key, title: (
            delete(key.encode()) if title is None else upsert(Product(product_id=key, title=title))
        ),
        st.sampled_from("abc"),
        st.none() | st.sampled_from(["one", "two", "three"]),
    ),
    max_size=12,
)


@given(CHANGES, st.data())
def test_replay_from_any_earlier_record_ends_in_the_same_index(
    changes: list[Original], data: st.DataObject
) -> None:
    once, again = Shelf(), Shelf()
    for change in changes:
        apply_change(once, change)
    crashed_at = data.draw(st.integers(0, len(changes)))
    committed = data.draw(st.integers(0, crashed_at))
    for change in [*changes[:crashed_at], *changes[committed:]]:
        apply_change(again, change)
    assert again.products == once.products
