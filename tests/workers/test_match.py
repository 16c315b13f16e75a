"""Vectors to matches on a real index: scopes, missing parts, ties, and vectors that are none."""

import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from models.errors import BadEventError, MismatchError, TransientError
from models.fusion import Layout
from tests.tiny_vision import ColourAndWords, products
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, build
from workers.events import Candidate, Match, Product, Vector
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.index_schema import Build, Row, collection_of
from workers.machine import Outcome
from workers.match import CartOf, Matcher, MatchOptions
from workers.milvus import MilvusOptions

pytestmark = pytest.mark.milvus
TWINS = 25
CART = tuple(f"filler-{number:03d}" for number in range(120))


@pytest.fixture(scope="module")
def encoder() -> ColourAndWords:
    return ColourAndWords("shelf")


@pytest.fixture(scope="module")
def index(
    served: ServedIndex, encoder: ColourAndWords, tmp_path_factory: pytest.TempPathFactory
) -> ProductIndex:
    """Three products with pictures, many with the same page, and many others without pictures."""
    made = served.connect()
    shelf = products(tmp_path_factory.mktemp("shelf"), shop="hearth")
    shelf += [Product(product_id=f"twin-{n:02d}", title="red soup") for n in range(TWINS)]
    words = ["oat", "jam", "soup", "honey", "blue", "roast", "tea", "mug", "dark", "coffee"]
    titles = (" ".join(three) for three in combinations(words, 3))
    shelf += [
        Product(product_id=name, title=title, shop="other")
        for name, title in zip(CART, titles, strict=False)
    ]
    *_, report = IndexBuilder(made, encoder).build(shelf)
    assert report.indexed == len(shelf)
    return made


def match_of(outcome: Outcome) -> Match:
    assert not isinstance(outcome, BadEventError), outcome
    (match,) = outcome
    assert isinstance(match, Match)
    return match


def ids(match: Match) -> list[str]:
    return [candidate.product_id for candidate in match.candidates]


def settled(match: Match) -> list[Candidate]:
    """Return the candidates that cannot have been cut off: Milvus chooses among the last by itself.

    Its own products of many vectors at once differ in the last bit, which is enough among equals.
    """
    last = min(candidate.score for candidate in match.candidates)
    return [candidate for candidate in match.candidates if candidate.score > last + 1e-6]


def cart_of(*cart: str, shop: str | None = None) -> CartOf:
    return lambda _stream_id, _media_ms: (7, cart, shop)


