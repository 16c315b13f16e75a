"""Figures of rooms: against obvious slow ways to reckon them, and on intervals drawn by hand."""

import json
from functools import cache
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.segment_scores import (
    Room,
    Told,
    edit_distance,
    iou,
    measure,
    measure_rooms,
    pair,
)
from models.segments import Segment

#  seconds   0    5    10   15   20   25   30
#  truth     A--------->    B-------->    A---->
TRUTH = (
    Segment("A", 0, 10_000),
    Segment("B", 13_000, 22_000),
    Segment("A", 25_000, 30_000),
)
PERFECT = tuple(Told(one.product_id, one.start_ms, one.end_ms, one.start_ms) for one in TRUTH)


def told(product_id: str, start_ms: int, end_ms: int, decided_ms: int = 0) -> Told:
    return Told(product_id, start_ms, end_ms, decided_ms)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[str, int, int]:
    start_ms = draw(st.integers(0, 12))
    return draw(st.sampled_from("AB")), start_ms, start_ms + draw(st.integers(0, 6))


TAGS = st.lists(intervals().map(lambda one: told(*one)), max_size=4)
SEGMENTS = st.lists(intervals().map(lambda one: Segment(*one)), max_size=4)


def moments(one: Segment) -> set[int]:
    return set(range(one.start_ms, one.end_ms))


@given(st.tuples(intervals(), intervals()))
def test_iou_is_the_share_of_moments(
    two: tuple[tuple[str, int, int], tuple[str, int, int]],
) -> None:
    one, other = Segment(*two[0]), Segment(*two[1])
    shared, covered = moments(one) & moments(other), moments(one) | moments(other)
    assert iou(one, other) == pytest.approx(len(shared) / len(covered) if covered else 0.0)


@given(TAGS, SEGMENTS)
def test_there_are_as_many_pairs_as_any_assignment_could_give(
    tags: list[Told], truth: list[Segment]
) -> None:
    padded: list[Told | None] = [*tags, *([None] * len(truth))]
    most = max(
        sum(
            tag is not None and tag.product_id == true.product_id and iou(tag, true) >= 0.5
            for tag, true in zip(chosen, truth, strict=True)
        )
        for chosen in set(permutations(padded, len(truth)))
    )
    pairs = pair(tags, truth)
    assert len(pairs) == most
    for tag, true in pairs:
        assert tag.product_id == true.product_id
        assert iou(tag, true) >= 0.5


