"""Encoder, index, threshold: only those that belong together serve; every other cell refuses.

Each may be one of two: the encoder, what decides a score in its index (how much a heard name
counts), and the build of the index. A threshold was calibrated with one of each; a vector is served
by one of each. Eight by eight cells, eight of which serve.
"""

import itertools
from dataclasses import replace

import pytest

from models.calibrate import Calibration
from models.errors import BadEventError, MismatchError
from tests.tiny_vision import ColourAndWords
from tests.workers.clip_vectors import vectors
from tests.workers.served_index import ServedIndex, build
from workers.decision import Threshold, refuse_mismatch, threshold_of
from workers.events import Match, Product, Tag
from workers.index import ProductIndex
from workers.index_build import BuildOptions, IndexBuilder
from workers.index_schema import Build
from workers.match import Matcher
from workers.tag import Tagger, TagOptions

pytestmark = pytest.mark.milvus
ENCODERS = (ColourAndWords("one"), ColourAndWords("two"))
WEIGHTS = (0.0, 2.0)
BUILDS = ("b1" * 16, "b2" * 16)
Cell = tuple[int, int, int]
CELLS: list[Cell] = list(itertools.product((0, 1), (0, 1), (0, 1)))


@pytest.fixture(scope="module")
def index(served: ServedIndex) -> ProductIndex:
    made = served.connect()
    for encoder in ENCODERS:
        shelf = [Product(product_id="soup", title="honey soup")]
        build(IndexBuilder(made, encoder, BuildOptions()), shelf)
    return made


def state(index: ProductIndex, cell: Cell) -> Build:
    """Return what is said of the index of an encoder in one of its four states."""
    encoder, weight, number = cell
    known = index.about(ENCODERS[encoder].fingerprint)
    weights = {"catalogue": WEIGHTS[weight]}
    return replace(known, sounds_weights=weights, build_id=BUILDS[number])


def rule_of(known: Build) -> Threshold:
    return threshold_of(
        Calibration("catalogue", 0.5, "cal", known.fingerprint, known.version, known.build_id)
    )


def serve(index: ProductIndex, encoder: ColourAndWords, rule: Threshold) -> list[Tag]:
    clips = vectors(encoder, *[(None, "honey soup")] * 9)
    matcher = Matcher(index, rules={"catalogue": rule})
    tagger = Tagger("room", {"catalogue": rule}, TagOptions(update_every=0))
    tags: list[Tag] = []
    for outcome in matcher.process(clips):
        assert not isinstance(outcome, BadEventError)
        assert isinstance(outcome[0], Match)
        for job in tagger.push(outcome[0]):
            tags += job
    return tags


@pytest.mark.parametrize("served_by", CELLS)
def test_only_the_threshold_of_this_encoder_and_this_index_serves(
    index: ProductIndex, served_by: Cell
) -> None:
    encoder, now = ENCODERS[served_by[0]], state(index, served_by)
    index.store(now)
    for calibrated in CELLS:
        then = state(index, calibrated)
        rule = rule_of(then)
        if calibrated == served_by:
            assert [tag.status for tag in serve(index, encoder, rule)] == ["started"]
            refuse_mismatch({"catalogue": rule}, now.fingerprint, now.version, now.build_id)
            continue
        sides = [
            (then.fingerprint[:16], now.fingerprint[:16]),
            (then.version, now.version),
            (then.build_id[:16], now.build_id[:16]),
        ]
        own, other = next(pair for pair in sides if pair[0] != pair[1])
        named = rf"threshold cal belongs to .* {own}, but this is .* {other}; "
        with pytest.raises((MismatchError, BadEventError), match=named):
            serve(index, encoder, rule)
        with pytest.raises(MismatchError, match=named):
            refuse_mismatch({"catalogue": rule}, now.fingerprint, now.version, now.build_id)


def test_a_threshold_that_names_no_build_serves_with_every_build_of_its_version(
    index: ProductIndex,
) -> None:
    for number in (0, 1):
        now = state(index, (0, 0, number))
        index.store(now)
        rule = replace(rule_of(now), build="")
        assert [tag.status for tag in serve(index, ENCODERS[0], rule)] == ["started"]


def test_a_threshold_of_before_it_was_bound_to_an_index_serves_with_none() -> None:
    old = Calibration("shop", 0.5, "cal", "a" * 64)
    with pytest.raises(MismatchError, match="shop threshold cal of encoder a{16} names no index"):
        threshold_of(old)


def test_a_match_of_before_indexes_had_a_version_is_refused_by_name(index: ProductIndex) -> None:
    now = state(index, (0, 0, 0))
    index.store(now)
    clips = vectors(ENCODERS[0], (None, "honey soup"))
    outcome = Matcher(index).process(clips)[0]
    assert not isinstance(outcome, BadEventError)
    assert isinstance(outcome[0], Match)
    tagger = Tagger("room", {"catalogue": rule_of(now)}, TagOptions())
    old = outcome[0].model_copy(update={"index_version": ""})
    with pytest.raises(BadEventError, match=rf"index version {now.version}, .* unknown"):
        tagger.push(old)


def test_other_products_are_the_same_version_and_other_sounds_another(index: ProductIndex) -> None:
    known = index.about(ENCODERS[0].fingerprint)
    same = (replace(known, count=7, build_id="x"), replace(known, sounds_weights={"shop": 0.0}))
    assert {one.version for one in same} == {replace(known, sounds_weights={}).version}
    other = (
        replace(known, sounds="sounds-of-old"),
        replace(known, sounds_weights={"cart": 1.0}),
        replace(known, fingerprint="e" * 64),
    )
    assert len({one.version for one in (known, *other)}) == 4
