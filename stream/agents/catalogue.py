"""The catalogue agent: upserts and deletes of products, from the topic `catalogue` into the index.

A record's value is a product, which is written over any older one; a null value deletes the product
that the key names. The index is not ours: it comes in as a `CatalogueIndex`.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from models.errors import BadEventError, InputError
from stream.codec import decode
from stream.dead_letter import Original
from stream.topics import CATALOGUE
from workers.events import Product, ProductId

logger = logging.getLogger(__name__)

TOPIC = CATALOGUE
_PRODUCT_ID: TypeAdapter[str] = TypeAdapter(ProductId)


class CatalogueIndex(Protocol):
    """What the agent writes to; blocking, called from one thread.

    Both calls raise `TransientError` when the index is away, `BadEventError` or `InputError` when
    this product can never be indexed, and return when the change is durable.
    """

    def upsert(self, product: Product) -> object:
        """Write a product over any older one of its id."""

    def delete(self, product_id: str) -> object:
        """Remove a product; removing one that is not there is no error."""


def catalogue_work(index_factory: Callable[[], CatalogueIndex]) -> Callable[[Original], None]:
    """Open the index and return the work on one record of the topic."""
    index = index_factory()

    def work(original: Original) -> None:
        apply_change(index, original)

    return work


def apply_change(index: CatalogueIndex, original: Original) -> None:
    """Make the change that a record asks for.

    Raises:
        BadEventError: the record is no product, or its product can never be indexed.
        TransientError: the index is away.
    """
    product_id = _key(original)
    if original.value is None:
        index.delete(product_id)
        logger.info("catalogue: %s: deleted", product_id)
        return
    product = decode(Product, original.position, original.value, original.headers)
    if product.product_id != product_id:
        # A null value under this key could never delete it, and its order would be anybody's guess.
        message = (
            f"{original.position}: field product_id: {product.product_id!r} is not "
            f"the record's key {product_id!r}"
        )
        raise BadEventError(message)
    try:
        index.upsert(product)
    except InputError as error:
        message = f"{original.position}: product {product_id!r} cannot be indexed: {error}"
        raise BadEventError(message) from error
    logger.info("catalogue: %s: written", product_id)


def _key(original: Original) -> str:
    try:
        return _PRODUCT_ID.validate_python((original.key or b"").decode())
    except (UnicodeDecodeError, ValidationError) as error:
        message = (
            f"{original.position}: key {original.key!r} is no product id (1 to 200 characters)"
        )
        raise BadEventError(message) from error
