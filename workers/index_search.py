"""The nearest products of many queries: by vector, and where words were heard by sound too.

One hybrid search asks Milvus for both. A server without it is asked twice, for the same products;
a collection without sound-alike weights once, by vector. What is found is not in the end's order:
whoever compares the parts that a query has gives every product its exact score. An index that ranks
by codes is asked for more where they are rough; which are nearest, and how near, is told by the
stored vectors. A product is told once, even where Milvus keeps it twice.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import grpc  # type: ignore[import-untyped]
import numpy as np
from pymilvus import AnnSearchRequest, WeightedRanker
from pymilvus.exceptions import MilvusException

from workers.index_schema import HIT_FIELDS, SOUNDS, Build, Floats, Hit
from workers.milvus import Milvus

logger = logging.getLogger(__name__)
Heard = Mapping[int, float]
"""Terms of what was said, each with its weight from 0 to 1."""
_BY_SOUND = {"metric_type": "IP"}
_UNKNOWN = ("unimplemented", "unknown method")


class _NoHybridError(Exception):
    """The server does not know hybrid search."""


class ProductSearch:
    """Searches in one Milvus. Not for several threads at once."""

    def __init__(self, milvus: Milvus, *, hybrid: bool = True) -> None:
        """Keep the connection.

        Args:
            milvus: is asked.
            hybrid: whether to try hybrid search; a server that has none is not asked again.
        """
        self._milvus = milvus
        self._hybrid = hybrid
        self._told = False

    def by_vector(self, build: Build, vectors: Floats, k: int, where: str) -> list[list[Hit]]:
        """Return the k nearest products of each query, nearest first."""
        found = self._near(build, vectors, k, where)
        if not build.vectors.is_quantised:
            return [[_hit(one, float(one["distance"])) for one in hits] for hits in found]
        return [
            [_hit(one, _cosine(one, vector)) for one in hits]
            for hits, vector in zip(found, vectors, strict=True)
        ]

    def _near(self, build: Build, vectors: Floats, k: int, where: str) -> list[list[Any]]:
        """Return the k nearest of each query, nearest first, by the stored vectors in any case."""
        most = build.vectors.candidates(k, is_scoped=bool(where))
        found = self._ranked(build, vectors.tolist(), most, where)
        if not build.vectors.is_quantised:
            return found
        return [
            sorted(hits, key=lambda one: -_cosine(one, vector))[:k]
            for hits, vector in zip(found, vectors, strict=True)
        ]

    def _ranked(self, build: Build, vectors: list[Any], k: int, where: str) -> list[list[Any]]:
        """Return the k nearest of each query as the index ranks them."""

        def ask(most: int) -> list[list[Any]]:
            told = _by_vector(build, most, where)
            return self._search(build.collection, "vector", vectors, most, where, told)

        found = ask(k)
        once = [_each_once(hits) for hits in found]
        if [len(hits) for hits in once] == [len(hits) for hits in found]:
            return once
        # Rows of the same product took the room of others.
        return [_each_once(hits)[:k] for hits in ask(2 * k)]

    def by_both(
        self, build: Build, vectors: Floats, heard: Sequence[Heard], k: int, where: str
    ) -> list[list[Hit]]:
        """Return the k nearest by vector and by sound of each query, and more, in no order."""
        if not build.sounds:
            self._tell(
                f"{build.collection} has no sound-alike weights, so names are compared among the "
                "nearest products by vector alone; Milvus 2.4 and later take them: run "
                "`liveshelf index build CATALOGUE` there"
            )
            return self.by_vector(build, vectors, k, where)
        rows = self._both(build, vectors, [dict(one) for one in heard], k, where)
        return [
            [_hit(one, _cosine(one, vector)) for one in hits]
            for hits, vector in zip(rows, vectors, strict=True)
        ]

    def _both(
        self, build: Build, vectors: Floats, heard: list[Any], k: int, where: str
    ) -> list[list[Any]]:
        if self._hybrid:
            try:
                found = self._hybrid_search(build, vectors.tolist(), heard, k, where)
                return [_each_once(hits) for hits in found]
            except _NoHybridError as error:
                self._hybrid = False
                self._tell(f"this Milvus has no hybrid search, so it is asked twice ({error})")
        near = self._near(build, vectors, k, where)
        alike = self._search(build.collection, SOUNDS, heard, k, where, _BY_SOUND)
        return [_joined(*pair) for pair in zip(near, alike, strict=True)]

    def _hybrid_search(
        self, build: Build, vectors: list[Any], heard: list[Any], k: int, where: str
    ) -> list[list[Any]]:
        near = build.vectors.candidates(k, is_scoped=bool(where))
        wanted = [
            AnnSearchRequest(vectors, "vector", _by_vector(build, near, where), near, expr=where),
            AnnSearchRequest(heard, SOUNDS, _BY_SOUND, k, expr=where),
        ]

        def ask(client: Any, timeout_s: float) -> list[list[Any]]:
            try:
                # Room for all that either search finds: scores are made exact by whoever asks.
                found: list[list[Any]] = client.hybrid_search(
                    build.collection,
                    wanted,
                    WeightedRanker(0.5, 0.5),
                    limit=near + k,
                    output_fields=list(HIT_FIELDS),
                    consistency_level=self._milvus.options.consistency,
                    timeout=timeout_s,
                )
            except (grpc.RpcError, MilvusException) as error:
                told = str(error)
                if any(words in told.casefold() for words in _UNKNOWN):
                    raise _NoHybridError(told.splitlines()[0][:120]) from error
                raise
            return found

        return self._milvus.call(ask, build.collection)

    def _search(
        self,
        name: str,
        field: str,
        queries: list[Any],
        k: int,
        where: str,
        told: Mapping[str, Any],
    ) -> list[list[Any]]:
        def ask(client: Any, timeout_s: float) -> list[list[Any]]:
            found: list[list[Any]] = client.search(
                name,
                data=queries,
                anns_field=field,
                limit=k,
                filter=where,
                output_fields=list(HIT_FIELDS),
                search_params=dict(told),
                consistency_level=self._milvus.options.consistency,
                timeout=timeout_s,
            )
            return found

        return self._milvus.call(ask, name)

    def _tell(self, message: str) -> None:
        if not self._told:
            self._told = True
            logger.warning(message)


def _by_vector(build: Build, k: int, where: str) -> dict[str, Any]:
    params = build.vectors.search_params(k, is_scoped=bool(where))
    return {"metric_type": "COSINE", "params": params}


def _each_once(hits: Sequence[Any]) -> list[Any]:
    kept: dict[str, Any] = {}
    for one in hits:
        kept.setdefault(one["product_id"], one)
    return list(kept.values())


def _joined(near: Sequence[Any], alike: Sequence[Any]) -> list[Any]:
    known = {one["product_id"] for one in near}
    return [*near, *(one for one in alike if one["product_id"] not in known)]


def _cosine(found: Any, vector: Floats) -> float:
    return float(np.asarray(found["entity"]["vector"], dtype=np.float32) @ vector)


def _hit(found: Any, cosine: float) -> Hit:
    entity = found["entity"]
    return Hit(
        product_id=str(found["product_id"]),
        cosine=cosine,
        title=str(entity["title"]),
        shop=str(entity["shop"]),
        vector=np.asarray(entity["vector"], dtype=np.float32),
    )
