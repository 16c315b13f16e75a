"""Which vector index a catalogue gets, and what its searches are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import MismatchError
from workers.index_kinds import (
    EXACT,
    KINDS,
    Kind,
    VectorIndex,
    check_offered,
    index_for,
    index_of,
    offers_of,
)

LITE, OLD, NEW = offers_of("milvus_lite-3.2.2"), offers_of("v2.3.5-lite"), offers_of("v2.6.4")


def test_milvus_lite_searches_exactly_at_any_size() -> None:
    assert LITE.is_lite
    assert [index_for(count, 128, LITE) for count in (0, 10**5, 10**7)] == [EXACT] * 3


def test_a_server_gets_a_graph_when_comparing_all_takes_long_and_cells_when_a_graph_does() -> None:
    kinds = [index_for(count, 128, NEW).kind for count in (0, 20_000, 20_001, 10**6, 10**7)]
    assert kinds == ["FLAT", "FLAT", "HNSW", "HNSW", "IVF_SQ8"]


def test_shops_lie_in_partitions_only_where_an_upsert_puts_them_into_their_own() -> None:
    assert not LITE.partition_key
    assert not OLD.partition_key, "its upserts go to partitions of another field (milvus#30607)"
    assert NEW.partition_key
    assert offers_of("2.4.0").partition_key
    assert not offers_of("somebody's build").partition_key


def test_a_graph_keeps_as_many_candidates_as_are_asked_for() -> None:
    graph = VectorIndex("HNSW", {"M": 16}, effort=64)
    assert graph.search_params(10) == {"ef": 64}
    assert graph.search_params(200) == {"ef": 200}


def test_a_filtered_search_looks_into_all_cells() -> None:
    cells = VectorIndex("IVF_FLAT", {"nlist": 400}, effort=25)
    assert cells.search_params(10) == {"nprobe": 25}
    assert cells.search_params(10, is_scoped=True) == {"nprobe": 400}


@given(st.sampled_from(KINDS), st.integers(1, 10**8), st.integers(1, 2_048))
def test_parameters_are_such_as_milvus_takes(kind: Kind, count: int, dim: int) -> None:
    made = index_of(kind, count, dim)
    assert VectorIndex.from_json(made.to_json()) == made
    if kind.startswith("IVF"):
        assert 1 <= made.build["nlist"] <= min(count, 65_536)
        assert 1 <= made.effort <= made.build["nlist"]
    if kind == "IVF_PQ":
        assert dim % made.build["m"] == 0
        assert made.build["m"] <= dim


def test_an_index_that_would_be_accepted_and_not_built_is_refused() -> None:
    check_offered(EXACT, LITE)
    with pytest.raises(MismatchError, match=r"\(milvus_lite-3.2.2\) has no vector index IVF_PQ"):
        check_offered(index_of("IVF_PQ", 1_000, 128), LITE)
    with pytest.raises(ValueError, match="DISKANN"):
        VectorIndex.from_json({"kind": "DISKANN", "build": {}, "effort": 0})
