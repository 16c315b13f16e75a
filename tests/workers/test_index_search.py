"""Servers that lack what the sound-alike channel wants: told once, and answered all the same."""

import logging
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, TypeVar

import grpc  # type: ignore[import-untyped]
import numpy as np
import pytest
from pymilvus import DataType
from pymilvus.exceptions import MilvusException

from models.errors import TransientError
from models.fusion import Layout
from models.sounds import title_weights
from workers.index_collections import ensure_products
from workers.index_kinds import VectorIndex
from workers.index_schema import Build
from workers.index_search import ProductSearch
from workers.milvus import Milvus, MilvusOptions

Answer = TypeVar("Answer")
BUILD = Build("liveshelf_x", "f" * 64, Layout("mean", 2, 2))
QUERY = np.array([[1.0, 0.0]], dtype=np.float32)
ROWS = {
    "near": ([0.8, 0.6], "blue towel"),
    "both": ([0.6, 0.8], "zorvaxi tonic"),
    "alike": ([0.0, 1.0], "zorvaxi soap"),
}


class UnknownMethodError(grpc.RpcError):  # type: ignore[misc]
    """What a server says of a call that it does not know."""

    def __str__(self) -> str:
        return "StatusCode.UNIMPLEMENTED: unknown method HybridSearch"


class TwoSearches(Milvus):
    """A Milvus of three rows that finds by vector and by sound, but not by both at once."""

    def __init__(self, refuses: Exception) -> None:
        super().__init__(MilvusOptions("http://127.0.0.1:9"))
        self.refuses = refuses
        self.asked: list[str] = []
        self.told: list[tuple[int, dict[str, Any], str]] = []
        self.names: list[str] = []

    def call(self, do: Callable[[Any, float], Answer], collection: str = "") -> Answer:
        try:
            return do(self, 1.0)
        except grpc.RpcError as error:
            message = "away"
            raise TransientError(message) from error

    def hybrid_search(self, *_: object, **__: object) -> list[Any]:
        self.asked.append("hybrid")
        raise self.refuses

    def search(self, _name: str, **wanted: Any) -> list[list[dict[str, Any]]]:
        self.asked.append(wanted["anns_field"])
        self.told.append((wanted["limit"], wanted["search_params"], wanted["consistency_level"]))
        names = (
            self.names or ["near", "both"]
            if wanted["anns_field"] == "vector"
            else ["both", "alike"]
        )
        return [
            [
                {
                    "product_id": name,
                    "distance": 0.5,
                    "entity": {"vector": ROWS[name][0], "title": ROWS[name][1], "shop": ""},
                }
                for name in names
            ]
            for _ in wanted["data"]
        ]


