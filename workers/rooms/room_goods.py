"""Draws what a room is about: what it sells, and what else is in its cart."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import InputError
from workers.rooms.phrases import siblings
from workers.rooms.products import Item
from workers.rooms.room_options import RoomOptions
from workers.rooms.script import sold_count
from workers.rooms.shelf import Shelf

_ONE_SHOP = 0.6
"""How likely a cart is of one shop, where that shop has goods enough."""

_HARD_SHARE = 0.85


@dataclass(frozen=True)
class Goods:
    """What a room is about."""

    sold: tuple[Item, ...]
    others: tuple[Item, ...]
    """The rest of the cart."""
    shop: str | None
    """None where the cart is of several shops."""

    @property
    def cart(self) -> tuple[Item, ...]:
        """All of it."""
        return (*self.sold, *self.others)


def draw_goods(shelf: Shelf, options: RoomOptions) -> Goods:
    """Return what is sold and what else is in the cart.

    Near-duplicates of what is sold are always in the cart, as far as it has room for them.

    Raises:
        InputError: an id is unknown, there are too few products with views, or the cart is too
            small for what is sold.
    """
    draw = random.Random(f"goods/{options.seed}")  # noqa: S311 (not for secrets)
    one_shop = draw.random() < _ONE_SHOP
    items, seen = shelf.items, shelf.seen
    ready = [item for item in items if item.product_id in seen]
    count = 0 if options.nothing_sold else sold_count(_selling_min(options), options.seed)
    shops = [
        shop
        for shop in sorted({item.shop for item in ready})
        if sum(item.shop == shop for item in items) >= options.cart_size
        and sum(item.shop == shop for item in ready) >= count
    ]
    shop = draw.choice(shops) if one_shop and shops else None
    if options.sold:
        sold = _named(items, options.sold)
        own = {item.shop for item in sold}
        shop = own.pop() if len(own) == 1 else None
    else:
        inside = [item for item in ready if shop in {None, item.shop}]
        sold = _drawn(inside, count, draw)
    if len(sold) > options.cart_size:
        message = f"{len(sold)} products are sold, but the cart has room for {options.cart_size}"
        raise InputError(message)
    pool = [item for item in items if shop in {None, item.shop} and item not in sold]
    near = [item for item in pool if any(siblings(item, [one]) for one in sold)]
    far = [item for item in pool if item not in near]
    draw.shuffle(near)
    draw.shuffle(far)
    # What can be seen comes first, so that wrong products stand beside the right ones.
    far.sort(key=lambda item: item.product_id not in seen)
    others = [*near, *far][: options.cart_size - len(sold)]
    return Goods(tuple(sold), tuple(others), shop or None)


def _selling_min(options: RoomOptions) -> float:
    """The minutes that sales take: what makes a room hard takes some of its time."""
    return options.duration_min * (_HARD_SHARE if options.hardships else 1.0)


def _drawn(ready: Sequence[Item], count: int, draw: random.Random) -> list[Item]:
    """Draw what is sold; often two of it are near-duplicates of each other."""
    if len(ready) < max(1, count):
        message = f"{len(ready)} products have views, {count} are to be sold; render more"
        raise InputError(message)
    sold = draw.sample(ready, count)
    twins = [item for item in siblings(sold[0], ready) if item not in sold] if sold else []
    if twins and count > 1 and draw.random() < 0.5:
        sold[draw.randrange(1, count)] = draw.choice(twins)
    return sold


def _named(items: Sequence[Item], names: Sequence[str]) -> list[Item]:
    """The items whose ids are, or begin with, some names."""
    found: list[Item] = []
    for name in names:
        fits = [item for item in items if item.product_id.startswith(name)]
        exact = [item for item in fits if item.product_id == name]
        if len(exact or fits) != 1:
            message = f"{name!r} fits {len(fits)} products; give more of the product id"
            raise InputError(message)
        found += exact or fits
    return found
