"""The product index on real Milvus Lite: what is written, found, kept apart, and survives."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import BadEventError, MismatchError, TransientError
from models.fusion import Layout
from tests.tiny_vision import ColourAndWords, products
from tests.workers.served_index import ServedIndex, asked, build, found
from workers import index_check
from workers.events import Product
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.index_schema import Build, Row, Scope, build_of, collection_of
from workers.milvus import MilvusOptions

pytestmark = pytest.mark.milvus

ODD_IDS = (
    'the "best" mug', "back\\slash", '\\"', '"', "\\", "\\n", "line\nbreak", "line\rbreak", "tab\t",
    "bell\x07", "nul\x00", "o'clock", "50%", "a_b", "[a]", "{a}", "Käse 🧀", "x" * 200, "🧀" * 200,
    'x"] or product_id != "', "x' or 1 == 1 --",
)  # fmt: skip


def unit_row(product_id: str, place: int, shop: str = "") -> Row:
    angle = 0.01 * (place + 1)
    vector = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
    return Row(product_id, vector, title="title", content=f"{place:064x}"[::-1], shop=shop)


def store_two_wide(index: ProductIndex, fingerprint: str) -> Build:
    made = Build(collection_of(fingerprint), fingerprint, Layout("mean", 2, 2))
    index.store(made)
    return made


def test_products_are_found_by_picture_by_words_and_by_both(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    report = build(builder, products(tmp_path, shop="hearth"))
    assert (report.indexed, report.unchanged, report.removed, report.skipped) == (3, 0, 0, [])
    assert found(index, encoder, asked(encoder, "green"))[0] == "p-green"
    assert found(index, encoder, asked(encoder, words="dark roast coffee"))[0] == "p-blue"
    best = index.search(encoder.fingerprint, asked(encoder, "red", "apricot jam"), 3)[0][0]
    assert (best.product_id, best.title, best.shop) == ("p-red", "apricot jam", "hearth")
    assert best.cosine == pytest.approx(1.0, abs=0.01)
    row = index.get(encoder.fingerprint, ["p-red"], ["image", "attributes"])["p-red"]
    assert row["image"] == str(tmp_path / "red.png")


def test_a_query_finds_only_products_of_its_cart_or_shop(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    red, green, blue = products(tmp_path, shop="hearth")
    build(builder, [red, green, blue.model_copy(update={"shop": 'the "other"\\shop'})])
    query = asked(encoder, "red")
    scopes = [
        Scope(),
        Scope(ids=("p-blue", "p-green", "never-indexed")),
        Scope(shop="hearth"),
        Scope(shop='the "other"\\shop'),
        Scope(ids=("never-indexed",)),
    ]
    hits = index.search(encoder.fingerprint, np.repeat(query, 5, axis=0), 5, scopes)
    ids = [{hit.product_id for hit in some} for some in hits]
    assert ids == [
        {"p-red", "p-green", "p-blue"},
        {"p-green", "p-blue"},
        {"p-red", "p-green"},
        {"p-blue"},
        set(),
    ]
    assert hits[0][0].product_id == "p-red"


def test_ids_of_any_letters_are_found_scoped_and_deleted_alone(index: ProductIndex) -> None:
    made = store_two_wide(index, "0dd1d5" * 4)
    rows = [unit_row(name, place, shop=name) for place, name in enumerate(ODD_IDS)]
    index.upsert(made.fingerprint, [*rows, unit_row("plain", len(rows), "plain")])
    assert index.ids(made.fingerprint) == {*ODD_IDS, "plain"}
    for place, name in enumerate(ODD_IDS):
        query = np.stack([rows[place].vector])
        for scope in (Scope(ids=(name,)), Scope(shop=name)):
            (hits,) = index.search(made.fingerprint, query, 50, [scope])
            assert [hit.product_id for hit in hits] == [name]
        assert set(index.get(made.fingerprint, [name])) == {name}
    index.delete(made.fingerprint, ODD_IDS[:-1])
    assert index.ids(made.fingerprint) == {ODD_IDS[-1], "plain"}


def test_ids_of_more_products_than_one_answer_holds_are_all_told(index: ProductIndex) -> None:
    made = store_two_wide(index, "b16" * 8)
    rows = [replace(unit_row(f"p{n}", n), content=f"{n % 256:02x}") for n in range(16_500)]
    for start in range(0, len(rows), 5_500):
        index.upsert(made.fingerprint, rows[start : start + 5_500])
    assert index.count(made.fingerprint) == 16_500
    assert index.ids(made.fingerprint) == {row.product_id for row in rows}


def test_after_a_crash_of_the_server_the_same_connection_finds_everything_again(
    served: ServedIndex, encoder: ColourAndWords, tmp_path: Path
) -> None:
    index = served.connect()
    builder = IndexBuilder(index, encoder)
    report = build(builder, products(tmp_path))
    served.kill()
    with pytest.raises(TransientError, match=r"Milvus at http://127\.0\.0\.1:\d+ is away"):
        index.search(encoder.fingerprint, asked(encoder, "red"), 1)
    with pytest.raises(TransientError, match="is away"):
        builder.upsert(products(tmp_path)[0])
    assert served.uri == index.milvus.options.uri, "it should come back on the same port"
    assert found(index, encoder, asked(encoder, "red"))[0] == "p-red"
    assert index.current().build_id == report.build_id
    other = served.connect()
    assert other.ids(encoder.fingerprint) == {"p-red", "p-green", "p-blue"}
    assert build(IndexBuilder(other, encoder), products(tmp_path)).unchanged == 3


def test_vectors_of_an_encoder_that_indexed_nothing_are_refused(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    build(builder, products(tmp_path))
    stranger = ColourAndWords("stranger")
    says = rf"with encoder {stranger.fingerprint[:16]} \(indexed with: .*{encoder.fingerprint[:16]}"
    with pytest.raises(MismatchError, match=says):
        index.search(stranger.fingerprint, asked(encoder, "red"), 1)
    twin = encoder.fingerprint[:16] + "0" * 48
    with pytest.raises(MismatchError, match="belongs to encoder"):
        index.search(twin, asked(encoder, "red"), 1)
    with pytest.raises(MismatchError, match="is no encoder fingerprint"):
        index.search("liveshelf", asked(encoder, "red"), 1)


def test_vectors_that_milvus_would_take_and_answer_wrongly_are_refused(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    build(builder, products(tmp_path))
    query = asked(encoder, "red")
    with pytest.raises(MismatchError, match=r"has shape \(43,\); the index holds \(44,\)"):
        index.search(encoder.fingerprint, query[:, :43], 1)
    for wrong in (query * np.nan, query * 0, query * 2):
        with pytest.raises(BadEventError, match="it should be 1"):
            index.search(encoder.fingerprint, wrong, 1)
    rows = [Row("nan", np.full(44, np.nan, dtype=np.float32), "nan", "00")]
    with pytest.raises(BadEventError, match="vector of nan has length nan"):
        index.upsert(encoder.fingerprint, rows)
    assert index.count(encoder.fingerprint) == 3


def test_two_encoders_have_an_index_each_and_the_last_one_built_is_current(
    index: ProductIndex, encoder: ColourAndWords, tmp_path: Path
) -> None:
    other = ColourAndWords("other " + encoder.fingerprint)
    for one in (encoder, other):
        build(IndexBuilder(index, one), products(tmp_path))
        assert index.current().fingerprint == one.fingerprint
    assert found(index, encoder, asked(encoder, "red"))[0] == "p-red"
    names = {item.fingerprint for item in index.builds()}
    assert names >= {encoder.fingerprint, other.fingerprint}


def test_verify_trusts_what_was_built_and_says_what_is_wrong(
    index: ProductIndex, builder: IndexBuilder, encoder: ColourAndWords, tmp_path: Path
) -> None:
    twins = [Product(product_id=f"twin-{n}", title="honey") for n in range(40)]
    report = build(builder, [*products(tmp_path), *twins])
    known = index.about(encoder.fingerprint)
    assert (known.build_id, known.count) == (report.build_id, 43)
    checks = index_check.verify(index, known, encoder.fingerprint)
    assert [check.name for check in checks] == [
        "count",
        "build",
        "fingerprint",
        "sounds",
        "vectors",
        "width",
        "once",
        "search",
    ]
    assert all(check.ok for check in checks), checks
    checks = index_check.verify(index, replace(known, build_id=""), "f" * 64)
    assert [check.name for check in checks if not check.ok] == ["build", "fingerprint"]
    narrow = replace(known, layout=Layout("concat", 3, 4))
    assert [check.name for check in index_check.verify(index, narrow) if not check.ok] == ["width"]
    index.delete(encoder.fingerprint, sorted(index.ids(encoder.fingerprint)))
    checks = index_check.verify(index, known)
    assert [check.name for check in checks if not check.ok] == ["count"]


def test_what_milvus_refuses_is_no_absence_whatever_words_are_in_it(index: ProductIndex) -> None:
    made = store_two_wide(index, "dead" * 4)
    with pytest.raises(BadEventError, match="refuses this"):
        index.milvus.call(
            lambda client, _: client.query(made.collection, filter='timeout == "unavailable"')
        )


def test_what_another_version_wrote_is_refused() -> None:
    for told in ("{}", "no json", json.dumps({"fingerprint": "f", "layout": "{}", "count": "x"})):
        with pytest.raises(MismatchError, match=r"liveshelf_a is not known here|describes"):
            build_of("liveshelf_a", told)


def test_milvus_lite_in_this_process_does_the_same_and_says_that_it_is_empty(
    encoder: ColourAndWords, tmp_path: Path
) -> None:
    index = ProductIndex(MilvusOptions(str(tmp_path / "own.db")))
    try:
        with pytest.raises(MismatchError, match=r"nothing was indexed yet; run `liveshelf index"):
            index.current()
        with pytest.raises(MismatchError, match=r"indexed with: nothing"):
            index.about(encoder.fingerprint)
        build(IndexBuilder(index, encoder), products(tmp_path))
        assert found(index, encoder, asked(encoder, "blue"))[0] == "p-blue"
    finally:
        index.close()
