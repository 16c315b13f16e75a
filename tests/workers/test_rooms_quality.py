"""What is counted of a room and what is held against what, on tags written by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.room_quality import NEVER_S
from models.segment_scores import measure
from models.segments import Segment
from workers.events import Room, Tag
from workers.rooms.quality import differences, judged, quality_json
from workers.rooms.quality_table import as_markdown, as_rows, difference_rows
from workers.rooms.scoring import Hard, Truth, told
from workers.rooms.tag_counts import PLAIN, counts_by_hardship, counts_of, hardships_of
from workers.rooms.timed import Timed
from workers.rooms.trial import TrialRoom, Tried
from workers.rooms.variants import Variant

HOUR_MS = 3_600_000
#  seconds   0    5    10   15   20   25   30
#  truth          A-------------->
#  cue              | (7 s)
SOLD = Truth((Segment("A", 5_000, 20_000),), ((0, 5_000),), {"A": "Jam"}, 30_000, cues_ms=(7_000,))
QUIET = Truth((), ((0, HOUR_MS),), {}, HOUR_MS)
EXACT = ("A", 6_000, 19_000, 9_000, 9_500)
"""Product, start, end, when there was enough of the room to say it, and when it was said."""
Said = tuple[str, int, int, int, int]


def tag(tag_id: str, status: str, product_id: str, start_ms: int, end_ms: int | None) -> Tag:
    return Tag(
        stream_id="room", tag_id=tag_id, status=status, slot=0, product_id=product_id,  # type: ignore[arg-type]
        start_ms=start_ms, end_ms=end_ms, decided_ms=start_ms, score=0.5,
    )  # fmt: skip


def tried(
    *said: Said, truth: Truth = SOLD, room: str = "room", variant: Variant | None = None
) -> Tried:
    events = []
    for number, (product_id, start_ms, end_ms, at_ms, worked_ms) in enumerate(said):
        begun = tag(str(number), "started", product_id, start_ms, None)
        ended = tag(str(number), "ended", product_id, start_ms, end_ms)
        events += [Timed(begun, at_ms, worked_ms), Timed(ended, end_ms, end_ms)]
    return judged_by_hand(events, truth, room, variant or Variant())


def judged_by_hand(
    events: Sequence[Timed[Tag]], truth: Truth, room: str, variant: Variant
) -> Tried:
    found = told([one.event for one in events], truth.duration_ms)
    scores = measure(found, truth.segments, truth.duration_ms)
    opened = TrialRoom(Path("room.mp4"), truth, Room(stream_id=room, version=0))
    return Tried(opened, variant, tuple(events), (), tuple(found), scores)


def test_a_delay_goes_from_the_first_cue_to_when_viewers_have_the_tag() -> None:
    counts = counts_of(tried(EXACT))
    assert (counts.delays_s, counts.worked_delays_s) == ((2.0,), (2.5,))
    assert (counts.matched, counts.tags, counts.segments, counts.false_tags) == (1, 1, 1, 0)


def test_a_tag_that_was_corrected_is_right_from_its_correction_on() -> None:
    #  said      B (8 s) ....... corrected to A (14 s, 15 s with work) ... ended
    events = [
        Timed(tag("1", "started", "B", 6_000, None), 8_000, 8_100),
        Timed(tag("1", "corrected", "A", 6_000, None), 14_000, 15_000),
        Timed(tag("1", "ended", "A", 6_000, 19_000), 22_000, 22_100),
    ]
    counts = counts_of(judged_by_hand(events, SOLD, "room", Variant()))
    assert (counts.delays_s, counts.worked_delays_s) == ((7.0,), (8.0,))
    assert (counts.tags, counts.matched, counts.false_tags) == (1, 1, 0)


def test_a_tag_that_was_taken_back_is_no_false_one_but_is_counted() -> None:
    gone = tag("1", "corrected", "B", 6_000, 6_000).model_copy(update={"withdrawn": True})
    events = [
        Timed(tag("1", "started", "B", 6_000, None), 8_000, 8_100),
        Timed(gone, 10_000, 10_100),
        Timed(tag("2", "started", "A", 6_000, None), 10_000, 10_100),
        Timed(tag("2", "ended", "A", 6_000, 19_000), 22_000, 22_100),
    ]
    one = judged_by_hand(events, SOLD, "room", Variant())
    counts = counts_of(one)
    assert (counts.withdrawn, counts.false_tags, counts.tags, counts.delays_s) == (1, 0, 1, (3.0,))
    row = dict(zip(*as_rows(judged([one])), strict=True))
    assert row["withdrawn/h"] == f"{3_600_000 / SOLD.duration_ms:.1f}"


def test_two_products_at_once_are_two_tags_that_may_both_be_right() -> None:
    #  seconds   0    5    10   15   20
    #  truth          A-------------->
    #                 B-------------->     compared
    both = Truth(
        (*SOLD.segments, Segment("B", 5_000, 20_000)), (), {}, 30_000, cues_ms=(7_000, 5_000)
    )
    counts = counts_of(tried(EXACT, ("B", 5_000, 20_000, 8_000, 8_000), truth=both))
    assert (counts.matched, counts.false_tags, counts.edit_distance) == (2, 0, 2)
    assert counts.delays_s == (2.0, 3.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"), st.integers(0, 30), st.integers(0, 30), st.integers(0, 40)
        ),
        max_size=5,
    )
)
def test_delays_are_those_of_a_slow_search(drawn: list[tuple[str, int, int, int]]) -> None:
    said = [
        (product_id, 1_000 * start, 1_000 * (start + length), 1_000 * at, 1_000 * at + 700)
        for product_id, start, length, at in drawn
    ]
    met = [
        at_ms
        for product_id, start_ms, end_ms, at_ms, _ in said
        if product_id == "A" and set(range(start_ms, end_ms, 500)) & set(range(5_000, 20_000, 500))
    ]
    counts = counts_of(tried(*said))
    if met:
        assert counts.delays_s == (max(0, min(met) - 7_000) / 1_000,)
        assert counts.worked_delays_s == (max(0, min(met) + 700 - 7_000) / 1_000,)
    else:
        assert counts.delays_s == counts.worked_delays_s == (NEVER_S,)


def test_false_tags_of_rooms_that_sell_nothing_are_told_apart() -> None:
    chatter = tried(("B", 100, 9_000, 5_000, 5_000), truth=QUIET, room="chatter")
    (found,) = judged([tried(EXACT), chatter])
    assert (found.quiet_false_tags, found.quiet_hours) == (1, 1.0)
    assert found.found.values["mean_room_f1"] == 1.0
    assert found.found.values["false_tags_per_h"] == pytest.approx(1 / (1 + 30 / 3_600))


#  seconds      0    5    10   15   20   25   30
#  truth             A-------------->    B------>
#  bad light         ----->
#  rivals            --> (of A alone)          -------->
HARD = Truth(
    (Segment("A", 5_000, 20_000), Segment("B", 25_000, 30_000)), (), {}, 40_000,
    hardships=(
        Hard("bad-light", 5_000, 12_000, "A"), Hard("rivals", 5_000, 8_000, "A"),
        Hard("rivals", 31_000, 40_000),
    ),
)  # fmt: skip


def test_what_is_hard_is_counted_where_it_is_hard() -> None:
    one = tried(EXACT, ("C", 33_000, 36_000, 35_000, 35_000), truth=HARD)
    assert hardships_of(HARD) == ["bad-light", "rivals", PLAIN]
    light, rivals, plain = (counts_by_hardship(one, name) for name in hardships_of(HARD))
    assert (light.segments, light.matched, light.false_tags, light.duration_ms) == (1, 1, 0, 7_000)
    assert (rivals.segments, rivals.matched, rivals.false_tags) == (1, 1, 1)
    assert rivals.duration_ms == 3_000 + 9_000
    assert (plain.segments, plain.matched, plain.delays_s) == (1, 0, (NEVER_S,))
    assert (plain.false_tags, plain.duration_ms) == (0, 5_000 + 19_000)


def test_hardships_have_a_table_of_their_own_where_a_room_tells_them() -> None:
    (found,) = judged([tried(EXACT, truth=HARD), tried(EXACT, room="other")])
    assert found.by_hardship["bad-light"].values["recall"] == 1.0
    assert found.by_hardship[PLAIN].values["recall"] == 0.5  # B, and A of the other room
    told_of = quality_json([found], {})
    assert set(told_of["variants"][0]["by_hardship"]) == {"bad-light", "rivals", PLAIN}
    json.dumps(told_of, allow_nan=False)
    text = as_markdown([found], [])
    assert "| bad-light | 1.00 [1.00, 1.00]; 4.0 |" in text
    assert "what is hard" not in as_markdown(judged([tried(EXACT)]), [])


def test_rooms_that_all_sell_nothing_have_a_report() -> None:
    found = judged([tried(truth=QUIET), tried(truth=QUIET, room="other")])
    row = dict(zip(*as_rows(found), strict=True))
    assert (row["F1"], row["first tag s"], row["false/h"]) == (
        "1.000 [1.000, 1.000]", "–", "0.0 [0.0, 0.0]",
    )  # fmt: skip
    assert row["nothing sold"] == "0 in 2.0 h"
    json.dumps(quality_json(found, {}), allow_nan=False)


def everything() -> list[Tried]:
    speech, vision = Variant(modality="speech"), Variant(modality="vision")
    low, other = Variant(rung="vision_only"), Variant(sets=("tag.enter=3",))
    wrong = ("B", 6_000, 19_000, 9_000, 9_500)
    late = ("A", 6_000, 19_000, 18_000, 18_500)
    return [
        one
        for room in ("one", "two")
        for one in (
            tried(EXACT, room=room),
            tried(wrong, room=room, variant=vision),
            tried(EXACT if room == "one" else wrong, room=room, variant=speech),
            tried(wrong, room=room, variant=low),
            tried(late, room=room, variant=other),
        )
    ]


def test_variants_are_held_against_the_one_that_differs_in_one_thing() -> None:
    found = differences(judged(everything()))
    assert [(one.variant.name, one.other.name) for one in found] == [
        ("cart-both", "cart-vision"),
        ("cart-both", "cart-speech"),
        ("cart-both-vision_only", "cart-both"),
        ("cart-both-tag.enter=3", "cart-both"),
    ]
    over_vision, over_speech, low, other = (one.f1 for one in found)
    assert (over_vision.value, over_vision.low) == (1.0, 1.0)
    assert (over_speech.value, over_speech.low, over_speech.high) == (0.5, 0.0, 1.0)
    assert (low.value, other.value) == (-1.0, 0.0)


def test_the_report_is_json_and_tells_every_room() -> None:
    told_of = quality_json(judged(everything()), {"tag": "as set"})
    made = json.loads(json.dumps(told_of, allow_nan=False))
    assert [one["variant"] for one in made["variants"]][:2] == ["cart-both", "cart-vision"]
    assert made["variants"][0]["first_tag_s"] == {"value": 2.0, "low": 2.0, "high": 2.0}
    assert made["variants"][1]["first_tag_s"]["value"] is None
    assert made["variants"][1]["never_told"]["value"] == 1.0
    assert len(made["rooms"]) == len(everything())
    assert made["rooms"][0]["first_tags"] == [
        {"product_id": "A", "start_ms": 5_000, "delay_s": 2.0, "worked_delay_s": 2.5}
    ]


def test_tables_tell_figures_with_intervals_and_what_is_never_told() -> None:
    found = judged(everything())
    rows = {row[0]: dict(zip(as_rows(found)[0], row, strict=True)) for row in as_rows(found)}
    assert rows["cart-both"]["F1"] == "1.000 [1.000, 1.000]"
    assert rows["cart-vision"]["first tag s"] == "never"
    assert rows["cart-speech"]["F1"] == "0.500 [0.000, 1.000]"
    assert rows["cart-both-tag.enter=3"]["first tag s"] == "11.0 [11.0, 11.0]"
    assert rows["cart-both"]["nothing sold"] == "–"
    assert difference_rows(found)[2][2] == "+0.500 [+0.000, +1.000]"
    text = as_markdown(found, ["two rooms"])
    assert "| two | 1.00 | 0.00 | 0.00 | 0.00 | 1.00 |" in text
    assert "- two rooms" in text


def test_variants_of_other_rooms_are_not_compared() -> None:
    with pytest.raises(InputError, match="compared on the same rooms"):
        judged([tried(EXACT), tried(EXACT, room="other", variant=Variant(modality="speech"))])
    with pytest.raises(InputError, match="compared on the same rooms"):
        judged([])
