"""Names that were heard, beside the vector: on a real index, with and without hybrid search."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from models.sound_scores import combined
from tests.tiny_vision import ColourAndWords, products
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, asked, build
from workers.events import Candidate, Match, Product, Vector
from workers.index import ProductIndex
from workers.index_build import BuildOptions, IndexBuilder
from workers.index_collections import ensure_builds
from workers.index_schema import Row, Scope
from workers.match import CartOf, Matcher, MatchOptions, no_cart
from workers.milvus import MilvusOptions

pytestmark = pytest.mark.milvus
WEIGHTS = {"cart": 4.0, "shop": 8.0, "catalogue": 16.0}
RIGHT = "zorvaxi"
NAME = "Zorvaxi Vanilla Barista Oat Drink"
MISHEARD = "look what we have here dears a sorvaxi vanila baristas oate drinks"


@pytest.fixture(scope="module")
def encoder() -> ColourAndWords:
    return ColourAndWords("sounds")


@pytest.fixture(scope="module")
def index(
    served: ServedIndex, encoder: ColourAndWords, tmp_path_factory: pytest.TempPathFactory
) -> ProductIndex:
    """Three products with pictures, one that only its name tells, and seventy with equal words."""
    made = served.connect()
    shelf = products(tmp_path_factory.mktemp("shelf"), shop="hearth")
    shelf.append(Product(product_id=RIGHT, title=NAME, shop="hearth"))
    # By vector all these are nearer to what was heard.
    shelf += [
        Product(product_id=f"near-{n:02d}", title="look what we have here dears", shop="hearth")
        for n in range(70)
    ]
    build(IndexBuilder(made, encoder, BuildOptions(sounds_weights=WEIGHTS)), shelf)
    return made


def cart_of(*cart: str) -> CartOf:
    return lambda _stream_id, _media_ms: (7, cart, None)


def in_shop(_stream_id: str, _media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
    return None, (), "hearth"


def matches(matcher: Matcher, jobs: list[Vector]) -> list[Match]:
    found = []
    for outcome in matcher.process(jobs):
        assert not isinstance(outcome, Exception)
        assert isinstance(outcome[0], Match)
        found.append(outcome[0])
    return found


def by_id(match: Match) -> dict[str, Candidate]:
    return {one.product_id: one for one in match.candidates}


def test_sounds_count_as_much_as_their_weight_says(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    # The picture is like neither; no encoder knows words that sound like "dark roast coffee".
    jobs = vectors(encoder, ("red", "darc roasts coffees"))
    cart = cart_of("p-green", "p-blue")
    found = {}
    for weight in (0.0, 4.0, 50.0):
        (match,) = matches(Matcher(index, cart, MatchOptions(3, weight)), jobs)
        found[weight] = by_id(match)
    assert next(iter(found[50.0])) == "p-blue"
    assert found[50.0]["p-blue"].score > 0.99 > found[0.0]["p-blue"].score + 0.5
    for product_id, one in found[0.0].items():
        for weight in (4.0, 50.0):
            expected = combined(one.score, one.by["sounds"], weight)
            assert found[weight][product_id].score == pytest.approx(expected)
            assert found[weight][product_id].by == one.by
    assert found[0.0]["p-blue"].by["sounds"] > 0.05
    assert found[0.0]["p-green"].by["sounds"] == 0


@pytest.mark.parametrize(
    ("cart", "scope"),
    [(cart_of("p-red", RIGHT), "cart"), (in_shop, "shop"), (no_cart, "catalogue")],
)
def test_without_a_setting_the_weight_is_that_of_the_encoder_and_the_scope(
    index: ProductIndex, encoder: ColourAndWords, cart: CartOf, scope: str
) -> None:
    jobs = vectors(encoder, (None, MISHEARD))
    (fitted,) = matches(Matcher(index, cart), jobs)
    (given,) = matches(Matcher(index, cart, MatchOptions(sounds_weight=WEIGHTS[scope])), jobs)
    (other,) = matches(Matcher(index, cart, MatchOptions(sounds_weight=0.0)), jobs)
    assert fitted.scope == scope
    assert fitted == given != other


@pytest.mark.parametrize("cart", [in_shop, no_cart])
def test_a_product_that_only_its_sound_finds_is_found_with_both_scores(
    index: ProductIndex, encoder: ColourAndWords, cart: CartOf
) -> None:
    jobs = vectors(encoder, (None, MISHEARD))
    (deaf,) = matches(Matcher(index, cart, MatchOptions(60, 0.0)), jobs)
    assert RIGHT not in by_id(deaf)
    (match,) = matches(Matcher(index, cart, MatchOptions(60, 50.0)), jobs)
    assert set(by_id(match)[RIGHT].by) == {"speech", "sounds", "variant"}
    (alone,) = matches(Matcher(index, cart_of(RIGHT), MatchOptions(1, 50.0)), jobs)
    assert alone.candidates[0] == by_id(match)[RIGHT]


def test_a_server_without_hybrid_search_is_asked_twice_for_the_same_answer(
    served: ServedIndex, index: ProductIndex, encoder: ColourAndWords
) -> None:
    twice = ProductIndex(MilvusOptions(served.uri), hybrid=False)
    try:
        jobs = vectors(
            encoder, (None, MISHEARD), ("red", "darc roasts coffees"), ("blue", ""), (None, NAME)
        )
        for cart in (in_shop, no_cart, cart_of("p-red", RIGHT)):
            for options in (MatchOptions(), MatchOptions(60, 3.0)):
                once = matches(Matcher(index, cart, options), jobs)
                assert matches(Matcher(twice, cart, options), jobs) == once
        heard = [dict(job.terms) for job in jobs[:2]]
        query = asked(encoder, "red").repeat(2, axis=0)
        scopes = [Scope(shop="hearth")] * 2
        both, two = (
            one.search(encoder.fingerprint, query, 5, scopes, heard) for one in (index, twice)
        )
        for some, others in zip(both, two, strict=True):
            assert 5 < len(some) <= 10
            cosines = {hit.product_id: hit.cosine for hit in others}
            assert {hit.product_id: hit.cosine for hit in some} == pytest.approx(cosines, abs=1e-5)
    finally:
        twice.close()


def test_silence_is_matched_by_vector_alone(index: ProductIndex, encoder: ColourAndWords) -> None:
    jobs = vectors(encoder, ("red", ""))
    (loud,) = matches(Matcher(index, options=MatchOptions(5, 50.0)), jobs)
    (deaf,) = matches(Matcher(index, options=MatchOptions(5, 0.0)), jobs)
    assert loud == deaf
    assert set(loud.candidates[0].by) == {"vision"}


def test_vectors_of_an_older_version_are_heard_the_same(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    (job,) = vectors(encoder, (None, MISHEARD))
    old = job.model_copy(update={"terms": dict.fromkeys(job.terms, 0.05)})
    new, before = matches(Matcher(index), [job, old])
    assert new.candidates == before.candidates


def without_sounds(index: ProductIndex, fingerprint: str) -> None:
    """Make an encoder's collection anew, as a Milvus that takes no sparse vectors holds it."""
    known = index.about(fingerprint)
    rows = index.get(fingerprint, sorted(index.ids(fingerprint)), ["*"])

    def plain(client: object, _: float) -> None:
        from pymilvus import DataType, MilvusClient

        assert isinstance(client, MilvusClient)
        client.drop_collection(known.collection)
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("product_id", DataType.VARCHAR, is_primary=True, max_length=800)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=known.layout.dim)
        for name in ("title", "shop", "image", "content"):
            schema.add_field(name, DataType.VARCHAR, max_length=8_000)
        schema.add_field("attributes", DataType.JSON)
        params = client.prepare_index_params()
        params.add_index("vector", index_type="FLAT", metric_type="COSINE")
        client.create_collection(known.collection, schema=schema, index_params=params)
        data = [{key: row[key] for key in row if key != "sounds"} for row in rows.values()]
        client.upsert(known.collection, data)

    index.milvus.call(plain)
    index.store(known)


