"""Scores of rooms, on intervals drawn by hand."""

from models.segments import Segment, score_room

#  seconds   0    5    10   15   20   25   30
#  truth     A--------->    B-------->    A---->
TRUTH = [
    Segment("A", 0, 10_000),
    Segment("B", 13_000, 22_000),
    Segment("A", 25_000, 30_000),
]


def test_perfect_tags_are_all_right() -> None:
    score = score_room(TRUTH, TRUTH)
    assert score.all_right(0)
    assert [found.start_error_ms for found in score.found] == [0, 0, 0]


def test_error_beyond_the_tolerance_is_not_right() -> None:
    late = [Segment("A", 2_000, 10_000), TRUTH[1], Segment("A", 25_000, 27_500)]
    score = score_room(late, TRUTH)
    assert [found.start_error_ms for found in score.found] == [2_000, 0, 0]
    assert [found.end_error_ms for found in score.found] == [0, 0, -2_500]
    assert score.all_right(2_500)
    assert not score.all_right(2_000)


def test_wrong_product_and_tag_in_a_gap_are_invented_and_the_missed_one_is_not_found() -> None:
    tags = [TRUTH[0], Segment("C", 13_000, 22_000), Segment("B", 10_500, 12_500), TRUTH[2]]
    score = score_room(tags, TRUTH)
    assert [s.product_id for s in score.invented] == ["B", "C"]
    assert [len(found.tags) for found in score.found] == [1, 0, 1]
    assert not score.all_right(60_000)


def test_product_found_twice_is_not_right() -> None:
    tags = [Segment("A", 0, 4_000), Segment("A", 6_000, 10_000), *TRUTH[1:]]
    score = score_room(tags, TRUTH)
    assert len(score.found[0].tags) == 2
    assert not score.all_right(60_000)


def test_each_tag_finds_the_segment_that_it_overlaps_most() -> None:
    long = Segment("A", 8_000, 30_000)
    score = score_room([long], TRUTH)
    assert [len(found.tags) for found in score.found] == [0, 0, 1]
