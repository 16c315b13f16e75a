"""What is served now: the products of a collection, in full as far as anybody knows them.

In: a collection, and products from catalogue file and topic. Out: for each row the product that it
was made from. A row of the index knows but the first picture of its product, so whoever knows more
is asked first, and believed only where it says what is served.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from models.errors import InputError, TransientError
from workers import images
from workers.events import Product
from workers.images import ImageSource
from workers.index import ProductIndex
from workers.index_build import content_of
from workers.index_schema import Build

Offers = Callable[[], Sequence[Mapping[str, Product]]]
"""Returns what is known of the products now, by id: the latest word first."""
Contents = dict[str, str]
"""Of a collection: the hash over what each row was made from, by product id."""
_FIELDS = ("title", "shop", "image", "attributes", "content")


class Served:
    """One collection and what is known of its products."""

    def __init__(
        self,
        index: ProductIndex,
        build: Build,
        offers: Offers,
        source: ImageSource | None = None,
    ) -> None:
        """Keep what is needed.

        Args:
            index: holds the collection.
            build: the collection.
            offers: products in full.
            source: where pictures may come from.
        """
        self.index = index
        self.build = build
        self._offers = offers
        self._source = source or ImageSource()

    def ids(self) -> set[str]:
        """Return the products that are served now."""
        return self.index.ids(self.build.fingerprint)

    def contents(self) -> Contents:
        """Return what is served now."""
        rows = self.index.get(self.build.fingerprint, sorted(self.ids()), ["content"])
        return {name: str(row["content"]) for name, row in rows.items()}

    def products(self, ids: Sequence[str]) -> list[Product]:
        """Return the products of those ids that are served."""
        offers = self._offers()
        rows = self.index.get(self.build.fingerprint, ids, _FIELDS)
        return [self._chosen(name, rows[name], offers) for name in ids if name in rows]

    def _chosen(
        self, product_id: str, row: Mapping[str, object], offers: Sequence[Mapping[str, Product]]
    ) -> Product:
        """Return the product that a row was made from, or the nearest that is known of it."""
        known = [offer[product_id] for offer in offers if product_id in offer]
        exact = [one for one in known if self._content(one) == row["content"]]
        served = product_of(product_id, row)
        alike = [one for one in known if _same_page(one, served)]
        return next(iter([*exact, *alike]), served)

    def _content(self, product: Product) -> str | None:
        try:
            pictures = [images.read(name, self._source) for name in product.images]
        except (InputError, TransientError):
            return None
        return content_of(product, pictures, self.build.fingerprint)


def product_of(product_id: str, row: Mapping[str, object]) -> Product:
    """Return a product as far as its row in the index tells it."""
    attributes = row["attributes"]
    if isinstance(attributes, str | bytes):
        attributes = json.loads(attributes)
    return Product.model_validate(
        {
            "product_id": product_id,
            "title": row["title"],
            "images": [row["image"]] if row["image"] else [],
            "attributes": attributes,
            "shop": row["shop"] or None,
        }
    )


def _same_page(one: Product, served: Product) -> bool:
    return (one.title, one.shop, one.images[:1], one.attributes) == (
        served.title,
        served.shop,
        served.images,
        served.attributes,
    )