@pytest.mark.parametrize(
    "refuses",
    [UnknownMethodError(), MilvusException(2, "rpc error: Unimplemented: unknown method")],
)
def test_a_server_that_knows_no_hybrid_search_is_asked_for_it_once(
    refuses: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    milvus = TwoSearches(refuses)
    search = ProductSearch(milvus)
    heard = [title_weights("zorvaxi")]
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            (hits,) = search.by_both(BUILD, QUERY, heard, 2, "")
            # What only one channel found is there too, with its own cosine and not a ranker's.
            found = {hit.product_id: hit.cosine for hit in hits}
            assert found == pytest.approx({"near": 0.8, "both": 0.6, "alike": 0.0})
    assert milvus.asked == ["hybrid", "vector", "sounds", "vector", "sounds"]
    (told,) = [one.getMessage() for one in caplog.records]
    assert "no hybrid search, so it is asked twice" in told


def test_a_server_that_is_away_is_no_server_without_hybrid_search() -> None:
    search = ProductSearch(TwoSearches(grpc.RpcError("connection refused")))
    with pytest.raises(TransientError):
        search.by_both(BUILD, QUERY, [{1: 1.0}], 2, "")


def test_a_collection_without_weights_is_asked_by_vector_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    milvus = TwoSearches(AssertionError())
    search, plain = ProductSearch(milvus), Build("x", "f" * 64, Layout("mean", 2, 2), sounds="")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            (hits,) = search.by_both(plain, QUERY, [{1: 1.0}], 2, "")
            assert [hit.product_id for hit in hits] == ["near", "both"]
    assert milvus.asked == ["vector", "vector"]
    assert len(caplog.records) == 1


def test_a_product_that_milvus_keeps_twice_is_told_once_and_takes_no_room() -> None:
    milvus = TwoSearches(AssertionError())
    milvus.names = ["near", "near", "both", "alike"]
    (hits,) = ProductSearch(milvus).by_vector(BUILD, QUERY, 2, "")
    assert [hit.product_id for hit in hits] == ["near", "both"]
    assert [limit for limit, _, _ in milvus.told] == [2, 4]


def test_an_index_that_ranks_by_codes_is_put_in_order_by_the_stored_vectors() -> None:
    milvus = TwoSearches(AssertionError())
    milvus.names = ["alike", "both", "near"]
    codes = VectorIndex("IVF_SQ8", {"nlist": 64}, effort=4)
    build = replace(BUILD, vectors=codes)
    (hits,) = ProductSearch(milvus).by_vector(build, QUERY, 3, "")
    assert {hit.product_id: hit.cosine for hit in hits} == pytest.approx(
        {"near": 0.8, "both": 0.6, "alike": 0.0}
    )
    assert [hit.product_id for hit in hits] == ["near", "both", "alike"]
    ProductSearch(milvus).by_vector(build, QUERY, 3, 'shop == "s"')
    probed = [params["params"]["nprobe"] for _, params, _ in milvus.told]
    assert probed == [4, 64], "a filtered search looks into all cells"


def test_within_a_shop_codes_are_asked_for_ten_times_as_many_and_the_nearest_are_kept() -> None:
    # The codes put the product first that is the farthest.
    milvus = TwoSearches(AssertionError())
    milvus.names = ["alike", "both", "near"]
    codes = VectorIndex("IVF_PQ", {"nlist": 64, "m": 1, "nbits": 8}, effort=4)
    search, build = ProductSearch(milvus), replace(BUILD, vectors=codes)
    (hits,) = search.by_vector(build, QUERY, 2, 'shop == "s"')
    assert [hit.product_id for hit in hits] == ["near", "both"]
    search.by_vector(build, QUERY, 2, "")
    assert [limit for limit, _, _ in milvus.told] == [20, 2]


def test_searches_are_as_consistent_as_the_options_say() -> None:
    milvus = TwoSearches(AssertionError())
    ProductSearch(milvus).by_vector(BUILD, QUERY, 2, "")
    milvus.options = MilvusOptions("http://127.0.0.1:9", consistency="Bounded")
    ProductSearch(milvus).by_vector(BUILD, QUERY, 2, "")
    assert [level for _, _, level in milvus.told] == ["Strong", "Bounded"]


class NoSparseVectors:
    """A client of Milvus 2.3: it makes the collection, and only then says that it cannot."""

    def __init__(
        self, says: str = "create index on 104 field is not supported", *, refuses_all: bool = False
    ) -> None:
        self.collections: dict[str, list[str]] = {}
        self._says = says
        self._refuses_all = refuses_all

    def has_collection(self, name: str) -> bool:
        return name in self.collections

    def drop_collection(self, name: str) -> None:
        self.collections.pop(name, None)

    def describe_collection(self, name: str) -> dict[str, Any]:
        return {"fields": [{"name": field} for field in self.collections[name]]}

    def create_schema(self, **_: object) -> Any:
        fields: list[tuple[str, DataType]] = []
        return SimpleNamespace(
            fields=fields, add_field=lambda name, kind, **_: fields.append((name, kind))
        )

    def prepare_index_params(self) -> Any:
        return SimpleNamespace(add_index=lambda *_, **__: None)

    def create_collection(self, name: str, *, schema: Any, **_: object) -> None:
        self.collections[name] = [field for field, _ in schema.fields]
        kinds = [kind for _, kind in schema.fields]
        if self._refuses_all or DataType.SPARSE_FLOAT_VECTOR in kinds:
            raise MilvusException(1100, self._says)


def test_a_server_without_sparse_vectors_gets_a_collection_without_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = NoSparseVectors()
    with caplog.at_level(logging.WARNING):
        assert not ensure_products(client, "shelf", 4)
    assert "takes no sparse vectors (create index on 104 field" in caplog.text
    assert "vector" in client.collections["shelf"]
    assert "sounds" not in client.collections["shelf"]
    caplog.clear()
    assert not ensure_products(client, "shelf", 4)
    assert not caplog.records


def test_a_server_that_takes_nothing_says_why() -> None:
    with pytest.raises(MilvusException, match="not supported"):
        ensure_products(NoSparseVectors(refuses_all=True), "shelf", 4)


def test_a_server_that_is_busy_is_not_taken_for_one_without_sparse_vectors() -> None:
    client = NoSparseVectors(says="rate limit exceeded")
    with pytest.raises(MilvusException, match="rate limit"):
        ensure_products(client, "shelf", 4)
