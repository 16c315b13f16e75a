"""A whole room: goods by a seed, three files in a folder."""

import json
import random
import sys
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.errors import InputError
from workers.rooms import products
from workers.rooms.make import make_room
from workers.rooms.photo_goods import PhotoGoods
from workers.rooms.photo_shelf import PhotoShelf
from workers.rooms.phrases import siblings
from workers.rooms.reserved_rooms import refuse_reserved
from workers.rooms.room_goods import Goods, draw_goods
from workers.rooms.room_options import RoomOptions
from workers.rooms.shelf import RenderedShelf

ITEMS = products.load()
SPEAK = """
import sys, wave
size = 1200 * len(open(sys.argv[1]).read().split())
with wave.open(sys.argv[2], "wb") as out:
    out.setnchannels(1)
    out.setsampwidth(2)
    out.setframerate(8000)
    out.writeframes(bytes(40) + bytes(range(1, 251, 2)) * 2 * (size // 125) + bytes(40))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Views of one seed for every other product, a set, and a voice for each use."""
    folder = tmp_path_factory.mktemp("world")
    goods = Image.new("RGBA", (80, 80))
    goods.paste("#cc2020", (20, 10, 60, 75))
    for item in ITEMS[::2]:
        (folder / "views" / item.product_id).mkdir(parents=True)
        goods.save(folder / "views" / item.product_id / "s1-00-stands.png")
        goods.save(folder / "views" / item.product_id / "s1-01-held.png")
    Image.new("RGB", (976, 560), "#557799").save(folder / "views" / "stage-0.png")
    speak = folder / "speak.py"
    speak.write_text(SPEAK)
    command = json.dumps([sys.executable, str(speak), "{text}", "{wav}"])
    voices = [
        f'[[voice]]\nname = "{use}"\nuse = "{use}"\ncommand = {command}\n'
        for use in ("train", "held-out")
    ]
    (folder / "voices.toml").write_text("\n".join(voices))
    return folder


def options(world: Path, **changes: object) -> RoomOptions:
    plain = RoomOptions(world / "voices.toml", world / "views", world / "room")
    return RoomOptions(**{**vars(plain), **changes})


def goods_of(wanted: RoomOptions) -> Goods:
    return draw_goods(RenderedShelf(wanted.views, wanted.view_seed), wanted)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), cart_size=st.integers(8, 30))
def test_cart_has_what_is_sold_and_its_near_duplicates(
    world: Path, seed: int, cart_size: int
) -> None:
    goods = goods_of(options(world, seed=seed, cart_size=cart_size))
    cart = [*goods.sold, *goods.others]
    assert len({item.product_id for item in cart}) == len(cart) == cart_size
    assert all(item in ITEMS[::2] for item in goods.sold), "only what can be seen is sold"
    shops = {item.shop for item in cart}
    assert goods.shop is None or shops == {goods.shop}
    near = [item for item in ITEMS if any(siblings(item, [one]) for one in goods.sold)]
    missing = [item for item in near if item not in cart]
    assert not missing or all(siblings(item, goods.sold) for item in goods.others)


def test_goods_asked_for_by_name_are_sold_in_that_order(world: Path) -> None:
    names = tuple(ITEMS[at].product_id for at in (4, 0))
    assert [item.product_id for item in goods_of(options(world, sold=names)).sold] == list(names)
    with pytest.raises(InputError, match="'nothing-like-it' fits 0 products"):
        goods_of(options(world, sold=("nothing-like-it",)))


