"""From the cart to the shop to the whole catalogue, on a real index: when, and what is told of it.

The shelf has three products of one shop with pictures, and one of another shop.
"""

from dataclasses import replace

import pytest

from models.evidence import EvidenceWeights
from models.probability import Curve
from tests.tiny_vision import ColourAndWords, products
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, build
from workers.decision import StepDown, Threshold
from workers.events import Candidate, Match, Product, Room, Scope, Tag, Vector
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.match import CartOf, Matcher, MatchOptions
from workers.tag import Tagger, TagOptions

pytestmark = pytest.mark.milvus
ELSEWHERE = "zorvaxi"
SIGMOID = Curve("platt", slope=10.0, offset=-5.0)


def rules(cart: float, shop: float, catalogue: float) -> dict[Scope, Threshold]:
    scores: dict[Scope, float] = {"cart": cart, "shop": shop, "catalogue": catalogue}
    return {
        scope: Threshold(score, f"{scope}-1", precision=0.95, curve=SIGMOID)
        for scope, score in scores.items()
    }


CALIBRATED = rules(0.9, 0.92, 0.95)
BY_VISION = (EvidenceWeights(-15.0, {"vision": 20.0}),)
ADDED_UP = {one: replace(rule, evidence=BY_VISION) for one, rule in CALIBRATED.items()}
"""The same where clips add up."""


@pytest.fixture(scope="module")
def encoder() -> ColourAndWords:
    return ColourAndWords("scopes")


@pytest.fixture(scope="module")
def index(
    served: ServedIndex, encoder: ColourAndWords, tmp_path_factory: pytest.TempPathFactory
) -> ProductIndex:
    made = served.connect()
    shelf = products(tmp_path_factory.mktemp("shelf"), shop="hearth")
    shelf.append(Product(product_id=ELSEWHERE, title="honey soup", shop="other"))
    build(IndexBuilder(made, encoder), shelf)
    return made


def room(*cart: str, shop: str | None = None) -> CartOf:
    return lambda _stream_id, _media_ms: (3, cart, shop)


def look(
    index: ProductIndex,
    cart: CartOf,
    jobs: list[Vector],
    judging: dict[Scope, Threshold] | None = None,
    step_down: StepDown = "unsure",
) -> list[Match]:
    known = CALIBRATED if judging is None else judging
    found = []
    for outcome in Matcher(index, cart, MatchOptions(step_down=step_down), known).process(jobs):
        assert not isinstance(outcome, Exception)
        assert isinstance(outcome[0], Match)
        found.append(outcome[0])
    return found


def steps(match: Match) -> list[tuple[str, str]]:
    return [(step.scope, step.outcome) for step in match.steps]


