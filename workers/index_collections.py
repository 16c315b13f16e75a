"""Collections of Milvus: made with their fields and indexes, or given another vector index.

A collection's fields never change, the index of its vectors may. Where Milvus can keep products of
one shop together it does, so that a search in a shop looks into its partition only.
"""

import logging
from typing import Any

from pymilvus import DataType
from pymilvus.exceptions import MilvusException

from workers.index_kinds import EXACT, VectorIndex
from workers.index_schema import BUILDS, SOUNDS

logger = logging.getLogger(__name__)
_Field = tuple[str, DataType, dict[str, Any]]
_SOUNDS_INDEX = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}
_MAX_ID, _MAX_TITLE, _MAX_PATH = 800, 4_000, 8_000
# In bytes, which is what Milvus counts; an event allows 200 and 1,000 characters.
_PARTITIONS = 64
_TRIES = 20


def ensure_products(
    client: Any, name: str, dim: int, vectors: VectorIndex = EXACT, *, by_shop: bool = False
) -> bool:
    """Make the collection of an encoder if there is none, searched by cosine and by sounds.

    Args:
        client: of pymilvus.
        name: of the collection.
        dim: D of its vectors.
        vectors: their index.
        by_shop: whether products of a shop lie together, in one of 64 partitions.

    Returns:
        Whether it takes sparse vectors, which Milvus before 2.4 does not.
    """
    if client.has_collection(name):
        return any(one["name"] == SOUNDS for one in client.describe_collection(name)["fields"])
    shop = {"max_length": _MAX_ID} | ({"is_partition_key": True} if by_shop else {})
    fields: list[_Field] = [
        ("product_id", DataType.VARCHAR, {"is_primary": True, "max_length": _MAX_ID}),
        ("vector", DataType.FLOAT_VECTOR, {"dim": dim}),
        ("title", DataType.VARCHAR, {"max_length": _MAX_TITLE}),
        ("shop", DataType.VARCHAR, shop),
        ("image", DataType.VARCHAR, {"max_length": _MAX_PATH}),
        ("attributes", DataType.JSON, {}),
        ("content", DataType.VARCHAR, {"max_length": 64}),
    ]
    partitions = {"num_partitions": _PARTITIONS} if by_shop else {}
    try:
        with_sounds = [*fields, (SOUNDS, DataType.SPARSE_FLOAT_VECTOR, {})]
        _ensure(client, name, with_sounds, vectors, partitions)
    except MilvusException as error:
        if "support" not in str(error.message).casefold():
            raise
        # What it said was about any of the fields: without this one it takes them, or says why not.
        client.drop_collection(name)
        _ensure(client, name, fields, vectors, partitions)
        logger.warning(
            "this Milvus takes no sparse vectors (%s), so a name that only sounds like a title is "
            "found among the nearest by vector alone; Milvus 2.4 and later take them",
            " ".join(str(error.message).split())[:200],
        )
        return False
    return True


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
        EXACT,
        {},
    )


def reindex(client: Any, name: str, vectors: VectorIndex, timeout_s: int) -> None:
    """Give a collection another vector index; it answers no search until this returns.

    Args:
        client: of pymilvus.
        name: of the collection.
        vectors: the new index.
        timeout_s: for each of the steps, of which building takes longest; a whole number, since
            pymilvus waits for ever with any other.
    """
    # An index is built over what is sealed: the rest would be compared one by one for ever.
    client.flush(name, timeout=timeout_s)
    _drop_index(client, name, timeout_s)
    index = client.prepare_index_params()
    index.add_index("vector", **_told(vectors))
    client.create_index(name, index, timeout=timeout_s)
    client.load_collection(name, timeout=timeout_s)


def _drop_index(client: Any, name: str, timeout_s: int) -> None:
    for left in reversed(range(_TRIES)):
        client.release_collection(name, timeout=timeout_s)
        try:
            if "vector" in client.list_indexes(name, timeout=timeout_s):
                client.drop_index(name, "vector", timeout=timeout_s)
        except MilvusException:
            # Whoever searched in between had it loaded again.
            if not left:
                raise
        else:
            return


def _ensure(
    client: Any,
    name: str,
    fields: list[_Field],
    vectors: VectorIndex,
    partitions: dict[str, int],
) -> None:
    if client.has_collection(name):
        return
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    index = client.prepare_index_params()
    for field_name, kind, options in fields:
        schema.add_field(field_name, kind, **options)
        if kind == DataType.FLOAT_VECTOR:
            index.add_index(field_name, **_told(vectors))
        elif kind == DataType.SPARSE_FLOAT_VECTOR:
            index.add_index(field_name, **_SOUNDS_INDEX)
    client.create_collection(
        name, schema=schema, index_params=index, consistency_level="Strong", **partitions
    )


def _told(vectors: VectorIndex) -> dict[str, Any]:
    # A server takes parameters so; Milvus Lite, which drops them, is offered none that has any.
    told: dict[str, Any] = {"index_type": vectors.kind, "metric_type": "COSINE"}
    return told | ({"params": dict(vectors.build)} if vectors.build else {})
