"""The life of tags, stepped by hand. Clips are 5 s long, one every 2.5 s."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError, MismatchError
from tests.workers.tag_rooms import OPTIONS, RULE, lives, match, room, tags_of
from workers.decision import Threshold
from workers.tag import Tagger, TagOptions


def test_product_starts_where_its_evidence_began_and_ends_where_it_stopped() -> None:
    # clip       0    1    2    3    4    5    6    7    8
    # from s     0   2.5   5   7.5  10  12.5  15  17.5  20
    # shows      .    .    A    A    A    .    .    .    .
    assert lives(tags_of(room("..AAA...."))) == [
        ("started", "A", 5 + 1.25),
        ("ended", "A", 10 + 3.75),
    ]


def test_one_clip_is_not_enough_to_start_nor_one_miss_to_end() -> None:
    assert tags_of(room("..A...B...")) == []
    assert lives(tags_of(room("AA.A.AA"))) == [("started", "A", 0), ("ended", "A", 18.75)]


def test_next_product_ends_the_one_before_where_it_takes_over() -> None:
    assert lives(tags_of(room("AAAABBBB")))[:3] == [
        ("started", "A", 0),
        ("ended", "A", 11.25),
        ("started", "B", 11.25),
    ]


def test_product_shown_again_points_to_the_tag_before_and_to_its_first() -> None:
    tags = tags_of(room("AA....AA....AA"))
    first, second, third = [tag for tag in tags if tag.status == "started"]
    assert len({first.tag_id, second.tag_id, third.tag_id}) == 3
    assert (first.previous_tag_id, first.first_tag_id) == (None, None)
    assert (second.previous_tag_id, second.first_tag_id) == (first.tag_id, first.tag_id)
    assert (third.previous_tag_id, third.first_tag_id) == (second.tag_id, first.tag_id)


def test_score_below_the_threshold_is_no_product() -> None:
    assert tags_of([match(slot, "A", 0.49) for slot in range(6)]) == []


def test_open_tag_ends_with_its_room() -> None:
    tags = tags_of(room("..AAA"))
    assert [tag.status for tag in tags] == ["started", "ended"]
    assert tags[-1].end_ms == 13_750


def test_update_comes_after_every_so_many_supporting_clips() -> None:
    tags = tags_of(room("AAAAAAAA"), TagOptions(update_every=4))
    assert [(tag.status, tag.slot) for tag in tags] == [
        ("started", 1), ("updated", 3), ("updated", 7), ("ended", 7),
    ]  # fmt: skip


def test_match_of_another_encoder_is_refused_by_name_and_the_room_still_ends() -> None:
    tagger = Tagger("room", {"catalogue": Threshold(0.5, "test", "f1")}, OPTIONS)
    opened = [tag for slot in range(3) for job in tagger.push(match(slot, "A")) for tag in job]
    # Somebody changes the encoder, and with it the threshold, while the product is on sale.
    changed = Threshold(0.5, "test", "f2")
    after = Tagger("room", {"catalogue": changed}, OPTIONS, tagger.snapshot())
    with pytest.raises(BadEventError, match=r"belongs to encoder f2, but this is encoder f1"):
        after.push(match(3, "A"))
    last = match(4, "A").model_copy(update={"last": True})
    ended = [tag for job in after.push(last) for tag in job]
    assert after.done
    assert [tag.status for tag in (*opened, *ended)] == ["started", "ended"]


def test_scope_without_a_threshold_refuses_to_serve() -> None:
    tagger = Tagger("room", {"cart": Threshold(0.5, "test", "f1")}, OPTIONS)
    with pytest.raises(MismatchError, match=r"scope 'catalogue'.*\['cart'\]"):
        tagger.push(match(0, "A"))


ROOMS = st.text(alphabet="AB.", min_size=1, max_size=30)


@given(ROOMS, st.integers(0, 30), st.integers(0, 30))
def test_killed_and_replayed_gives_the_same_tags(text: str, kill: int, back: int) -> None:
    matches = room(text)
    expected = tags_of(matches)
    first = Tagger("room", RULE, OPTIONS)
    tags = [tag for m in matches[:kill] for job in first.push(m) for tag in job]
    second = Tagger("room", RULE, OPTIONS, first.snapshot())
    tags += [tag for m in matches[max(0, kill - back) :] for job in second.push(m) for tag in job]
    assert tags == expected


@given(ROOMS)
def test_every_tag_that_starts_ends_once_and_not_before_it_began(text: str) -> None:
    tags = tags_of(room(text))
    started = [tag.tag_id for tag in tags if tag.status == "started"]
    ended = [tag for tag in tags if tag.status == "ended"]
    assert sorted(started) == sorted(tag.tag_id for tag in ended)
    assert len(set(started)) == len(started)
    assert all(tag.end_ms is not None and tag.start_ms <= tag.end_ms for tag in ended)
    assert not any(tag.status == "corrected" for tag in tags)


def test_end_of_a_tag_does_not_say_that_its_clip_shows_the_product() -> None:
    tags = tags_of(room("AA...."))
    assert [(tag.status, tag.evidence.shows) for tag in tags] == [
        ("started", True),
        ("ended", False),
    ]


def test_state_of_a_machine_that_knew_one_open_tag_goes_on() -> None:
    # What the version before wrote after "..AAA" to the topic `state`.
    seen = {"product_id": "A", "end_ms": 15_000, "hop_ms": 2_500, "score": 0.9, "load_rung": "full"}
    saved = {
        "next_slot": 5,
        "through_ms": 15_000,
        "done": False,
        "recent": [{**seen, "slot": slot, "start_ms": slot * 2_500} for slot in (2, 3, 4)],
        "open": {
            "tag_id": "t", "product_id": "A", "title": "A", "start_ms": 6_250, "end_ms": 13_750,
            "support": 3, "missed": 0, "score": 0.9, "previous_tag_id": None,
        },
        "closed": {"B": "b"},
    }  # fmt: skip
    tagger = Tagger("room", RULE, OPTIONS, saved)  # type: ignore[arg-type]
    matches = room("..AAA...BB")[3:]
    tags = [tag for one in matches for job in tagger.push(one) for tag in job]
    assert lives(tags) == [("ended", "A", 13.75), ("started", "B", 21.25), ("ended", "B", 26.25)]
    assert (tags[0].tag_id, tags[1].previous_tag_id, tags[1].first_tag_id) == ("t", "b", "b")
