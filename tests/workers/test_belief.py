"""Clips add up to what is being sold: the filter against a slow one, and what it does to tags."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evidence import EvidenceWeights
from tests.workers.tag_rooms import as_they_stand, lives, pushed
from tests.workers.test_tag_several import clip, scored
from workers.belief import NOTHING, BeliefOptions, believed
from workers.decision import Threshold
from workers.events import Match, Scope, Tag
from workers.standing import standing
from workers.tag import Tagger, TagOptions

ADDING = BeliefOptions(is_on=True, stay=0.8, enough=0.8)
OPTIONS = TagOptions(update_every=0)
PRODUCTS = ("A", "B", "C")
ADDED_UP: dict[Scope, Threshold] = {
    "catalogue": Threshold(0.5, "test", "f1", evidence=(EvidenceWeights(-10.0, {"vision": 20.0}),))
}
"""A clip speaks for a product by 2 nats for each tenth that it scores above a half."""
nats = st.floats(-6.0, 9.0)
clips_drawn = st.lists(
    st.fixed_dictionaries(dict.fromkeys(PRODUCTS, nats)), min_size=1, max_size=12
)


def slowly(clips: list[dict[str, float]], outside: frozenset[str]) -> dict[str, float]:
    """Return the same by the sum over every path of states, a matrix product at a time."""
    states = (NOTHING, *PRODUCTS)
    enters = {one: 0.02 * (0.005 if one in outside else 1.0) for one in PRODUCTS}

    def moves(one: str, other: str) -> float:
        if one == other:
            return 0.8 if one else 1.0 - sum(enters.values())
        if other:
            return enters[other]
        return 0.2 - sum(rate for product, rate in enters.items() if product != one)

    share = {one: 1.0 if one == NOTHING else 0.0 for one in states}
    for said in clips:
        share = {
            other: sum(share[one] * moves(one, other) for one in states)
            * math.exp(said.get(other, 0.0))
            for other in states
        }
    total = sum(share.values())
    return {one: value / total for one, value in share.items()}


@given(clips_drawn, st.frozensets(st.sampled_from(PRODUCTS)))
def test_belief_is_the_forward_variable_of_a_slow_sum_over_states(
    clips: list[dict[str, float]], outside: frozenset[str]
) -> None:
    belief: dict[str, float] = {}
    for said in clips:
        belief = believed(belief, said, ADDING, 2_500, outside)
    slow = slowly(clips, outside)
    # What is less likely than a millionth is forgotten, and enters again: from outside a hundredth
    # of that often.
    near = 0.02 if outside else 2e-4
    for one in (NOTHING, *PRODUCTS):
        assert belief.get(one, 0.0) == pytest.approx(slow[one], abs=near)
    assert math.fsum(belief.values()) == pytest.approx(1.0)


def test_a_product_that_is_no_candidate_gives_way_to_the_only_one_that_is() -> None:
    belief = {NOTHING: 0.02, "A": 0.98}
    for _ in range(2):
        belief = believed(belief, {"B": 5.0}, ADDING, 2_500)
    assert belief["B"] > 0.9


def test_clips_twice_as_often_over_the_same_media_say_no_more() -> None:
    at_rate = believed({NOTHING: 0.5, "A": 0.5}, {"A": 2.0}, ADDING, 2_500)
    often = {NOTHING: 0.5, "A": 0.5}
    for _ in range(2):
        often = believed(often, {"A": 2.0}, ADDING, 1_250)
    assert often["A"] == pytest.approx(at_rate["A"], abs=0.05)


def shows(*scores: dict[str, float]) -> list[Match]:
    """One clip for each, with the candidates' scores; the threshold is .5."""
    clips = [
        clip(slot, *(scored(name, score, vision=score) for score, name in ranked))
        for slot, said in enumerate(scores)
        for ranked in [sorted(((score, name) for name, score in said.items()), reverse=True)]
    ]
    return [*clips[:-1], clips[-1].model_copy(update={"last": True})]


def tags_of(matches: list[Match], options: TagOptions = OPTIONS) -> list[Tag]:
    return pushed(Tagger("room", ADDED_UP, options), matches)


