"""The bundled room: what it promises about itself, held against its files."""

import json
from itertools import pairwise
from pathlib import Path

import av
import pytest

from workers import images
from workers.catalogue import read_catalogue
from workers.rooms import products

DEMO = Path(__file__).parents[1] / "stream" / "demo"
MINI = Path(__file__).parent / "data" / "mini_room"
CATALOGUE = read_catalogue(DEMO / "catalogue.jsonl")
IDS = {product.product_id for product in CATALOGUE.products}


def truth(folder: Path) -> dict[str, list[dict[str, int | str]]]:
    found: dict[str, list[dict[str, int | str]]] = json.loads((folder / "truth.json").read_text())
    return found


def test_catalogue_has_at_least_200_products_each_with_a_picture_that_decodes() -> None:
    assert len(CATALOGUE.products) >= 200
    assert len({product.shop for product in CATALOGUE.products}) >= 4
    assert not CATALOGUE.skipped
    for product in CATALOGUE.products:
        for name in product.images:
            assert min(images.decode(Path(name).read_bytes()).size) >= 200, name


def test_page_pictures_are_small_and_none_is_left_over() -> None:
    kept = {Path(name).name for product in CATALOGUE.products for name in product.images}
    there = {path.name: path.stat().st_size for path in (DEMO / "images").iterdir()}
    assert there.keys() == kept
    assert max(there.values()) <= 16_000
    assert sum(there.values()) <= 3_000_000


def test_catalogue_is_the_one_that_the_room_tool_writes() -> None:
    made = {item.product_id: item.product() for item in products.load()}
    assert made.keys() == IDS
    for product in CATALOGUE.products:
        assert product.title == made[product.product_id].title
        assert product.attributes == made[product.product_id].attributes


@pytest.mark.parametrize(("folder", "most_bytes"), [(DEMO, 10_000_000), (MINI, 800_000)])
def test_film_is_small_begins_with_its_index_and_has_both_tracks(
    folder: Path, most_bytes: int
) -> None:
    data = (folder / "room.mp4").read_bytes()
    assert len(data) <= most_bytes
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(folder / "room.mp4")) as container:
        assert {stream.type for stream in container.streams} == {"audio", "video"}
        assert container.duration is not None
        told_ms = json.loads((folder / "truth.json").read_text())["duration_ms"]
        assert abs(container.duration / 1_000 - told_ms) < 500


@pytest.mark.parametrize("folder", [DEMO, MINI])
def test_truth_is_in_order_of_the_cart_and_covers_the_film(folder: Path) -> None:
    cart = json.loads((folder / "cart.json").read_text())["cart"]
    sold = truth(folder)["products"]
    assert set(cart) <= IDS
    assert {segment["product_id"] for segment in sold} <= set(cart)
    for before, after in pairwise(sold):
        assert int(before["end_ms"]) <= int(after["start_ms"])
    told = [*sold, *truth(folder)["no_product"]]
    covered_ms = sum(int(segment["end_ms"]) - int(segment["start_ms"]) for segment in told)
    duration_ms = json.loads((folder / "truth.json").read_text())["duration_ms"]
    assert duration_ms - covered_ms < 1_000 * len(sold)


def test_room_lasts_three_to_four_minutes_and_has_a_long_stretch_without_product() -> None:
    assert 180_000 <= json.loads((DEMO / "truth.json").read_text())["duration_ms"] <= 240_000
    stretches = [int(one["end_ms"]) - int(one["start_ms"]) for one in truth(DEMO)["no_product"]]
    assert max(stretches) >= 20_000
    assert len({segment["product_id"] for segment in truth(DEMO)["products"]}) >= 5
