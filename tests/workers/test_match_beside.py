"""Where clips add up, wider galleries are looked through, too, on a real index."""

import pytest

from models.evidence import EvidenceWeights
from tests.tiny_vision import ColourAndWords, products
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, build
from workers.decision import Threshold
from workers.events import Candidate, Match, Product, Scope
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.match import Matcher, MatchOptions

pytestmark = pytest.mark.milvus
ELSEWHERE = "zorvaxi"
BY_VISION = (EvidenceWeights(-15.0, {"vision": 20.0}),)


def rules(score: float, evidence: tuple[EvidenceWeights, ...]) -> dict[Scope, Threshold]:
    scopes: tuple[Scope, ...] = ("cart", "shop", "catalogue")
    return {one: Threshold(score, "test", precision=0.8, evidence=evidence) for one in scopes}


@pytest.fixture(scope="module")
def encoder() -> ColourAndWords:
    return ColourAndWords("beside")


@pytest.fixture(scope="module")
def index(
    served: ServedIndex, encoder: ColourAndWords, tmp_path_factory: pytest.TempPathFactory
) -> ProductIndex:
    made = served.connect()
    shelf = products(tmp_path_factory.mktemp("shelf"), shop="hearth")
    shelf.append(Product(product_id=ELSEWHERE, title="honey soup", shop="other"))
    build(IndexBuilder(made, encoder), shelf)
    return made


def look(
    index: ProductIndex,
    encoder: ColourAndWords,
    judging: dict[Scope, Threshold],
    cart: tuple[str, ...] = ("p-red", "p-green"),
) -> Match:
    """Look up a red clip in a room whose shop has red, green and blue."""
    clips = vectors(encoder, ("red", "apricot jam"))

    def of(_stream_id: str, _media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
        return 1, cart, "hearth"

    (outcome,) = Matcher(index, of, MatchOptions(), judging).process(clips)
    assert not isinstance(outcome, Exception)
    assert isinstance(outcome[0], Match)
    return outcome[0]


def places(candidates: tuple[Candidate, ...]) -> dict[str, Scope | None]:
    return {one.product_id: one.scope for one in candidates}


def test_what_is_believed_in_the_cart_is_held_against_shop_and_catalogue(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    match = look(index, encoder, rules(0.9, BY_VISION))
    assert (match.scope, match.candidates[0].product_id) == ("cart", "p-red")
    outcomes = [(step.scope, step.outcome) for step in match.steps]
    assert outcomes == [("cart", "believed"), ("shop", "believed"), ("catalogue", "believed")]
    assert places(match.candidates) == {"p-red": None, "p-green": None}
    assert places(match.beside) == {"p-blue": "shop", ELSEWHERE: "catalogue"}
    assert all("vision" in one.by for one in match.beside if one.product_id != ELSEWHERE)


def test_candidates_of_a_wider_gallery_tell_which_of_them_are_in_the_cart(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    judging = rules(0.9, BY_VISION) | {"cart": Threshold(1.01, "test", evidence=BY_VISION)}
    match = look(index, encoder, judging, ("p-green",))
    assert (match.scope, match.candidates[0].product_id) == ("shop", "p-red")
    assert places(match.candidates) == {"p-red": None, "p-green": "cart", "p-blue": None}
    assert places(match.beside) == {ELSEWHERE: "catalogue"}


def test_where_nothing_is_believed_the_cart_is_told_and_the_rest_beside_it(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    match = look(index, encoder, rules(1.01, BY_VISION))
    assert (match.scope, match.candidates[0].product_id) == ("cart", "p-red")
    assert places(match.beside) == {"p-blue": "shop", ELSEWHERE: "catalogue"}


def test_where_clips_count_by_themselves_nothing_is_told_beside(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    match = look(index, encoder, rules(0.9, ()))
    assert [step.scope for step in match.steps] == ["cart"]
    assert match.beside == ()
    assert set(places(match.candidates).values()) == {None}
