"""What is known of rooms: which cart was in force when, and whether a room is closed."""

import logging
from uuid import uuid4

import pytest

from stream.admin import ensure_topics
from stream.codec import Record
from stream.link import connect
from stream.rooms import Rooms
from stream.topics import STREAMS
from workers.events import Room


def room(version: int, **fields: object) -> Room:
    return Room.model_validate({"stream_id": "a", "version": version, **fields})


@pytest.fixture
def rooms() -> Rooms:
    known = Rooms()
    known.add(room(2, cart=["z"], effective_from_ms=60_000))
    known.add(room(0, cart=["x"]))
    known.add(room(1, cart=["y"], effective_from_ms=30_000))
    return known


@pytest.mark.parametrize(
    ("media_ms", "cart"), [(0, "x"), (29_999, "x"), (30_000, "y"), (59_999, "y"), (90_000, "z")]
)
def test_cart_is_the_one_in_force_at_a_media_time(rooms: Rooms, media_ms: int, cart: str) -> None:
    found = rooms.at("a", media_ms)
    assert found is not None
    assert found.cart == (cart,)


def test_cart_of_the_future_is_better_than_none() -> None:
    known = Rooms()
    known.add(room(0, cart=["x"], effective_from_ms=10_000))
    found = known.at("a", 0)
    assert found is not None
    assert found.cart == ("x",)


def test_closing_a_room_leaves_its_carts_as_they_were(rooms: Rooms) -> None:
    assert not rooms.closed("a")
    rooms.add(room(3, state="closed", cart=["z"]))
    assert rooms.closed("a")
    found = rooms.at("a", 30_000)
    assert found is not None
    assert found.cart == ("y",)


def test_version_that_comes_again_is_not_news(rooms: Rooms) -> None:
    assert not rooms.add(room(0, cart=["x"]))
    assert rooms.add(room(0, cart=["other"]))


def test_room_that_was_never_opened_is_unknown(rooms: Rooms) -> None:
    assert rooms.at("b", 0) is None
    assert rooms.latest("b") is None
    assert "b" not in rooms
    assert rooms.ids() == ["a"]


@pytest.mark.kafka
async def test_table_is_read_to_its_end_and_a_bad_row_is_told(
    kafka: str, caplog: pytest.LogCaptureFixture
) -> None:
    prefix = f"rooms-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, 2, 1)
    async with connect(kafka, prefix, "test") as link:
        good = link.encode(room(0), "test")
        await (await link.produce(STREAMS, good))
        await (await link.produce(STREAMS, Record(good.key, b"{", good.headers)))
        with caplog.at_level(logging.WARNING, "stream.rooms"):
            await link.reader.catch_up()
        assert link.rooms.ids() == ["a"]
        assert "room ignored" in caplog.text
        assert f"{prefix}streams" in caplog.text
    async with connect(kafka, prefix, "test") as again:
        assert again.rooms.ids() == ["a"]
