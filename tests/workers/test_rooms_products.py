"""The invented catalogue: enough goods, twins that are easy to mix up, a fixed fifth aside."""

from collections import Counter
from pathlib import Path

import pytest

from models.errors import InputError
from workers.rooms.emblems import EMBLEMS
from workers.rooms.label_styles import STYLES
from workers.rooms.lettering import FACES
from workers.rooms.products import held_out, load, pick
from workers.rooms.shapes import SHAPES

ITEMS = load()
FAMILY = """
[[family]]
brand = "Ab"
name = "tea"
shape = "box"
size = "20 bags"
shop = "s"
price = "1.00"
style = "band"
emblem = "leaf"
base = "#ffffff"
accent = "#000000"
ink = "#000000"
attributes = { material = "paper" }
points = ["it is good"]
variants = [
  { name = "Mint", colour = "green" },
  { name = "Mint", colour = "green", size = "50 bags", price = "2.00", tall = 1.2 },
]
"""


def test_catalogue_has_200_products_in_14_kinds_of_goods_and_4_shops() -> None:
    assert len(ITEMS) >= 200
    assert len({item.family for item in ITEMS}) >= 65
    assert len({item.shape for item in ITEMS}) >= 14
    shops = Counter(item.shop for item in ITEMS)
    assert len(shops) >= 4
    assert min(shops.values()) >= 25, "a cart of twenty comes from one shop"


def test_most_products_have_a_twin_of_the_same_brand_and_kind() -> None:
    sizes = Counter(item.family for item in ITEMS)
    assert sum(sizes[item.family] > 1 for item in ITEMS) >= 0.9 * len(ITEMS)


def test_some_twins_differ_in_size_alone() -> None:
    alike = Counter((item.family, item.variant) for item in ITEMS)
    assert sum(count > 1 for count in alike.values()) >= 10


def test_titles_and_spoken_names_tell_products_apart() -> None:
    assert len({item.title for item in ITEMS}) == len(ITEMS)
    for item in ITEMS:
        assert item.title.lower().startswith(item.spoken_name.lower())


def test_every_product_can_be_described_drawn_and_sold() -> None:
    for item in ITEMS:
        assert len(item.points) >= 4, item.product_id
        assert {"variant", "colour", "size", "material"} <= item.attributes.keys(), item.product_id
        assert float(item.price) > 0
        assert item.style in STYLES
        assert item.emblem in EMBLEMS
        assert item.shape in SHAPES
        assert not item.font or item.font in FACES
        assert item.product().title == item.title


def test_brands_are_far_enough_apart_to_be_heard() -> None:
    brands = sorted({item.brand.lower() for item in ITEMS})
    starts = Counter(brand[:5] for brand in brands)
    assert max(starts.values()) <= 2, starts.most_common(2)


def test_a_fifth_of_the_families_is_held_out_whole_whatever_the_order() -> None:
    aside = held_out(ITEMS)
    families = {item.family for item in ITEMS}
    held = {item.family for item in ITEMS if item.product_id in aside}
    assert abs(len(held) - 0.2 * len(families)) <= 1
    for item in ITEMS:
        assert (item.product_id in aside) == (item.family in held)
    assert held_out(ITEMS[::-1]) == aside


def test_variant_may_have_its_own_size_price_and_height(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_text(FAMILY)
    small, large = load(path)
    assert (small.size, small.price, small.tall) == ("20 bags", "1.00", 1.0)
    assert (large.size, large.price, large.tall) == ("50 bags", "2.00", 1.2)
    assert large.product_id == "ab-mint-tea-50-bags"
    assert large.attributes["size"] == "50 bags"


def test_product_that_comes_twice_is_refused_even_in_two_files(tmp_path: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(FAMILY)
    with pytest.raises(InputError, match="ab-mint-tea-20-bags comes twice"):
        load(tmp_path)


def test_broken_catalogue_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[[family]]\nbrand = 3")
    with pytest.raises(InputError, match="broken.toml is no catalogue"):
        load(path)


def test_picking_keeps_the_wanted_order_and_names_what_is_missing() -> None:
    wanted = (ITEMS[5].product_id, ITEMS[1].product_id)
    assert tuple(item.product_id for item in pick(ITEMS, wanted)) == wanted
    with pytest.raises(InputError, match="not in the catalogue: nothing"):
        pick(ITEMS, ("nothing",))
