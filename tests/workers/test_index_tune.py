"""Another vector index for a collection: on a client that keeps count, and on real Milvus Lite."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pymilvus.exceptions import MilvusException

from models.errors import MismatchError, TransientError
from models.fusion import Layout
from workers.index import ProductIndex
from workers.index_collections import ensure_products, reindex
from workers.index_kinds import EXACT, VectorIndex
from workers.index_schema import Build, Row, collection_of

GRAPH = VectorIndex("HNSW", {"M": 16, "efConstruction": 200}, effort=128)


class Server:
    """A client whose collection others load again until they are tired of it."""

    def __init__(self, loads: int = 0) -> None:
        self.loads = loads
        self.done: list[str] = []
        self.told: dict[str, Any] = {}
        self.fields: dict[str, dict[str, Any]] = {}
        self.made: dict[str, Any] = {}

    def has_collection(self, _name: str) -> bool:
        return False

    def create_schema(self, **_: object) -> Any:
        return SimpleNamespace(
            add_field=lambda name, _kind, **told: self.fields.update({name: told})
        )

    def create_collection(self, _name: str, **told: Any) -> None:
        self.made = told

    def flush(self, _name: str, **_: object) -> None:
        self.done.append("flush")

    def release_collection(self, _name: str, **_: object) -> None:
        self.done.append("release")

    def list_indexes(self, _name: str, **_: object) -> list[str]:
        return ["vector", "sounds"]

    def drop_index(self, _name: str, field: str, **_: object) -> None:
        if self.loads:
            self.loads -= 1
            raise MilvusException(1100, "index cannot be dropped, collection is loaded")
        self.done.append(f"drop {field}")

    def prepare_index_params(self) -> Any:
        return SimpleNamespace(
            add_index=lambda field, **told: self.told.update({field: told}),
        )

    def create_index(self, _name: str, _index: object, *, timeout: int) -> None:
        assert isinstance(timeout, int), "pymilvus waits for ever with any other"
        self.done.append("create")

    def load_collection(self, _name: str, **_: object) -> None:
        self.done.append("load")


def test_what_was_written_is_sealed_before_the_new_index_is_built_over_it() -> None:
    server = Server()
    reindex(server, "shelf", GRAPH, 60)
    assert server.done == ["flush", "release", "drop vector", "create", "load"]
    assert server.told["vector"] == {
        "index_type": "HNSW",
        "metric_type": "COSINE",
        "params": {"M": 16, "efConstruction": 200},
    }


def test_a_search_that_loads_the_collection_in_between_only_delays_it() -> None:
    server = Server(loads=3)
    reindex(server, "shelf", EXACT, 60)
    assert server.done == ["flush", *["release"] * 4, "drop vector", "create", "load"]
    assert server.told["vector"] == {"index_type": "FLAT", "metric_type": "COSINE"}
    with pytest.raises(MilvusException, match="is loaded"):
        reindex(Server(loads=100), "shelf", EXACT, 60)


@pytest.mark.parametrize("by_shop", [False, True])
def test_products_of_a_shop_lie_together_where_milvus_can_do_so(*, by_shop: bool) -> None:
    server = Server()
    assert ensure_products(server, "shelf", 4, GRAPH, by_shop=by_shop)
    assert server.fields["shop"].get("is_partition_key", False) is by_shop
    assert ("num_partitions" in server.made) is by_shop
    assert server.told["vector"]["index_type"] == "HNSW"


@pytest.mark.milvus
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (103, "collection not fully loaded"),
        (700, "index not found[collection=shelf]"),
        (65535, "fail to Search, QueryNode ID=1, reason=channel not found[channel=dml_2]"),
    ],
)
def test_while_another_index_is_built_milvus_is_as_good_as_away(
    index: ProductIndex, code: int, says: str
) -> None:
    def search(_client: object, _timeout_s: float) -> None:
        raise MilvusException(code, says)

    with pytest.raises(TransientError, match=r"is (busy|away)"):
        index.milvus.call(search)


@pytest.mark.milvus
def test_milvus_lite_is_asked_exactly_and_offered_nothing_else(index: ProductIndex) -> None:
    fingerprint = "7a2e" * 4
    made = Build(collection_of(fingerprint), fingerprint, Layout("mean", 2, 2), vectors=GRAPH)
    assert index.store(made, 10**6).vectors == EXACT
    index.upsert(fingerprint, [Row("one", np.array([1, 0], dtype=np.float32), "one", "00")])
    assert index.stored(fingerprint, ["one", "two"]) == 1
    assert index.offers().is_lite
    with pytest.raises(MismatchError, match="has no vector index HNSW, only FLAT"):
        index.tune(fingerprint, GRAPH)
    assert index.tune(fingerprint, EXACT).vectors == EXACT
    assert index.about(fingerprint).vectors == EXACT
