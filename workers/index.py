"""The product index: vectors of product pages in Milvus, one collection per encoder fingerprint.

In: rows, then query vectors. Out: the nearest products. A vector is only ever compared with vectors
of its own fingerprint, because the collection's name is made from it. By default searches are
strongly consistent: a product is found as soon as its upsert has returned (see `MilvusOptions`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from models.errors import MismatchError
from workers.index_carts import nearest_in_carts
from workers.index_collections import ensure_builds, ensure_products, reindex
from workers.index_kinds import Offers, VectorIndex, check_offered, index_for, offers_of
from workers.index_read import ProductReader, portions
from workers.index_schema import (
    BUILDS,
    Build,
    Floats,
    Hit,
    Row,
    Scope,
    about_json,
    build_of,
    check_vector,
    collection_of,
    data_of,
    old_collection_of,
)
from workers.index_search import Heard, ProductSearch
from workers.milvus import Milvus, MilvusOptions, quoted

ALIAS = "liveshelf"
"""Points to the collection that was built last."""


class ProductIndex(ProductReader):
    """Products in Milvus. Not for several threads at once."""

    def __init__(self, options: MilvusOptions, *, hybrid: bool = True) -> None:
        """Keep the address; the connection is made when it is first needed.

        Args:
            options: which Milvus.
            hybrid: whether to try hybrid search before searching twice.
        """
        super().__init__(Milvus(options))
        self._search = ProductSearch(self.milvus, hybrid=hybrid)
        self._facts: dict[str, Build] = {}

    def close(self) -> None:
        """Let go of the connection."""
        self.milvus.close()

    def about(self, fingerprint: str) -> Build:
        """Return what is stored about an encoder's collection.

        Raises:
            MismatchError: nothing was indexed with this encoder.
        """
        name = collection_of(fingerprint)
        self._facts.pop(fingerprint, None)
        found = self._stored(f"collection == {quoted(name)}")
        if not found:
            raise MismatchError(self._nothing_of(fingerprint))
        if found[0].fingerprint != fingerprint:
            message = f"{name} belongs to encoder {found[0].fingerprint}, not to {fingerprint}"
            raise MismatchError(message)
        self._facts[fingerprint] = found[0]
        return found[0]

    def _known(self, fingerprint: str) -> Build:
        return self._facts.get(fingerprint) or self.about(fingerprint)

    def offers(self) -> Offers:
        """Return what this Milvus has."""
        return offers_of(
            self.milvus.call(
                lambda client, timeout_s: str(client.get_server_version(timeout=timeout_s))
            )
        )

    def builds(self) -> list[Build]:
        """Return all that is stored and can be read."""
        return [item for item in self._stored() if _is_ours(item)]

    def _nothing_of(self, fingerprint: str) -> str:
        known = self._stored()
        others = ", ".join(item.fingerprint[:16] for item in known if _is_ours(item)) or "nothing"
        old = old_collection_of(fingerprint)
        left = f"; {old} is of an older version, without sound-alike weights, and is not read"
        return (
            f"no product was indexed with encoder {fingerprint[:16]} (indexed with: {others}"
            f"{left if any(item.collection == old for item in known) else ''}); "
            "run `liveshelf index build CATALOGUE`"
        )

    def _stored(self, where: str = "") -> list[Build]:
        if not self._has(BUILDS):
            return []
        rows = self.milvus.call(
            lambda client, timeout_s: client.query(
                BUILDS,
                filter=where,
                limit=1_000,
                output_fields=["collection", "about"],
                consistency_level="Strong",
                timeout=timeout_s,
            ),
            BUILDS,
        )
        found = [build_of(row["collection"], row["about"]) for row in rows]
        return sorted(found, key=lambda item: item.collection)

    def current(self) -> Build:
        """Return the build that the alias points to.

        Raises:
            MismatchError: nothing was built yet.
        """
        try:
            answer = self.milvus.call(
                lambda client, timeout_s: client.describe_alias(ALIAS, timeout=timeout_s)
            )
        except MismatchError as error:
            message = "nothing was indexed yet; run `liveshelf index build CATALOGUE`"
            raise MismatchError(message) from error
        found = self._stored(f"collection == {quoted(answer['collection_name'])}")
        if not found or not _is_ours(found[0]):
            message = (
                f"{answer['collection_name']} is not ours, or of an older version; "
                "run `liveshelf index build CATALOGUE`"
            )
            raise MismatchError(message)
        return found[0]

    def store(self, build: Build, expected: int = 0) -> Build:
        """Remember a build, making its collection if there is none yet.

        Args:
            build: what is stored; of a new collection, all but how its vectors are searched.
            expected: products that a new collection will hold, by which its index is chosen.

        Returns:
            It, as it is stored.
        """
        self.milvus.call(lambda client, _: ensure_builds(client))
        by_shop = False
        if not self._has(build.collection):
            offers = self.offers()
            by_shop = offers.partition_key
            build = replace(build, vectors=index_for(expected, build.layout.dim, offers))
        has_sounds = self.milvus.call(
            lambda client, _: ensure_products(
                client, build.collection, build.layout.dim, build.vectors, by_shop=by_shop
            )
        )
        return self._store(build if has_sounds else replace(build, sounds=""))

    def _store(self, build: Build) -> Build:
        row = {"collection": build.collection, "about": about_json(build), "vector": [1.0, 0.0]}
        self.milvus.call(
            lambda client, timeout_s: client.upsert(BUILDS, [row], timeout=timeout_s), BUILDS
        )
        self._facts[build.fingerprint] = build
        return build

    def tune(self, fingerprint: str, vectors: VectorIndex, timeout_s: int = 3_600) -> Build:
        """Search a collection through another vector index.

        Another effort counts from the next search on. Another index is built first, and until it
        is there searches are refused as if Milvus were away.

        Args:
            fingerprint: of the collection's encoder.
            vectors: the index.
            timeout_s: for building it.

        Raises:
            MismatchError: nothing was indexed with this encoder, or Milvus has no such index.
        """
        build = self.about(fingerprint)
        check_offered(vectors, self.offers())
        if vectors.with_effort(0) != build.vectors.with_effort(0):
            self.milvus.call(
                lambda client, _: reindex(client, build.collection, vectors, timeout_s)
            )
        return self._store(replace(build, vectors=vectors))

    def activate(self, build: Build) -> None:
        """Point the alias to a build."""

        def move(client: Any, timeout_s: float) -> None:
            names = client.list_aliases(timeout=timeout_s)["aliases"]
            change = client.alter_alias if ALIAS in names else client.create_alias
            change(build.collection, ALIAS, timeout=timeout_s)

        self.milvus.call(move, build.collection)

    def drop(self, fingerprint: str) -> None:
        """Remove an encoder's collection and what is stored about it; unknown ones are no error."""
        name = collection_of(fingerprint)
        self.milvus.call(lambda client, _: client.drop_collection(name))
        self._facts.pop(fingerprint, None)
        if self._has(BUILDS):
            self._delete(BUILDS, f"collection == {quoted(name)}")

    def upsert(self, fingerprint: str, rows: Sequence[Row]) -> None:
        """Write rows; a row with a known id replaces it. Visible to reads at once.

        Raises:
            BadEventError: a vector is no unit vector of the right width.
        """
        if not rows:
            return
        build = self.about(fingerprint)
        for row in rows:
            check_vector(row.product_id, row.vector, build.layout.dim)
        data = [data_of(row, with_sounds=bool(build.sounds)) for row in rows]
        self.milvus.call(
            lambda client, timeout_s: client.upsert(build.collection, data, timeout=timeout_s),
            build.collection,
        )

    def delete(self, fingerprint: str, ids: Sequence[str]) -> None:
        """Remove products; unknown ids are no error."""
        name = collection_of(fingerprint)
        for some in portions(ids):
            self._delete(name, Scope(ids=tuple(some)).filter)

    def _delete(self, name: str, where: str) -> None:
        self.milvus.call(
            lambda client, timeout_s: client.delete(name, filter=where, timeout=timeout_s), name
        )

    def search(
        self,
        fingerprint: str,
        vectors: Floats,
        k: int | Sequence[int],
        scopes: Sequence[Scope] | None = None,
        heard: Sequence[Heard] | None = None,
    ) -> list[list[Hit]]:
        """Return the k nearest products of each query, nearest first.

        Where words were heard, the k products that sound most like them are joined, and the order
        is no matter. Queries with the same scope and k travel in one call, since one costs the same
        for one query as for thirty (facts.md §5), and all carts in another. Not with the largest k
        of all: which of equally near products are cut off depends on it.

        Args:
            fingerprint: of the encoder that made the vectors.
            vectors: (B, D) float32, unit length.
            k: at least 1; one for all queries, or one for each.
            scopes: one per query; none: everything.
            heard: sound-alike terms of each query, empty for one by vector alone; none: all so.

        Raises:
            MismatchError: nothing was indexed with this encoder, or the width is another.
        """
        build = self._known(fingerprint)
        for index, vector in enumerate(vectors):
            check_vector(f"query {index}", vector, build.layout.dim)
        answers: list[list[Hit]] = [[] for _ in range(len(vectors))]
        carts: dict[int, tuple[Floats, Sequence[str], int]] = {}
        groups: dict[tuple[str, int, bool], list[int]] = {}
        for index in range(len(vectors)):
            scope = scopes[index] if scopes is not None else Scope()
            most = k if isinstance(k, int) else k[index]
            is_heard = heard is not None and bool(heard[index])
            if scope.ids and not is_heard:
                carts[index] = (vectors[index], scope.ids, most)
            else:
                groups.setdefault((scope.filter, most, is_heard), []).append(index)
        for (where, most, is_heard), members in groups.items():
            some = vectors[members]
            if heard is not None and is_heard:
                words = [heard[index] for index in members]
                found = self._search.by_both(build, some, words, most, where)
            else:
                found = self._search.by_vector(build, some, most, where)
            for index, hits in zip(members, found, strict=True):
                answers[index] = hits
        level = self.milvus.options.consistency
        in_carts = nearest_in_carts(self, build, list(carts.values()), level)
        for index, hits in zip(carts, in_carts, strict=True):
            answers[index] = hits
        return answers

    def _has(self, name: str) -> bool:
        return bool(
            self.milvus.call(
                lambda client, timeout_s: client.has_collection(name, timeout=timeout_s)
            )
        )


def _is_ours(build: Build) -> bool:
    return build.collection == collection_of(build.fingerprint)