def test_a_believed_product_of_the_cart_is_looked_for_no_further(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clip = vectors(encoder, ("red", "apricot jam"))
    (match,) = look(index, room("p-red", "p-green", shop="hearth"), clip)
    assert (match.scope, match.cart_version) == ("cart", 3)
    assert steps(match) == [("cart", "believed")]
    (step,) = match.steps
    assert (step.product_id, step.threshold) == ("p-red", 0.9)
    assert step.score == match.candidates[0].score
    assert match.probability == SIGMOID.probability(match.candidates[0].score)
    assert match.index_version == index.about(encoder.fingerprint).version


def test_what_the_cart_lacks_is_found_in_the_shop(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clip = vectors(encoder, ("red", "apricot jam"))
    (match,) = look(index, room("p-green", "p-blue", shop="hearth"), clip)
    assert steps(match) == [("cart", "unsure"), ("shop", "believed")]
    assert match.scope == "shop"
    assert match.candidates[0].product_id == "p-red"
    assert ELSEWHERE not in {one.product_id for one in match.candidates}


def test_what_cart_and_shop_lack_is_found_in_the_catalogue(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clip = vectors(encoder, (None, "honey soup"))
    (match,) = look(index, room("p-green", shop="hearth"), clip)
    assert steps(match) == [("cart", "unsure"), ("shop", "unsure"), ("catalogue", "believed")]
    assert (match.scope, match.candidates[0].product_id) == ("catalogue", ELSEWHERE)


def test_a_clip_that_nobody_believes_tells_of_the_narrowest_gallery(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clip = vectors(encoder, (None, "mug tea"))
    cart = room("p-green", "p-blue", shop="hearth")
    (match,) = look(index, cart, clip, rules(0.99, 0.99, 0.99))
    unsure = [(scope, "unsure") for scope in ("cart", "shop", "catalogue")]
    assert (match.scope, steps(match)) == ("cart", unsure)
    assert {one.product_id for one in match.candidates} == {"p-green", "p-blue"}


@pytest.mark.parametrize(
    ("cart", "shop", "expected"),
    [
        (("never-indexed",), "hearth", [("cart", "empty"), ("shop", "believed")]),
        (("never-indexed",), None, [("cart", "empty"), ("catalogue", "believed")]),
        ((), "nobody's", [("shop", "empty"), ("catalogue", "believed")]),
        ((), "hearth", [("shop", "believed")]),
        ((), None, [("catalogue", "believed")]),
    ],
)
@pytest.mark.parametrize("step_down", ["empty", "unsure"])
def test_a_gallery_that_is_missing_or_empty_is_left_in_any_case(
    index: ProductIndex,
    encoder: ColourAndWords,
    cart: tuple[str, ...],
    shop: str | None,
    expected: list[tuple[str, str]],
    step_down: StepDown,
) -> None:
    clip = vectors(encoder, ("red", "apricot jam"))
    (match,) = look(index, room(*cart, shop=shop), clip, step_down=step_down)
    assert steps(match) == expected
    assert match.scope == expected[-1][0]
    assert match.candidates[0].product_id == "p-red"


def test_nobody_steps_down_who_was_told_to_stay_or_has_no_calibrated_rule_to_step_to(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clip = vectors(encoder, ("red", "apricot jam"))
    cart = room("p-green", "p-blue", shop="hearth")
    (stays,) = look(index, cart, clip, step_down="empty")
    assert steps(stays) == [("cart", "unsure")]
    plain: dict[Scope, Threshold] = {
        scope: Threshold(rule.score, rule.version) for scope, rule in CALIBRATED.items()
    }
    (uncalibrated,) = look(index, cart, clip, plain)
    assert steps(uncalibrated) == [("cart", "unsure")]
    (unjudged,) = look(index, cart, clip, {})
    assert steps(unjudged) == [("cart", "found")]
    assert stays.candidates == uncalibrated.candidates == unjudged.candidates
    assert uncalibrated.probability is unjudged.probability is None


def test_clips_that_step_down_at_different_places_are_answered_as_if_alone(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clips = vectors(
        encoder, ("red", "apricot jam"), ("green", "oat milk"), (None, "honey soup"), (None, "mug")
    )
    cart = room("p-green", shop="hearth")
    together = look(index, cart, clips)
    assert [match.scope for match in together] == ["shop", "cart", "catalogue", "cart"]
    assert together == [look(index, cart, [clip])[0] for clip in clips]


def test_a_late_cart_holds_from_its_own_time_on(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    # 0 s: shop alone · 1 s: a cart without the product · 2 s: a cart with it
    versions = [
        Room(stream_id="room", version=0, shop="hearth"),
        Room(stream_id="room", version=1, shop="hearth", cart=("p-green",)),
        Room(stream_id="room", version=2, shop="hearth", cart=("p-green", "p-red")),
    ]

    def cart(_stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
        known = versions[min(media_ms // 1_000, 2)]
        return known.version, known.cart, known.shop

    clips = vectors(encoder, *[("red", "apricot jam")] * 4)
    matches = look(index, cart, clips)
    assert [clip.start_ms for clip in clips] == [0, 1_000, 2_000, 3_000]
    assert [match.scope for match in matches] == ["shop", "shop", "cart", "cart"]
    assert [match.cart_version for match in matches] == [0, 1, 2, 2]
    assert [match.candidates[0].product_id for match in matches] == ["p-red"] * 4


def test_the_scope_and_the_way_to_it_are_in_the_tag(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    clips = vectors(encoder, *[("red", "apricot jam")] * 9)
    tagger = Tagger("room", CALIBRATED, TagOptions(update_every=0))
    tags: list[Tag] = []
    for match in look(index, room("p-green", shop="hearth"), clips):
        tags += [tag for job in tagger.push(match) for tag in job]
    evidence = tags[0].evidence
    assert (tags[0].product_id, evidence.scope, evidence.cart_version) == ("p-red", "shop", 3)
    assert [step.scope for step in evidence.steps] == ["cart", "shop"]
    assert (evidence.threshold, evidence.threshold_version) == (0.92, "shop-1")
    assert (evidence.precision, evidence.probability) == (
        0.95,
        SIGMOID.probability(evidence.candidates[0].score),
    )
    assert evidence.index_version == index.about(encoder.fingerprint).version
    assert Tag.model_validate_json(tags[0].model_dump_json()) == tags[0]


def places(candidates: tuple[Candidate, ...]) -> dict[str, Scope | None]:
    return {one.product_id: one.scope for one in candidates}


def test_where_clips_add_up_what_is_believed_is_held_against_wider_galleries(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    cart = room("p-red", "p-green", shop="hearth")
    (match,) = look(index, cart, vectors(encoder, ("red", "apricot jam")), ADDED_UP)
    assert (match.scope, match.candidates[0].product_id) == ("cart", "p-red")
    assert steps(match) == [("cart", "believed"), ("shop", "believed"), ("catalogue", "believed")]
    assert places(match.candidates) == {"p-red": None, "p-green": None}
    assert places(match.beside) == {"p-blue": "shop", ELSEWHERE: "catalogue"}
    (alone,) = look(index, cart, vectors(encoder, ("red", "apricot jam")))
    assert (alone.beside, alone.scope) == ((), "cart")
    assert [one.score for one in alone.candidates] == [one.score for one in match.candidates]


def test_candidates_of_a_wider_gallery_tell_which_of_them_the_cart_holds(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    cart = room("p-green", shop="hearth")
    (match,) = look(index, cart, vectors(encoder, ("red", "apricot jam")), ADDED_UP)
    assert (match.scope, match.candidates[0].product_id) == ("shop", "p-red")
    assert places(match.candidates) == {"p-red": None, "p-green": "cart", "p-blue": None}
    assert places(match.beside) == {ELSEWHERE: "catalogue"}


def test_where_nothing_is_believed_the_cart_is_told_and_the_rest_beside_it(
    index: ProductIndex, encoder: ColourAndWords
) -> None:
    nowhere = {one: replace(rule, score=1.0) for one, rule in ADDED_UP.items()}
    clip = vectors(encoder, (None, "mug tea"))
    (match,) = look(index, room("p-red", "p-green", shop="hearth"), clip, nowhere)
    assert match.scope == "cart"
    assert set(places(match.candidates)) == {"p-red", "p-green"}
    assert places(match.beside) == {"p-blue": "shop", ELSEWHERE: "catalogue"}
