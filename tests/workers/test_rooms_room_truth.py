"""What `truth.json` tells of a hard room.

said     .  look  the A  .  the B  .
sold     |-----a--------||---b----|
shown        |--a--|      |--b--|
"""

import json

import pytest

from tests.workers.test_rooms_grown_shots import VIEWS
from workers.rooms.hardships import Suffered
from workers.rooms.room_truth import carts, first_named_ms, first_seen_ms, truth_of
from workers.rooms.shots import Plan, Shot
from workers.rooms.timeline import Sentence, Sold, Timeline

TIMELINE = Timeline(
    30_000,
    (
        Sentence("look", 1_000, 2_000, "a", "pitch"),
        Sentence("the big red one", 2_000, 3_000, "a", "pitch", names=("colour", "size")),
        Sentence("the A", 3_000, 4_000, "a", "pitch", names=("brand", "name")),
        Sentence("not the C", 12_000, 13_000, "b", "mention", "c"),
    ),
    (Sold("a", 500, 10_000), Sold("b", 10_000, 20_000)),
    suffered=(
        Suffered("late-cart", 500, 10_000, "a"),
        Suffered("bad-light", 9_000, 25_000, None),
    ),
)
PLAN = Plan((Shot(0, 4, VIEWS["c"][0], for_sale=False), Shot(4, 8, VIEWS["a"][0])))


def test_first_picture_and_first_name_are_told_or_null() -> None:
    a, b = TIMELINE.sold
    assert (first_seen_ms(a, PLAN), first_named_ms(a, TIMELINE)) == (4_000, 3_000)
    assert (first_seen_ms(b, PLAN), first_named_ms(b, TIMELINE)) == (None, None)


def test_every_stretch_tells_its_hardships() -> None:
    truth = json.loads(json.dumps(truth_of(TIMELINE, {"a": "The A", "b": "The B"}, PLAN, seed=3)))
    hard = [
        (row["start_ms"], row["hardships"])
        for key in ("products", "no_product")
        for row in truth[key]
    ]
    assert hard == [
        (500, ["bad-light", "late-cart"]),
        (10_000, ["bad-light"]),
        (20_000, ["bad-light"]),
    ]
    assert truth["seed"] == 3
    assert truth["hardships"] == [dict(vars(one)) for one in TIMELINE.suffered]


@pytest.mark.parametrize("seed", range(5))
def test_late_product_comes_into_the_cart_while_it_is_for_sale(seed: int) -> None:
    first, second = carts(["c", "a", "b"], TIMELINE, seed)
    assert first == {"from_ms": 0, "cart": ["c", "b"]}
    assert second["cart"] == ["c", "a", "b"]
    late_ms = second["from_ms"]
    assert isinstance(late_ms, int)
    assert 2_500 <= late_ms <= 6_500


def test_room_without_a_late_product_has_one_cart() -> None:
    assert carts(["a"], Timeline(5_000), 1) == [{"from_ms": 0, "cart": ["a"]}]
