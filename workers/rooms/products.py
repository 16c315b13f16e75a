"""The invented catalogue: reads `products.toml`, gives one `Item` for each product.

Nothing here draws, renders or speaks; an item is plain data that labels, shapes and scripts read.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import InputError
from workers.events import Product

CATALOGUE = Path(__file__).with_name("products.toml")
IMAGE_FOLDER = "images"
"""Where page images lie, seen from the folder of the catalogue."""


@dataclass(frozen=True)
class Item:
    """One product as the room tool knows it."""

    product_id: str
    brand: str
    name: str
    variant: str
    size: str
    shape: str
    """One of `workers.rooms.shapes.SHAPES`."""
    shop: str
    price: str
    """In dollars, two decimals."""
    style: str
    emblem: str
    base: str
    accent: str
    ink: str
    body: str
    cap: str
    points: tuple[str, ...]
    """What a host can say for it, as clauses."""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def spoken_name(self) -> str:
        """Brand, variant and kind, as a host says them."""
        return f"{self.brand} {self.variant} {self.name}"

    @property
    def title(self) -> str:
        """The title on the shop's page: brand, variant, kind and size."""
        return f"{self.brand} {self.variant} {self.name.title()}, {self.size}"

    @property
    def page_image(self) -> str:
        """The page image's path, seen from the folder of the catalogue."""
        return f"{IMAGE_FOLDER}/{self.product_id}.webp"

    def product(self) -> Product:
        """Return the catalogue row that the shop would publish."""
        return Product(
            product_id=self.product_id,
            title=self.title,
            images=(self.page_image,),
            attributes=self.attributes,
            shop=self.shop,
            price=f"{self.price} USD",
        )


def slug(text: str) -> str:
    """Return the text in lower case with single hyphens between its words."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def load(path: Path = CATALOGUE) -> tuple[Item, ...]:
    """Return every product of a catalogue of families, in the order of the file.

    Raises:
        InputError: the file is not such a catalogue, or a product comes twice.
    """
    try:
        families = tomllib.loads(path.read_text(encoding="utf-8"))["family"]
        items = tuple(
            _item(family, variant) for family in families for variant in family["variants"]
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        message = f"{path} is no catalogue of families: {error!r}"
        raise InputError(message) from error
    known: set[str] = set()
    for item in items:
        if item.product_id in known:
            message = f"{path}: {item.product_id} comes twice"
            raise InputError(message)
        known.add(item.product_id)
    return items


def pick(items: tuple[Item, ...], product_ids: tuple[str, ...]) -> tuple[Item, ...]:
    """Return the items with these ids, in the order of the ids.

    Raises:
        InputError: an id is not in the catalogue.
    """
    by_id = {item.product_id: item for item in items}
    missing = [product_id for product_id in product_ids if product_id not in by_id]
    if missing:
        message = f"not in the catalogue: {', '.join(missing)}"
        raise InputError(message)
    return tuple(by_id[product_id] for product_id in product_ids)


def _item(family: dict[str, object], variant: dict[str, object]) -> Item:
    texts = {key: str(value) for key, value in {**family, **variant}.items()}
    attributes = family["attributes"]
    points = family["points"]
    if not isinstance(attributes, dict) or not isinstance(points, list):
        message = f"attributes and points of {family['brand']}"
        raise TypeError(message)
    name, size = str(family["name"]), str(family["size"])
    return Item(
        product_id=slug(f"{family['brand']} {variant['name']} {name} {size}"),
        brand=texts["brand"],
        name=name,
        variant=texts["name"],
        size=size,
        shape=texts["shape"],
        shop=texts["shop"],
        price=texts["price"],
        style=texts["style"],
        emblem=texts["emblem"],
        base=texts["base"],
        accent=texts["accent"],
        ink=texts["ink"],
        body=texts.get("body", texts["base"]),
        cap=texts.get("cap", texts["accent"]),
        points=tuple(str(point) for point in points),
        attributes={
            "variant": texts["name"],
            "colour": texts["colour"],
            "size": size,
            **{str(key): str(value) for key, value in attributes.items()},
        },
    )