CLEAR, WEAK, NONE = {"A": 0.9, "B": 0.3}, {"A": 0.6, "B": 0.4}, {"A": 0.3, "B": 0.3}


def test_one_clear_clip_starts_a_tag_and_weak_ones_add_up_to_one() -> None:
    assert lives(tags_of(shows(NONE, CLEAR, CLEAR), OPTIONS))[0] == ("started", "A", 3.75)
    # clip      0     1     2     3        weak clips are enough once there are three of them;
    # shows     .     a     a     a        the evidence began with the first
    tags = tags_of(shows(NONE, WEAK, WEAK, WEAK), OPTIONS)
    assert (tags[0].status, tags[0].slot, tags[0].start_ms) == ("started", 3, 3_750)


def test_look_alike_that_is_ahead_for_a_clip_neither_starts_nor_splits_a_tag() -> None:
    # clip      0     1     2     3     4     5
    # best      A     A     B     A     A     .        B is ahead by .02, as a look-alike is
    ahead = {"A": 0.84, "B": 0.86}
    tags = tags_of(shows(CLEAR, CLEAR, ahead, CLEAR, CLEAR, NONE), OPTIONS)
    assert [(tag.status, tag.product_id) for tag in tags] == [("started", "A"), ("ended", "A")]


def test_look_alike_that_is_always_a_little_ahead_is_the_one() -> None:
    tags = tags_of(shows(*[{"A": 0.92, "B": 0.96}] * 6), OPTIONS)
    assert [(tag.status, tag.product_id) for tag in tags] == [("started", "B"), ("ended", "B")]


def test_a_tag_begins_where_its_clips_did_though_a_look_alike_was_ahead_in_them() -> None:
    # clip      0         1         2
    # ahead     B         A         A       B says 2 nats in clip 0, A 1.6: A all along
    near = {"A": 0.58, "B": 0.6}
    assert lives(tags_of(shows(near, CLEAR, CLEAR), OPTIONS))[0] == ("started", "A", 0)
    # B says 3.6 nats, A .4: rather B first, and then A
    apart = {"A": 0.52, "B": 0.68}
    assert lives(tags_of(shows(apart, CLEAR, CLEAR), OPTIONS))[0] == ("started", "A", 3.75)


def test_a_look_alike_that_began_a_tag_gives_it_up_to_the_one_it_was_all_along() -> None:
    # clip      0      1     2      3
    # ahead     B      A     A      .       B is believed after clip 0, by 2.6 nats more than A
    tags = tags_of(shows({"B": 0.85, "A": 0.72}, CLEAR, CLEAR, NONE), OPTIONS)
    assert [(tag.status, tag.product_id, tag.slot, tag.withdrawn) for tag in tags[:3]] == [
        ("started", "B", 0, False), ("corrected", "B", 1, True), ("started", "A", 1, False),
    ]  # fmt: skip
    (stands,) = as_they_stand(tags)
    assert stands[1:3] == ("A", 0)
    # The next sale of B knows of no tag before it.
    again = shows({"B": 0.85, "A": 0.72}, CLEAR, CLEAR, NONE, NONE, NONE, {"B": 0.9}, {"B": 0.9})
    last = standing(tags_of(again, OPTIONS))[-1]
    assert (last.product_id, last.previous_tag_id, last.first_tag_id) == ("B", None, None)


def test_next_product_ends_the_one_before() -> None:
    # clip      0     1     2     3     4     5
    # shows     A     A     A     B     B     B
    after = {"B": 0.9, "A": 0.4}
    tags = tags_of(shows(CLEAR, CLEAR, CLEAR, after, after, after), OPTIONS)
    assert lives([tag for tag in tags if tag.status != "updated"]) == [
        ("started", "A", 0), ("ended", "A", 8.75), ("started", "B", 8.75), ("ended", "B", 17.5),
    ]  # fmt: skip


