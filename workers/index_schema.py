"""What an index holds: rows, builds, scopes, and the collections that they lie in.

Milvus Lite keeps neither descriptions nor properties of a collection, so what a collection is
stands in a row of a collection of its own.
"""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pymilvus import DataType

from models.errors import BadEventError, MismatchError
from models.fusion import Layout
from workers.milvus import quoted

BUILDS = "liveshelf_builds"
"""One row per collection: what it is and what was built into it."""
Floats = npt.NDArray[np.float32]
_MAX_ID, _MAX_TITLE, _MAX_PATH = 800, 4_000, 8_000
# In bytes, which is what Milvus counts; an event allows 200 and 1,000 characters.


@dataclass(frozen=True)
class Scope:
    """Which products a query may find; neither: all."""

    ids: tuple[str, ...] = ()
    """Products of a cart."""
    shop: str | None = None

    @property
    def filter(self) -> str:
        """As a Milvus expression; the same text for the same scope."""
        if self.ids:
            return f"product_id in [{', '.join(quoted(one) for one in sorted(set(self.ids)))}]"
        return f"shop == {quoted(self.shop)}" if self.shop is not None else ""


@dataclass(frozen=True)
class Row:
    """A product as it is stored."""

    product_id: str
    vector: Floats
    """(D,), unit length."""
    title: str
    content: str
    """Hash over all that the row was made from."""
    shop: str = ""
    image: str = ""
    attributes: str = "{}"
    """JSON."""


@dataclass(frozen=True)
class Hit:
    """A product near a query."""

    product_id: str
    cosine: float
    """Of the whole vectors, as Milvus ranked them."""
    title: str
    shop: str
    vector: Floats
    """(D,), as stored."""


@dataclass(frozen=True)
class Build:
    """What a collection is."""

    collection: str
    fingerprint: str
    layout: Layout
    build_id: str = ""
    """Hash of what was built; empty before the first build. A live upsert does not change it."""
    count: int = 0
    """Products after the last build."""
    encoder: str = ""
    """The encoder's name, for people."""


def is_fingerprint(text: str) -> bool:
    """Whether a text can be the fingerprint of an encoder."""
    return re.fullmatch(r"[0-9a-f]{16,}", text) is not None


def collection_of(fingerprint: str) -> str:
    """Return the name of the collection of an encoder.

    Raises:
        MismatchError: it is no fingerprint.
    """
    if not is_fingerprint(fingerprint):
        message = f"{fingerprint!r} is no encoder fingerprint of at least 16 hexadecimal digits"
        raise MismatchError(message)
    return f"liveshelf_{fingerprint[:16]}"


def about_json(build: Build) -> str:
    """Return JSON that `build_of` reads."""
    return json.dumps(
        {
            "fingerprint": build.fingerprint,
            "layout": build.layout.to_json(),
            "build_id": build.build_id,
            "count": build.count,
            "encoder": build.encoder,
        },
        sort_keys=True,
    )


def build_of(collection: str, about: str) -> Build:
    """Return the build that `about_json` wrote.

    Raises:
        MismatchError: another version wrote it.
    """
    try:
        known = json.loads(about)
        return Build(
            collection=collection,
            fingerprint=str(known["fingerprint"]),
            layout=Layout.from_json(known["layout"]),
            build_id=str(known["build_id"]),
            count=int(known["count"]),
            encoder=str(known["encoder"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        message = f"what is stored about {collection} is not known here: {about[:200]!r}"
        raise MismatchError(message) from error


def check_vector(name: str, vector: Floats, dim: int) -> None:
    """Refuse what Milvus would take and answer wrongly: another width, NaN, a length not one.

    Raises:
        MismatchError: another width.
        BadEventError: not finite, or not of length one.
    """
    if vector.shape != (dim,):
        message = f"the vector of {name} has shape {vector.shape}; the index holds ({dim},)"
        raise MismatchError(message)
    length = float(np.linalg.norm(vector))
    if not math.isfinite(length) or abs(length - 1.0) > 1e-3:
        message = f"the vector of {name} has length {length}; it should be 1"
        raise BadEventError(message)


def data_of(row: Row) -> dict[str, Any]:
    """Return a row as Milvus takes it."""
    return {
        "product_id": row.product_id,
        "vector": row.vector.tolist(),
        "title": row.title,
        "shop": row.shop,
        "image": row.image,
        "attributes": json.loads(row.attributes),
        "content": row.content,
    }


def ensure_products(client: Any, name: str, dim: int) -> None:
    """Make the collection of an encoder if there is none; exact search by cosine."""
    _ensure(
        client,
        name,
        [
            ("product_id", DataType.VARCHAR, {"is_primary": True, "max_length": _MAX_ID}),
            ("vector", DataType.FLOAT_VECTOR, {"dim": dim}),
            ("title", DataType.VARCHAR, {"max_length": _MAX_TITLE}),
            ("shop", DataType.VARCHAR, {"max_length": _MAX_ID}),
            ("image", DataType.VARCHAR, {"max_length": _MAX_PATH}),
            ("attributes", DataType.JSON, {}),
            ("content", DataType.VARCHAR, {"max_length": 64}),
        ],
    )


def ensure_builds(client: Any) -> None:
    """Make the collection that says what the others are, if there is none."""
    _ensure(
        client,
        BUILDS,
        [
            ("collection", DataType.VARCHAR, {"is_primary": True, "max_length": 100}),
            # Milvus wants a vector in every collection.
            ("vector", DataType.FLOAT_VECTOR, {"dim": 2}),
            ("about", DataType.VARCHAR, {"max_length": 4_000}),
        ],
    )


def _ensure(client: Any, name: str, fields: list[tuple[str, DataType, dict[str, Any]]]) -> None:
    if client.has_collection(name):
        return
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    for field_name, kind, options in fields:
        schema.add_field(field_name, kind, **options)
    index = client.prepare_index_params()
    # Parameters would have to travel as {"params": json.dumps(...)}: others are dropped silently.
    index.add_index("vector", index_type="FLAT", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")
