"""Goods of anybody's photos: a room shows the photos and says the titles, and invents the rest.

In come products with photos of `photo_goods.py`, out come products and pictures as rooms take them.
Nothing is copied.
"""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from models.errors import InputError
from workers.rooms.compose import MARGIN_PX
from workers.rooms.grown_script import GROWN_BOOK
from workers.rooms.photo_goods import PhotoGoods
from workers.rooms.phrases import load_book
from workers.rooms.plain_set import plain_set
from workers.rooms.products import Item
from workers.rooms.shots import View
from workers.rooms.voices import Use

_HIGH_PX = 470
"""Photos are scaled to this height: that of the film."""
_MOST_VIEWS = 12


class PhotoShelf:
    """Products of which there are photos.

    Args:
        goods: the products.
        use: whose phrases are said of them.
    """

    def __init__(self, goods: Sequence[PhotoGoods], use: Use) -> None:
        points = load_book(use, GROWN_BOOK)["photo_point"]
        self._photos = {one.product_id: one.photos for one in goods}
        self.items: Sequence[Item] = tuple(_item(one, points) for one in goods)
        self.seen = frozenset(one.product_id for one in goods if one.photos)

    def views(self, item: Item) -> list[View]:
        """Return up to twelve photos of one product, always the same ones."""
        paths = self._photos.get(item.product_id, ())
        if not paths:
            message = f"{item.product_id} has no photo"
            raise InputError(message)
        draw = random.Random(f"photos/{item.product_id}")  # noqa: S311 (not for secrets)
        chosen = sorted(draw.sample(paths, min(_MOST_VIEWS, len(paths))))
        return [
            View(photo(path), held=False, product_id=item.product_id, name=path.name, whole=True)
            for path in chosen
        ]

    def stage(self, seed: int) -> Image.Image:
        """Return a drawn set; it needs no renderer."""
        return plain_set(seed)


def photo(path: Path) -> Image.Image:
    """Return a photo at the film's height, in a transparent edge of `MARGIN_PX`.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with Image.open(path) as found:
            picture = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError) as error:
        message = f"{path} is no picture: {error}"
        raise InputError(message) from error
    wide = max(1, round(picture.width * _HIGH_PX / picture.height))
    scaled = picture.resize((wide, _HIGH_PX), Image.Resampling.LANCZOS)
    return ImageOps.expand(scaled, MARGIN_PX, (0, 0, 0, 0))


def _item(goods: PhotoGoods, points: Sequence[str]) -> Item:
    """What a host knows of a product of which only title and category are known."""
    kind = goods.category.replace("-", " ").replace("_", " ").strip().lower()
    words = goods.title.rpartition(",")[0] or goods.title
    if kind and words.lower().endswith(kind):
        words = words[: -len(kind)].strip()
    draw = random.Random(f"price/{goods.product_id}")  # noqa: S311 (not for secrets)
    return Item(
        product_id=goods.product_id,
        brand="",
        name=kind or words,
        variant=words if kind else "",
        shop=goods.shop,
        price=f"{draw.randint(1, 19)}.{draw.choice(('00', '25', '50', '90', '95'))}",
        points=tuple(draw.sample(list(points), len(points))),
        page_title=goods.title,
        size="",
        shape="",
        style="",
        emblem="",
        base="",
        accent="",
        ink="",
        body="",
        cap="",
    )