def test_a_match_carries_what_the_clip_was_and_what_it_was_held_against(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    (job,) = vectors(encoder, ("red", "apricot jam"))
    match = match_of(Matcher(index).process([job])[0])
    assert ids(match)[0] == "p-red"
    assert match.candidates[0].title == "apricot jam"
    assert (match.scope, match.cart_version) == ("catalogue", None)
    assert match.build_id == index.about(encoder.fingerprint).build_id
    carried = (match.slot, match.present, match.frames, match.text, match.fingerprint)
    assert carried == (job.slot, job.present, job.frames, job.text, job.fingerprint)
    assert len(match.candidates) == 10


@pytest.mark.parametrize(
    ("cart", "scope", "may_be_found"),
    [
        (cart_of("p-green", "twin-03", "never-indexed"), "cart", {"p-green", "twin-03"}),
        (cart_of("p-green", shop="other"), "cart", {"p-green"}),
        (cart_of(shop="hearth"), "shop", {"p-red", "p-green", "p-blue"}),
    ],
)
def test_only_the_cart_or_else_the_shop_is_looked_through(
    index: ProductIndex, encoder: ColourAndWords, cart: CartOf, scope: str, may_be_found: set[str]
) -> None:
    match = match_of(Matcher(index, cart).process(vectors(encoder, ("red", "apricot jam")))[0])
    assert set(ids(match)) == may_be_found
    assert (match.scope, match.cart_version) == (scope, 7)


@pytest.mark.parametrize("cart", [cart_of(), cart_of(shop="")])
def test_without_cart_and_shop_the_whole_catalogue_is_looked_through(
    index: ProductIndex, encoder: ColourAndWords, cart: CartOf
) -> None:
    match = match_of(Matcher(index, cart).process(vectors(encoder, ("red", "red soup")))[0])
    assert match.scope == "catalogue"
    assert {"p-red", "twin-00"} <= set(ids(match))


def test_the_cart_of_a_clip_is_that_of_its_own_time(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    def cart(_stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
        return (1, ("p-red",), None) if media_ms < 1_000 else (2, ("p-blue",), None)

    jobs = vectors(encoder, ("green", "oat milk"), ("green", "oat milk"))
    matches = [match_of(outcome) for outcome in Matcher(index, cart).process(jobs)]
    assert [ids(match) for match in matches] == [["p-red"], ["p-blue"]]
    assert [match.cart_version for match in matches] == [1, 2]


def test_a_clip_is_scored_by_the_parts_that_it_has(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    jobs = vectors(encoder, ("green", "oat milk"), ("green", ""), (None, "oat milk"))
    matcher = Matcher(index, cart_of("p-red", "p-green"))
    both, seen, heard = (match_of(outcome).candidates[0] for outcome in matcher.process(jobs))
    # One threshold means the same for all three: a missing part takes nothing away.
    assert [one.product_id for one in (both, seen, heard)] == ["p-green"] * 3
    assert [one.score for one in (both, seen, heard)] == pytest.approx([1, 1, 1], abs=1e-3)
    assert set(both.by) == {"vision", "speech", "sounds", "variant"}
    assert set(seen.by) == {"vision"}
    assert set(heard.by) == {"speech", "sounds", "variant"}


def test_a_page_without_pictures_is_scored_by_its_words(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    jobs = vectors(encoder, ("red", "red soup"), ("red", ""))
    matcher = Matcher(index, cart_of("twin-00"))
    both, seen = (match_of(outcome).candidates[0] for outcome in matcher.process(jobs))
    assert both.score == pytest.approx(1, abs=1e-3)
    assert "vision" not in both.by
    assert (seen.score, dict(seen.by)) == (0, {})


def test_pages_without_the_part_that_a_clip_lacks_do_not_push_the_right_one_out(
    served: ServedIndex, tmp_path: Path
) -> None:
    encoder = ColourAndWords("crowd")
    right = products(tmp_path)[2]
    crowd = [Product(product_id=f"c-{n:02d}", title=f"{right.title} soup") for n in range(30)]
    build(IndexBuilder(crowded := served.connect(), encoder), [right, *crowd])
    # By the whole vector, 30 pages of words only are nearer to a clip of words only.
    outcomes = Matcher(crowded).process(vectors(encoder, (None, right.title)))
    assert match_of(outcomes[0]).candidates[0].product_id == right.product_id


def test_equal_scores_go_by_id(index: ProductIndex, encoder: ColourAndWords) -> None:
    cart = [f"twin-{7 * n % TWINS:02d}" for n in range(TWINS)]
    matcher = Matcher(index, cart_of(*cart, "p-red"), MatchOptions(top_k=30))
    match = match_of(matcher.process(vectors(encoder, (None, "red soup please")))[0])
    assert ids(match)[:TWINS] == sorted(cart)
    assert len({candidate.score for candidate in match.candidates[:TWINS]}) == 1


def test_equal_pages_of_a_real_width_score_the_same_to_the_last_bit(served: ServedIndex) -> None:
    # In a product of many rows at once, the last bits of a row depend on where it stands.
    made, fingerprint = served.connect(), "e9a1" * 16
    made.store(Build(collection_of(fingerprint), fingerprint, Layout("concat", 1_280, 384)))
    query, page = np.random.default_rng(0).normal(size=(2, 1_664)).astype(np.float32)
    query, page = query / np.linalg.norm(query), page / np.linalg.norm(page)
    made.upsert(fingerprint, [Row(f"twin-{n:02d}", page, "twin", f"{n:02x}") for n in range(15)])
    job = Vector(
        stream_id="room", slot=0, start_ms=0, end_ms=1, watermark_ms=1, present=("frames",),
        dim=1_664, fingerprint=fingerprint, payload=query.astype("<f4").tobytes(),
    )  # fmt: skip
    match = match_of(Matcher(made, options=MatchOptions(top_k=15)).process([job])[0])
    assert len({candidate.score for candidate in match.candidates}) == 1
    assert ids(match) == [f"twin-{n:02d}" for n in range(15)]


def test_the_company_of_a_clip_does_not_change_its_answer(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    def cart(_stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
        # Every third clip has a long cart, which asks for many neighbours.
        return (1, CART, None) if media_ms % 3_000 == 0 else (None, (), None)

    words = ["soup oat", "blue roast", "oat jam honey", "tea mug", "", "mug tea", "honey tea"]
    colours = ["red", None, "green", None, "blue", None, "red"]
    jobs = vectors(encoder, *zip(colours, words, strict=True))
    matcher = Matcher(index, cart)
    alone = [match_of(matcher.process([job])[0]) for job in jobs]
    for job, match in zip(jobs, alone, strict=True):
        # Slot 0 has the long cart.
        assert match_of(matcher.process([job, jobs[0]])[0]) == match
    together = [match_of(outcome) for outcome in matcher.process(jobs)]
    backwards = [match_of(outcome) for outcome in matcher.process(jobs[::-1])[::-1]]
    assert [settled(match) for match in together] == [settled(match) for match in alone]
    assert [settled(match) for match in backwards] == [settled(match) for match in alone]
    assert all(settled(match) for match in alone)


def poisoned(job: Vector) -> Sequence[Vector]:
    numbers = np.frombuffer(job.payload, dtype="<f4")
    spoilt = numbers.copy()
    spoilt[3] = math.nan
    short = (numbers[:12] / np.linalg.norm(numbers[:12])).astype("<f4")
    return [
        job.model_copy(update={"payload": spoilt.tobytes()}),
        job.model_copy(update={"payload": job.payload[:-4]}),
        job.model_copy(update={"payload": job.payload[:-1]}),
        job.model_copy(update={"payload": b""}),
        job.model_copy(update={"payload": (numbers * np.float32(2)).tobytes()}),
        job.model_copy(update={"payload": (numbers * np.float32("inf")).tobytes()}),
        job.model_copy(update={"payload": short.tobytes(), "dim": 12, "alone": ()}),
        job.model_copy(update={"alone": ()}),
        job.model_copy(update={"alone": ("vision", "vision")}),
        job.model_copy(update={"payload": job.payload[: 4 * job.dim] + bytes(8 * job.dim)}),
        job.model_copy(update={"fingerprint": ""}),
        job.model_copy(update={"fingerprint": "../../etc/passwd"}),
    ]


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_a_vector_that_is_none_costs_only_itself(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    good, other = vectors(encoder, ("red", "apricot jam"), ("green", "oat milk"))
    matcher = Matcher(index)
    alone = matcher.process([good, other])
    for bad in poisoned(good):
        first, poison, last = matcher.process([good, bad, other])
        assert isinstance(poison, BadEventError)
        assert f"vector room/{bad.slot}" in str(poison)
        assert [first, last] == alone
        (empty,) = matcher.empty(bad, poison)
        assert isinstance(empty, Match)
        assert (empty.slot, empty.candidates) == (bad.slot, ())


def test_a_vector_of_nothing_is_answered_without_the_index() -> None:
    nowhere = ProductIndex(MilvusOptions("http://127.0.0.1:9", timeout_s=1))
    empty = Vector(stream_id="room", slot=4, start_ms=0, end_ms=1, watermark_ms=1, last=True)
    match = match_of(Matcher(nowhere).process([empty])[0])
    assert (match.slot, match.last, match.candidates) == (4, True, ())


def test_an_index_that_is_away_is_asked_again_later(encoder: ColourAndWords) -> None:
    nowhere = ProductIndex(MilvusOptions("http://127.0.0.1:9", timeout_s=1))
    with pytest.raises(TransientError, match=r"Milvus at http://127\.0\.0\.1:9 is away"):
        Matcher(nowhere).process(vectors(encoder, ("red", "jam")))


def test_vectors_of_an_encoder_that_indexed_nothing_stop_the_stage(index: ProductIndex) -> None:
    stranger = ColourAndWords("stranger")
    with pytest.raises(MismatchError, match=r"no product was indexed with encoder"):
        Matcher(index).process(vectors(stranger, ("red", "jam")))


def test_vectors_of_two_encoders_are_each_answered_by_their_own_index(
    index: ProductIndex, encoder: ColourAndWords, tmp_path: Path
) -> None:
    newer = ColourAndWords("newer")
    only = products(tmp_path)[1]
    *_, report = IndexBuilder(index, newer).build([only])
    old, new = vectors(encoder, ("red", "jam"))[0], vectors(newer, ("red", "jam"))[0]
    matches = [match_of(outcome) for outcome in Matcher(index).process([new, old, new])]
    assert [ids(match)[0] for match in matches] == ["p-green", "p-red", "p-green"]
    assert matches[0].build_id == report.build_id != matches[1].build_id
