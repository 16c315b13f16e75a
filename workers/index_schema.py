"""What an index holds: rows, builds, scopes, and the names of the collections that they lie in.

Milvus Lite keeps neither descriptions nor properties of a collection, so what a collection is
stands in a row of a collection of its own.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from models import sounds
from models.calibrate import index_version
from models.errors import BadEventError, MismatchError
from models.fusion import Layout
from workers.index_kinds import EXACT, VectorIndex
from workers.milvus import quoted

BUILDS = "liveshelf_builds"
"""One row per collection: what it is and what was built into it."""
SOUNDS = "sounds"
"""The field of a title's sound-alike weights."""
HIT_FIELDS = ("product_id", "title", "shop", "vector")
"""What a hit is made of; the key too: Milvus before 2.4 calls it "id" otherwise."""
Floats = npt.NDArray[np.float32]
_LAYOUT = "s1"
# Part of a collection's name: one without sound-alike weights is never taken for one with them.
_NO_WORDS = {sounds.DIMENSIONS: 1.0}
# Milvus wants a number in every sparse vector; no query has this term.


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
    sounds: str = field(default_factory=sounds.version)
    """Which weights its titles have; empty: none, since its Milvus takes no sparse vectors."""
    sounds_weights: Mapping[str, float] = field(default_factory=dict)
    """Of each scope: the fitted share of the sound-alike score; no entry: 0."""
    vectors: VectorIndex = EXACT
    """How its vectors are searched."""

    @property
    def version(self) -> str:
        """What here decides a score: thresholds belong to it, whichever products there are."""
        return index_version(self.fingerprint, self.sounds or sounds.version(), self.sounds_weights)


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
    return f"{old_collection_of(fingerprint)}_{_LAYOUT}"


def old_collection_of(fingerprint: str) -> str:
    """Return what the collection was called before titles had sound-alike weights."""
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
            "sounds": build.sounds,
            "sounds_weights": dict(build.sounds_weights),
            "vectors": build.vectors.to_json(),
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
            sounds=str(known.get("sounds", "")),
            sounds_weights={
                str(scope): float(weight)
                for scope, weight in known.get("sounds_weights", {}).items()
            },
            vectors=VectorIndex.from_json(known.get("vectors", EXACT.to_json())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
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


def data_of(row: Row, *, with_sounds: bool) -> dict[str, Any]:
    """Return a row as Milvus takes it."""
    data: dict[str, Any] = {
        "product_id": row.product_id,
        "vector": row.vector.tolist(),
        "title": row.title,
        "shop": row.shop,
        "image": row.image,
        "attributes": json.loads(row.attributes),
        "content": row.content,
    }
    return data | {SOUNDS: sounds.title_weights(row.title) or _NO_WORDS} if with_sounds else data