def test_too_small_a_cart_and_too_few_views_are_refused(world: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cart has room for 1"):
        goods_of(options(world, cart_size=1))
    with pytest.raises(InputError, match="0 products have views"):
        goods_of(options(world, views=tmp_path))
    with pytest.raises(InputError, match=r"no stage-\*\.png"):
        list(make_room(options(world, views=_bare(tmp_path), sold=(ITEMS[0].product_id,))))


def _bare(folder: Path) -> Path:
    (folder / ITEMS[0].product_id).mkdir()
    Image.new("RGBA", (40, 40), "red").save(folder / ITEMS[0].product_id / "s1-00-stands.png")
    return folder


def test_room_comes_with_its_cart_and_its_truth(world: Path, tmp_path: Path) -> None:
    sold = tuple(ITEMS[at].product_id for at in (0, 2))
    wanted = options(world, out=tmp_path / "room", sold=sold, short=True, cart_size=6, seed=3)
    steps = list(make_room(wanted))
    assert [step.step for step in steps] == sorted((step.step for step in steps), reverse=True)
    assert steps[-1].share == 1.0
    cart = json.loads((wanted.out / "cart.json").read_text())
    assert len(cart["cart"]) == 6
    truth = json.loads((wanted.out / "truth.json").read_text())
    assert [one["product_id"] for one in truth["products"]] == list(sold)
    assert set(sold) < set(cart["cart"])
    assert truth["voices"] == ["held-out"]
    assert {one["role"] for one in truth["shown"]} >= {None, "sold"}
    with av.open(str(wanted.out / "room.mp4")) as container:
        assert container.duration / 1000 == pytest.approx(truth["duration_ms"], abs=400)


def test_same_seed_makes_the_same_room_to_the_byte(world: Path, tmp_path: Path) -> None:
    wanted = options(world, out=tmp_path, sold=(ITEMS[4].product_id,), short=True, cart_size=3)
    made = []
    for _ in range(2):
        list(make_room(wanted))
        made.append([(tmp_path / name).read_bytes() for name in ("truth.json", "room.mp4")])
    assert made[0] == made[1]


def test_use_without_a_voice_is_refused(world: Path, tmp_path: Path) -> None:
    voices = tmp_path / "voices.toml"
    voices.write_text((world / "voices.toml").read_text().split("\n\n")[0])
    with pytest.raises(InputError, match="no voice for 'held-out'"):
        list(make_room(options(world, voices=voices, sold=(ITEMS[0].product_id,), short=True)))


def test_carts_are_mixed_in_some_rooms_and_of_one_shop_in_others(world: Path) -> None:
    draw = random.Random(1)  # noqa: S311 (not for secrets)
    seeds = draw.sample(range(1_000), 20)
    mixed = [goods_of(options(world, seed=seed, cart_size=9)).shop for seed in seeds]
    assert 2 < sum(shop is None for shop in mixed) < 18


def test_hard_room_tells_its_hardships_and_grows_its_cart(world: Path, tmp_path: Path) -> None:
    sold = tuple(ITEMS[at].product_id for at in (0, 2, 4))
    wanted = options(
        world, out=tmp_path / "hard", sold=sold, seed=3, duration_min=0.8, quick=True,
        hardships=("occlusion", "late-cart", "bad-light", "bad-sound", "off-topic"),
    )  # fmt: skip
    list(make_room(wanted))
    truth = json.loads((wanted.out / "truth.json").read_text())
    assert [row["product_id"] for row in truth["products"]] == list(sold)
    told = {kind for row in truth["products"] for kind in row["hardships"]}
    assert told >= {"occlusion", "late-cart", "bad-light", "bad-sound", "off-topic"}
    for row in truth["products"]:
        assert row["start_ms"] <= row["first_seen_ms"] < row["end_ms"]
    cart = json.loads((wanted.out / "cart.json").read_text())
    assert [cart["cart"], *(one["cart"] for one in cart["changes"])] == [
        one["cart"] for one in truth["carts"]
    ]
    late = set(cart["changes"][-1]["cart"]) - set(cart["cart"])
    assert len(late) == 1
    assert late < set(sold)


def test_room_in_which_nothing_is_sold_has_a_cart_and_no_product(
    world: Path, tmp_path: Path
) -> None:
    wanted = options(
        world, out=tmp_path / "idle", nothing_sold=True, duration_min=0.7, seed=5, quick=True,
        hardships=("distractors", "rivals"),
    )  # fmt: skip
    list(make_room(wanted))
    truth = json.loads((wanted.out / "truth.json").read_text())
    assert truth["products"] == []
    assert [(one["start_ms"], one["end_ms"]) for one in truth["no_product"]] == [
        (0, truth["duration_ms"])
    ]
    assert {one["role"] for one in truth["shown"]} == {None, "distractor"}
    assert len(json.loads((wanted.out / "cart.json").read_text())["cart"]) == 20


def test_room_of_photos_needs_no_renders(world: Path, tmp_path: Path) -> None:
    goods = []
    for name in ("Royal Gala", "Pink Lady", "Granny Smith"):
        path = tmp_path / f"{name}.jpg"
        Image.new("RGB", (90, 90), "#cc2020").save(path)
        goods.append(PhotoGoods(name, name, (path,), "Apple"))
    shelf = PhotoShelf(goods, "held-out")
    wanted = options(world, views=tmp_path, out=tmp_path / "room", duration_min=1.0, quick=True)
    list(make_room(wanted, shelf))
    truth = json.loads((wanted.out / "truth.json").read_text())
    assert {row["title"] for row in truth["products"]} <= {
        "Royal Gala",
        "Pink Lady",
        "Granny Smith",
    }
    assert any("apple" in one["text"] for one in truth["sentences"])


def test_co_host_needs_a_second_voice(world: Path) -> None:
    wanted = options(world, sold=(ITEMS[0].product_id,), hardships=("co-host",))
    with pytest.raises(InputError, match="a co-host needs another"):
        list(make_room(wanted))


@pytest.mark.parametrize("change", [{"use": "train"}, {"view_seed": 0}, {"view_seed": 2}])
def test_seeds_that_measure_take_nothing_that_was_learnt_from(
    world: Path, change: dict[str, object]
) -> None:
    options(world, seed=230)
    options(world, seed=231, **change)
    with pytest.raises(InputError, match="201 to 230, which measure"):
        options(world, seed=230, **change)


def test_nothing_is_fitted_on_rooms_that_measure(tmp_path: Path) -> None:
    for seed in (200, 201):
        (tmp_path / str(seed)).mkdir()
        (tmp_path / str(seed) / "truth.json").write_text(json.dumps({"seed": seed}))
    refuse_reserved([tmp_path / "200", tmp_path / "nowhere"])
    with pytest.raises(InputError, match="made from seed 201"):
        refuse_reserved([tmp_path / "200", tmp_path / "201"])
