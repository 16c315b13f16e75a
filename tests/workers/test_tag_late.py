"""Matches that come late, twice or in another order. Clips are 5 s long, one every 2.5 s."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.tag_rooms import RULE, as_they_stand, lives, match, pushed, room, tags_of
from workers.events import Match
from workers.standing import standing
from workers.tag import Tagger, TagOptions

OPTIONS = TagOptions(update_every=3, correct_ms=120_000)


def delivered(text: str, order: Sequence[int]) -> list[Match]:
    matches = room(text)
    return [matches[slot] for slot in order]


def again(one: Match, product: str, revision: int = 1) -> Match:
    """The match of the same clip, now that late media have come."""
    said = match(one.slot, product, last=one.last)
    return said.model_copy(update={"revision": revision})


def test_late_clip_moves_the_end_that_was_told() -> None:
    # in order   A A A A . . .      3 comes last but one
    tags = tags_of(delivered("AAAA....", [0, 1, 2, 4, 5, 6, 3, 7]))
    assert lives(tags) == [("started", "A", 0), ("ended", "A", 8.75), ("corrected", "A", 11.25)]
    assert [(tag.slot, tag.revision) for tag in tags] == [(1, 0), (6, 0), (3, 1)]
    assert tags[2].decided_ms == 20_000


def test_tag_that_late_clips_speak_against_is_withdrawn() -> None:
    # in order   A . . A . .      without 1 and 2, A is in two clips running
    tags = tags_of(delivered("A..A..", [0, 3, 1, 2, 4, 5]), OPTIONS)
    assert [(tag.status, tag.slot, tag.withdrawn) for tag in tags] == [
        ("started", 3, False), ("corrected", 1, False), ("corrected", 2, True),
    ]  # fmt: skip
    assert standing(tags) == standing(tags_of(room("A..A.."), OPTIONS)) == []


def test_withdrawn_tag_ends_where_it_began_and_stands_no_more() -> None:
    matches = room("..AA..")
    tagger = Tagger("room", RULE, OPTIONS)
    said = pushed(tagger, matches[:4])
    said += pushed(tagger, [again(matches[3], "")])
    assert lives(said) == [("started", "A", 6.25), ("corrected", "A", 6.25)]
    assert (said[-1].withdrawn, said[-1].start_ms, said[-1].end_ms) == (True, 6_250, 6_250)
    assert standing(said) == []
    said += pushed(tagger, [again(matches[3], "A", 2)])
    assert (said[-1].status, said[-1].withdrawn, said[-1].revision) == ("corrected", False, 2)
    assert [tag.product_id for tag in standing(said)] == ["A"]
    assert len({tag.event_id for tag in said}) == len(said)


def test_tag_that_only_a_late_clip_makes_has_the_ids_that_it_would_have_had() -> None:
    matches = room("..AA...")
    late = tags_of([*matches[:3], *matches[4:6], matches[3], matches[6]], OPTIONS)
    in_order = tags_of(matches, OPTIONS)
    assert {tag.event_id for tag in late} == {tag.event_id for tag in in_order}
    assert [tag.decided_ms for tag in late] == [17_500, 20_000]


def test_clip_that_comes_after_its_time_is_settled_changes_nothing() -> None:
    options = TagOptions(update_every=0, correct_ms=10_000)
    text = "AAA" + "." * 12
    order = [0, 1, *range(3, 12), 2, 12, 13, 14]
    assert lives(tags_of(delivered(text, order), options)) == [
        ("started", "A", 0), ("ended", "A", 6.25),
    ]  # fmt: skip


@pytest.mark.parametrize("correct_ms", [0, 60_000])
def test_match_that_is_delivered_again_is_ignored(correct_ms: int) -> None:
    options = TagOptions(correct_ms=correct_ms)
    matches = room("AAABBB..CC")
    twice = [one for number in range(10) for one in matches[max(0, number - 3) : number + 1]]
    assert tags_of(twice, options) == tags_of(matches, options)


ROOMS = st.text(alphabet="AB.", min_size=2, max_size=24)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A room and the order in which its clips come, some twice; the last one comes last."""
    text = draw(ROOMS)
    slots = list(range(len(text) - 1))
    order = draw(st.permutations(slots))
    extra = draw(st.lists(st.sampled_from(slots), max_size=6))
    at = draw(st.integers(0, len(order)))
    return text, [*order[:at], *extra, *order[at:], len(text) - 1]


@given(deliveries())
def test_shuffled_and_doubled_delivery_ends_in_the_same_tags(case: tuple[str, list[int]]) -> None:
    text, order = case
    shuffled = tags_of(delivered(text, order), OPTIONS)
    assert as_they_stand(shuffled) == as_they_stand(tags_of(room(text), OPTIONS))
    assert len({tag.event_id for tag in shuffled}) == len(shuffled)


@given(ROOMS, st.data())
def test_clips_that_are_said_otherwise_later_end_in_the_tags_of_what_was_said_last(
    text: str, data: st.DataObject
) -> None:
    first = data.draw(st.text(alphabet="AB.", min_size=len(text), max_size=len(text)))
    matches = room(first)
    said = []
    for slot, one in enumerate(matches[:-1]):
        said.append(one)
        anew = data.draw(st.lists(st.integers(0, slot), max_size=2))
        said += [again(matches[earlier], text[earlier].strip(".")) for earlier in anew]
    said += [again(one, text[one.slot].strip(".")) for one in matches[:-1]]
    wanted = tags_of(room(text[:-1] + first[-1]), OPTIONS)
    assert as_they_stand(tags_of([*said, matches[-1]], OPTIONS)) == as_they_stand(wanted)


@given(deliveries(), st.integers(0, 30), st.integers(0, 30))
def test_killed_amid_late_clips_and_replayed_gives_the_same_events(
    case: tuple[str, list[int]], kill: int, back: int
) -> None:
    text, order = case
    matches = delivered(text, order)
    expected = tags_of(matches, OPTIONS)
    first = Tagger("room", RULE, OPTIONS)
    tags = pushed(first, matches[:kill])
    second = Tagger("room", RULE, OPTIONS, first.snapshot())
    tags += pushed(second, matches[max(0, kill - back) :])
    assert tags == expected
