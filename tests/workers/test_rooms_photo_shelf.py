"""Rooms of anybody's photos: what is found in folders, and what a host knows of it."""

from pathlib import Path

import pytest
from PIL import Image

from models.errors import InputError
from workers.rooms.compose import MARGIN_PX
from workers.rooms.photo_goods import PhotoGoods, photo_goods
from workers.rooms.photo_shelf import PhotoShelf
from workers.rooms.phrases import siblings


def picture(path: Path, size: tuple[int, int] = (60, 40)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "#aa3300").save(path)
    return path


def test_folder_gives_a_product_for_each_folder_in_it(tmp_path: Path) -> None:
    live = picture(tmp_path / "oat-milk" / "live" / "monday.jpg")
    picture(tmp_path / "oat-milk" / "front.png")
    (tmp_path / "oat-milk" / "page.txt").write_text("Oatly Oat Milk, 1 l\nmore\n")
    beside = picture(tmp_path / "green_pear" / "one.jpg")
    picture(tmp_path / "_none" / "live" / "empty.jpg")
    (tmp_path / "notes.txt").write_text("no product")
    assert photo_goods(tmp_path, "test") == [
        PhotoGoods("green_pear", "green pear", (beside,)),
        PhotoGoods("oat-milk", "Oatly Oat Milk, 1 l", (live,)),
    ]


def test_manifest_gives_the_photos_of_one_split(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text(
        '{"product_id": "p", "domain": "page", "frames": ["p.jpg"], "title": "Pear", '
        '"split": "train", "category": "Fruit"}\n'
        '{"product_id": "p", "domain": "live", "frames": ["b.jpg"], "split": "test"}\n'
        '{"product_id": "p", "domain": "live", "frames": ["a.jpg"], "split": "train"}\n'
    )
    found = photo_goods(tmp_path / "m.jsonl", "test")
    assert found == [PhotoGoods("p", "Pear", (tmp_path / "b.jpg",), "Fruit")]
    with pytest.raises(InputError, match="none of them has a photo"):
        photo_goods(tmp_path / "m.jsonl", "val")


def test_host_says_variant_and_kind_and_knows_what_is_alike(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    goods = [
        PhotoGoods("gala", "Royal Gala", (path,), "Apple"),
        PhotoGoods("pink", "Pink Lady", (path,), "Apple"),
        PhotoGoods("milk", "Arla Standard Milk, 1 l", (), "Milk"),
        PhotoGoods("banana", "Banana", (path,), "Banana"),
        PhotoGoods("thing", "Some Thing", (path,)),
    ]
    shelf = PhotoShelf(goods, "held-out")
    spoken = [item.spoken_name for item in shelf.items]
    assert spoken == ["Royal Gala apple", "Pink Lady apple", "Arla Standard milk", "banana",
                      "Some Thing"]  # fmt: skip
    assert [item.title for item in shelf.items] == [one.title for one in goods]
    gala, pink, *_ = shelf.items
    assert siblings(gala, shelf.items) == [pink]
    assert shelf.seen == {"gala", "pink", "banana", "thing"}
    with pytest.raises(InputError, match="milk has no photo"):
        shelf.views(shelf.items[2])


def test_photos_come_at_the_films_height_with_a_margin(tmp_path: Path) -> None:
    paths = tuple(picture(tmp_path / f"{at:02d}.jpg", (30 + at, 60)) for at in range(20))
    shelf = PhotoShelf([PhotoGoods("p", "Pear", paths)], "train")
    views = shelf.views(shelf.items[0])
    assert len(views) == 12
    assert [one.name for one in views] == [one.name for one in shelf.views(shelf.items[0])]
    assert {one.picture.height for one in views} == {470 + 2 * MARGIN_PX}
    assert all(one.whole and not one.held for one in views)
    broken = tmp_path / "no.jpg"
    broken.write_text("no picture")
    bad = PhotoShelf([PhotoGoods("p", "Pear", (broken,))], "train")
    with pytest.raises(InputError, match="is no picture"):
        bad.views(bad.items[0])