@given(st.lists(st.sampled_from("ABC"), max_size=6), st.lists(st.sampled_from("ABC"), max_size=6))
def test_edit_distance_is_that_of_its_definition(one: list[str], other: list[str]) -> None:
    @cache
    def slow(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        exchange = slow(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(slow(i - 1, j) + 1, slow(i, j - 1) + 1, exchange)

    assert edit_distance(one, other) == slow(len(one), len(other))


@given(TAGS, SEGMENTS)
def test_false_tags_and_untold_segments_are_those_that_share_no_moment(
    tags: list[Told], truth: list[Segment]
) -> None:
    score = measure(tags, truth, 3_600_000)

    def shares(one: Segment, others: list[Segment] | list[Told]) -> bool:
        same = [other for other in others if other.product_id == one.product_id]
        return any(moments(one) & moments(other) for other in same)

    assert score.false_tags == sum(not shares(tag, truth) for tag in tags)
    assert score.false_tags_per_h == score.false_tags
    assert score.never_told == sum(not shares(true, tags) for true in truth)


@given(st.lists(st.tuples(TAGS, SEGMENTS), min_size=1, max_size=3))
def test_counts_of_rooms_add_up(rooms: list[tuple[list[Told], list[Segment]]]) -> None:
    alone = [measure(tags, truth, 1_000) for tags, truth in rooms]
    whole = measure_rooms([Room(tuple(tags), tuple(truth), 1_000) for tags, truth in rooms])
    for name in ("segments", "tags", "matched", "never_told", "false_tags", "edit_distance"):
        assert getattr(whole, name) == sum(getattr(one, name) for one in alone)
    assert whole.duration_ms == 1_000 * len(rooms)


def test_perfect_tags_have_perfect_figures() -> None:
    score = measure(PERFECT, TRUTH, 30_000)
    assert (score.f1, score.precision, score.recall) == (1.0, 1.0, 1.0)
    assert (score.edit_distance, score.false_tags, score.never_told) == (0, 0, 0)
    for spread in (score.start_error, score.end_error, score.first_tag):
        assert spread is not None
        assert (spread.count, spread.worst_ms) == (3, 0)


def test_errors_are_of_pairs_and_say_which_way() -> None:
    #  tags      A------->         B->        A-------->      B overlaps too little
    tags = [told("A", 1_000, 9_000), told("B", 20_000, 22_000), told("A", 24_000, 31_000)]
    score = measure(tags, TRUTH, 30_000)
    assert (score.matched, score.f1) == (2, 2 * 2 / 6)
    assert score.start_error is not None
    assert score.end_error is not None
    assert (score.start_error.mean_ms, score.start_error.bias_ms) == (1_000, 0)
    assert (score.end_error.worst_ms, score.end_error.bias_ms) == (1_000, 0)
    assert score.false_tags == 0


def test_first_tag_counts_from_the_start_to_when_it_was_said_not_to_where_it_begins() -> None:
    tags = [
        told("A", 0, 4_000, decided_ms=3_000),
        told("A", 5_000, 9_000, decided_ms=8_000),
        told("B", 12_000, 20_000, decided_ms=12_500),
    ]
    score = measure(tags, TRUTH, 30_000)
    assert score.first_tag is not None
    assert (score.first_tag.count, score.first_tag.worst_ms) == (2, 3_000)
    assert score.first_tag.mean_ms == 1_500
    assert score.never_told == 1


def test_a_tag_that_could_serve_two_segments_leaves_none_without() -> None:
    #   truth  A------>A------>          tag 1 is half of both, tag 2 of the second only
    truth = [Segment("A", 0, 10), Segment("A", 10, 20)]
    tags = [told("A", 0, 20), told("A", 10, 20)]
    assert len(pair(tags, truth)) == 2


def test_a_segment_gets_the_nearest_of_its_tags() -> None:
    tags = [told("A", 0, 8_000), told("A", 0, 9_900), told("A", 0, 7_000)]
    assert pair(tags, TRUTH) == [(tags[1], TRUTH[0])]


def test_edit_distance_counts_products_in_order_of_time() -> None:
    tags = [told("A", 25_000, 30_000), told("C", 13_000, 22_000), told("A", 0, 10_000)]
    score = measure(tags, TRUTH, 30_000)
    assert (score.edit_distance, score.edit_distance_share) == (1, 1 / 3)


def test_what_cannot_be_told_is_none_and_silence_about_nothing_is_perfect() -> None:
    nothing = measure([], [], 1_000)
    assert nothing.f1 == 1.0
    assert nothing.precision is nothing.recall is nothing.edit_distance_share is None
    silent = measure([], TRUTH, 30_000)
    assert (silent.f1, silent.precision, silent.recall) == (0.0, None, 0.0)
    assert silent.start_error is silent.end_error is silent.first_tag is None
    assert silent.never_told == 3


def test_scores_are_json() -> None:
    made = json.loads(json.dumps(measure(PERFECT, TRUTH, 30_000).as_json()))
    assert made["f1"] == 1.0
    assert made["start_error"]["count"] == 3


@pytest.mark.parametrize(
    ("tags", "truth", "duration_ms", "reason"),
    [
        ([told("A", 5, 4)], [], 10, "tag of 'A' goes from 5 to 4 ms; want 0 <= start <= end"),
        ([], [Segment("B", -1, 4)], 10, "true segment of 'B' goes from -1 to 4 ms"),
        ([], [], 0, "a room lasts 0 ms; want more than 0"),
    ],
)
def test_impossible_intervals_are_refused(
    tags: list[Told], truth: list[Segment], duration_ms: int, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        measure(tags, truth, duration_ms)
