"""The index on real Milvus Lite while it changes: no search fails, none finds what was removed."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from models.fusion import Layout
from tests.workers.served_index import ServedIndex, served_index
from workers import index_check
from workers.index import ProductIndex
from workers.index_schema import Build, Floats, Row, Scope, collection_of
from workers.index_vectors import MadeCatalogue
from workers.index_writes import Writes

pytestmark = pytest.mark.milvus
CATALOGUE = MadeCatalogue(300, 64, shops=3)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


def rows(vectors: Floats) -> list[Row]:
    return [
        Row(str(at), vector, "title", f"{at:064x}", shop=f"s{at % 3}")
        for at, vector in enumerate(vectors)
    ]


def filled(index: ProductIndex, fingerprint: str) -> Build:
    made = index.store(Build(collection_of(fingerprint), fingerprint, Layout("mean", 64, 64)))
    index.upsert(fingerprint, rows(CATALOGUE.products(0)))
    return made


def test_searches_of_many_rooms_are_answered_while_products_come_and_go(
    served: ServedIndex,
) -> None:
    index = served.connect()
    made = filled(index, "10ad" * 4)
    vectors = CATALOGUE.products(0)
    queries = CATALOGUE.queries(16)
    scopes = [Scope(), Scope(shop="s1"), Scope(ids=("3", "5", "8")), Scope()] * 4
    before = index.search(made.fingerprint, queries, 5, scopes)
    with Writes(served.connect(), made.fingerprint, rows(vectors)[:20]) as written:
        rounds = 0
        while rounds < 10 or written.deleted < 10:
            found = index.search(made.fingerprint, queries, 5, scopes)
            for hits in found:
                ids = [hit.product_id for hit in hits]
                assert ids
                assert len(set(ids)) == len(ids), "each product once"
            rounds += 1
    after = index.search(made.fingerprint, queries, 5, scopes)
    assert [[hit.product_id for hit in hits] for hits in after] == [
        [hit.product_id for hit in hits] for hits in before
    ], "and when the writes are over, all is as it was"
    assert not written.failed
    assert written.came_back == 0, "what was deleted is gone as soon as delete returns"
    assert index.ids(made.fingerprint) == {str(at) for at in range(300)}
    assert index.count(made.fingerprint) == 300
    assert all(check.ok for check in index_check.verify(index, index.about(made.fingerprint))
               if check.name == "search")  # fmt: skip


def test_the_alias_moves_to_and_fro_and_every_search_is_answered(served: ServedIndex) -> None:
    index, other = served.connect(), served.connect()
    builds = [filled(index, name * 4) for name in ("a1a5", "b1a5")]
    index.activate(builds[0])
    queries = CATALOGUE.queries(8)
    stop, failed = threading.Event(), list[str]()
    seen: set[str] = set()

    def move() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            other.activate(builds[turn % 2])

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(30):
            current = index.current()
            seen.add(current.collection)
            found = index.search(current.fingerprint, queries, 3)
            failed += [str(at) for at, hits in enumerate(found) if len(hits) != 3]
    finally:
        stop.set()
        mover.join()
    assert not failed
    assert seen <= {build.collection for build in builds}


def test_a_dropped_collection_is_unknown_and_others_stay(served: ServedIndex) -> None:
    index = served.connect()
    made, kept = filled(index, "d20b" * 4), filled(index, "4e27" * 4)
    index.drop(made.fingerprint)
    index.drop("0123" * 4)
    names = {build.collection for build in index.builds()}
    assert made.collection not in names
    assert kept.collection in names
    assert len(index.search(kept.fingerprint, np.stack([CATALOGUE.products(0)[0]]), 3)[0]) == 3
