"""The invented catalogue: reads the files of `catalogue/`, gives one `Item` for each product.

Nothing here draws, renders or speaks; an item is plain data that labels, shapes and scripts read.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import InputError
from workers.events import Product

CATALOGUE = Path(__file__).with_name("catalogue")
IMAGE_FOLDER = "images"
"""Where page images lie, seen from the folder of the catalogue."""
HELD_OUT_SHARE = 0.2
"""Of the families: what no encoder is trained on."""
_CONTAINERS = {
    "can": "can", "carton": "carton", "jar": "jar", "pouch": "bag", "tube": "tube",
    "pump": "pump bottle", "box": "box", "bottle": "bottle", "tin": "tin", "snack": "bag",
    "sack": "sack", "spray": "spray bottle", "cube": "box", "game": "box", "bar": "bar",
    "soap": "bar", "dropper": "bottle", "canister": "bottle", "stick": "stick", "tub": "tub",
    "cup": "cup", "candle": "glass",
}  # fmt: skip


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
    font: str = ""
    """One of `workers.rooms.lettering.FACES`; empty for what goes with the style."""
    tall: float = 1.0
    """How much higher than usual the shape is: a larger size of the same goods."""
    page_title: str = ""
    """The title where it is not made of the fields above: of goods that are not our own."""

    @property
    def family(self) -> str:
        """Brand and kind: what near-duplicates have in common."""
        return slug(f"{self.brand} {self.name}")

    @property
    def container(self) -> str:
        """What a host calls the packaging; empty for goods without any."""
        return _CONTAINERS.get(self.shape, "")

    @property
    def spoken_name(self) -> str:
        """Brand, variant and kind, as a host says them."""
        return " ".join(filter(None, (self.brand, self.variant, self.name)))

    @property
    def title(self) -> str:
        """The title on the shop's page: brand, variant, kind and size."""
        return self.page_title or f"{self.brand} {self.variant} {self.name.title()}, {self.size}"

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
    """Return every product of a catalogue of families, in the order of its files.

    Args:
        path: a TOML file of families, or a folder of such files.

    Raises:
        InputError: the file is not such a catalogue, or a product comes twice.
    """
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    items = tuple(item for file in files for item in _read(file))
    known: set[str] = set()
    for item in items:
        if item.product_id in known:
            message = f"{path}: {item.product_id} comes twice"
            raise InputError(message)
        known.add(item.product_id)
    return items


def _read(path: Path) -> tuple[Item, ...]:
    try:
        families = tomllib.loads(path.read_text(encoding="utf-8"))["family"]
        return tuple(
            _item(family, variant) for family in families for variant in family["variants"]
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        message = f"{path} is no catalogue of families: {error!r}"
        raise InputError(message) from error


def held_out(items: tuple[Item, ...]) -> frozenset[str]:
    """Return the ids of a fifth of the families, drawn by a hash of brand and kind.

    No encoder of ours is trained on them: they stand for goods that arrive after training.
    """
    families = sorted(
        {item.family for item in items},
        key=lambda family: hashlib.sha256(family.encode()).hexdigest(),
    )
    chosen = set(families[: round(HELD_OUT_SHARE * len(families))])
    return frozenset(item.product_id for item in items if item.family in chosen)


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
    attributes, points = family["attributes"], family["points"]
    if not isinstance(attributes, dict) or not isinstance(points, list):
        message = f"attributes and points of {family['brand']}"
        raise TypeError(message)
    # A variant's own size, price and so on win; its name is the variant, the family's the kind.
    texts = {key: str(value) for key, value in {**family, **variant}.items()}
    name, size = str(family["name"]), texts["size"]
    return Item(
        product_id=slug(f"{texts['brand']} {texts['name']} {name} {size}"),
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
            **({"material": texts["material"]} if "material" in texts else {}),
        },
        font=texts.get("font", ""),
        tall=float(texts.get("tall", "1")),
    )