def test_a_tag_ends_with_the_clip_that_is_full_of_it_and_earlier_in_one_that_is_not() -> None:
    # clip      0     1     2     3     4     5       clip 2 ends at 10 s, clip 3 holds a half: 10 s
    full = tags_of(shows(CLEAR, CLEAR, CLEAR, NONE, NONE, NONE), OPTIONS)
    assert lives(full)[-1] == ("ended", "A", 10.0)
    partly = tags_of(shows(CLEAR, CLEAR, CLEAR, {"A": 0.7, "B": 0.3}, NONE, NONE), OPTIONS)
    assert lives(partly)[-1] == ("ended", "A", 10.0)


def test_bundle_whose_products_are_shown_together_has_a_tag_for_each() -> None:
    together = clip(0, scored("A", 0.9, vision=0.9), scored("B", 0.88, vision=0.91))
    clips = [
        together.model_copy(
            update={"slot": slot, "start_ms": slot * 2_500, "end_ms": slot * 2_500 + 5_000}
        )
        for slot in range(4)
    ]
    tags = tags_of(clips, replace(OPTIONS, also_within=0.2))
    assert {tag.product_id for tag in tags if tag.status == "started"} == {"A", "B"}
    assert [(tag.slot, tag.start_ms, tag.withdrawn) for tag in tags] == [(0, 0, False)] * 2


def test_clips_count_by_themselves_without_calibration_by_modality_or_if_told_so() -> None:
    plain: dict[Scope, Threshold] = {"catalogue": Threshold(0.5, "test", "f1")}
    clips = shows(NONE, CLEAR, CLEAR, CLEAR)
    counted = pushed(Tagger("room", plain, OPTIONS), clips)
    assert (counted[0].slot, counted[0].evidence.belief) == (2, None)
    assert tags_of(clips, replace(OPTIONS, adds_up=False))[0].slot == 2
    assert tags_of(clips)[0].slot == 1


drawn = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from([0.3, 0.55, 0.6, 0.7, 0.9])),
    min_size=2, max_size=14,
)  # fmt: skip


def assert_told_once(tags: list[Tag]) -> None:
    """No tag starts twice, and no event has the id of another."""
    started = [tag.tag_id for tag in tags if tag.status == "started"]
    assert len(started) == len(set(started))
    assert len({tag.event_id for tag in tags}) == len(tags)


@given(drawn, st.data())
def test_tags_are_the_same_after_a_restart_and_in_any_order(
    best: list[tuple[str, float]], data: st.DataObject
) -> None:
    clips = shows(*({one: score, "AB".replace(one, ""): 0.4} for one, score in best))
    straight = tags_of(clips, OPTIONS)
    stop = data.draw(st.integers(1, len(clips) - 1))
    first = Tagger("room", ADDED_UP, OPTIONS)
    told = pushed(first, clips[:stop])
    told += pushed(Tagger("room", ADDED_UP, OPTIONS, first.snapshot()), clips[stop:])
    assert told == straight
    options = replace(OPTIONS, correct_ms=120_000)
    order = [*data.draw(st.permutations(clips[:-1])), clips[-1]]
    shuffled = pushed(Tagger("room", ADDED_UP, options), order)
    assert as_they_stand(shuffled) == as_they_stand(tags_of(clips, options))
    assert_told_once(shuffled)


@given(drawn, st.data())
def test_pictures_that_come_first_late_or_twice_leave_the_tags_as_whole_clips_make_them(
    best: list[tuple[str, float]], data: st.DataObject
) -> None:
    whole = shows(*({one: score, "AB".replace(one, ""): 0.4} for one, score in best))
    options = replace(OPTIONS, correct_ms=120_000)
    seen = data.draw(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from([0.4, 0.6, 0.9])),
                              min_size=len(whole) - 1, max_size=len(whole) - 1))  # fmt: skip
    early = shows(*({one: score} for one, score in seen))
    pictures = [one.model_copy(update={"early": True, "last": False}) for one in early]
    words = [one.model_copy(update={"revision": 1}) for one in whole]
    twice = data.draw(st.lists(st.sampled_from([*pictures, *words[:-1]]), max_size=4))
    order = data.draw(st.permutations([*pictures, *words[:-1], *twice]))
    told = pushed(Tagger("room", ADDED_UP, options), [*order, words[-1]])
    assert as_they_stand(told) == as_they_stand(tags_of(words, options))
    assert_told_once(told)