def test_an_index_without_sound_alike_weights_still_compares_names(
    served: ServedIndex, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encoder, index = ColourAndWords("deaf"), served.connect()
    shelf = [*products(tmp_path), Product(product_id=RIGHT, title=NAME)]
    options = BuildOptions(sounds_weights=WEIGHTS)
    builder = IndexBuilder(index, encoder, options)
    build(builder, shelf)
    jobs = vectors(encoder, (None, MISHEARD), ("red", "darc roasts coffees"))
    before = matches(Matcher(index), jobs)
    without_sounds(index, encoder.fingerprint)
    assert index.about(encoder.fingerprint).sounds == ""
    with caplog.at_level(logging.WARNING):
        matcher = Matcher(index)
        after = matches(matcher, jobs)
        matches(matcher, jobs)
    assert [match.candidates for match in after] == [match.candidates for match in before]
    told = [one.getMessage() for one in caplog.records]
    assert sum("no sound-alike weights" in line and "index build" in line for line in told) == 1
    # It can be written to as before.
    builder.upsert(Product(product_id="late", title="honey"))
    assert "late" in index.ids(encoder.fingerprint)
    again = build(builder, [*shelf, Product(product_id="late", title="honey")])
    assert (again.unchanged, again.indexed) == (5, 0)


def test_an_index_of_an_older_version_is_named_and_built_anew(
    served: ServedIndex, tmp_path: Path
) -> None:
    encoder, index = ColourAndWords("older"), served.connect()
    build(IndexBuilder(index, encoder), products(tmp_path))
    known = index.about(encoder.fingerprint)
    old = replace(known, collection=known.collection.rsplit("_", 1)[0], sounds="")
    index.milvus.call(lambda client, _: ensure_builds(client))
    index.store(old)
    index.activate(old)
    name = known.collection
    index.milvus.call(lambda client, _: client.delete("liveshelf_builds", ids=[name]))
    for ask in (
        lambda: index.about(encoder.fingerprint),
        lambda: index.upsert(encoder.fingerprint, [Row("x", asked(encoder, "red")[0], "x", "00")]),
    ):
        with pytest.raises(Exception, match=r"is of an older version.*`liveshelf index build"):
            ask()
    with pytest.raises(Exception, match=r"of an older version; run `liveshelf index build"):
        index.current()
    assert all(item.collection != old.collection for item in index.builds())
    assert build(IndexBuilder(index, encoder), products(tmp_path)).finished
    assert index.current().collection == known.collection
