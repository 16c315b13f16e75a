"""A spoken script laid out in time.

said     ...  a a a   b b b   c c  ...      words of the segments
sold          |--A-----|--B--|               a product is for sale a little before and after
truth    none         A     B    none
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from workers.rooms.hardships import Suffered
from workers.rooms.phrases import Line
from workers.rooms.script import Segment
from workers.rooms.timeline import RATE_HZ, Cut, Heard, Sold, Timeline, speak
from workers.rooms.voices import Samples


class Hum:
    """A host who hums for 50 ms a word."""

    def sound(self, text: str) -> Samples:
        size = RATE_HZ * len(text.split()) // 20
        return np.full(size, 0.3, dtype=np.float32)


def segment(*texts: str, product_id: str | None = None, quiet_s: float = 0.6) -> Segment:
    return Segment(tuple(Line(text, "pitch") for text in texts), product_id, quiet_s)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 1_000),
    plan=st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c"]), st.integers(1, 4), st.floats(0, 1.5)),
        min_size=1,
        max_size=8,
    ),
)
def test_truth_covers_every_word_and_leaves_no_two_products_at_once(
    seed: int, plan: list[tuple[str | None, int, float]]
) -> None:
    script = [
        segment(*(["one two three four"] * count), product_id=product_id, quiet_s=quiet_s)
        for product_id, count, quiet_s in plan
    ]
    pieces, timeline = speak(script, [Hum()], seed)
    assert [one.product_id for one in timeline.sold] == [name for name, *_ in plan if name]
    for before, after in pairwise(timeline.sold):
        assert before.end_ms <= after.start_ms
    for one, other in pairwise(timeline.sentences):
        assert one.end_ms <= other.start_ms + 1
    assert [start_ms for start_ms, _ in pieces] == [one.start_ms for one in timeline.sentences]
    for sentence, (_, sound) in zip(timeline.sentences, pieces, strict=True):
        assert sentence.end_ms - sentence.start_ms == round(1000 * sound.size / RATE_HZ)
        if sentence.product_id is not None:
            sold = timeline.at((sentence.start_ms + sentence.end_ms) / 2)
            assert sold is not None
            assert sold.product_id == sentence.product_id
    free = timeline.without_product()
    assert all(end - start >= 1_000 for start, end in free)
    assert not any(timeline.at(ms) for start, end in free for ms in (start, (start + end) / 2))


def test_short_change_between_two_products_is_no_stretch_without_one() -> None:
    script = [
        segment("now the first", product_id="a", quiet_s=0.5),
        segment("now the second", product_id="b"),
    ]
    _, timeline = speak(script, [Hum()], seed=1)
    a, b = timeline.sold
    assert b.start_ms - a.end_ms < 1_000
    assert (a.end_ms, b.start_ms) not in timeline.without_product()


def test_second_host_says_the_lines_that_are_theirs() -> None:
    class Silent(Hum):
        def sound(self, text: str) -> Samples:
            return super().sound(text) * 0

    lines = (Line("one two", "pitch"), Line("three four", "reply", host=1))
    pieces, timeline = speak([Segment(lines)], [Hum(), Silent()], seed=1)
    assert [bool(np.any(sound)) for _, sound in pieces] == [True, False]
    assert [one.host for one in timeline.sentences] == [0, 1]


def test_bed_goes_on_between_neighbours_and_ends_with_the_last() -> None:
    parts = [
        Segment((Line("one", "opening"),), bed="pad"),
        Segment((Line("two", "bridge"),), bed="hum"),
        Segment((Line("three", "bridge"),), bed="hum"),
        Segment((Line("four", "bridge"),)),
    ]
    _, timeline = speak(parts, [Hum()], seed=1)
    starts = [one.start_ms for one in timeline.sentences]
    assert timeline.beds == (
        Heard("pad", starts[0], starts[1]),
        Heard("hum", starts[1], starts[3]),
    )


def test_second_voice_begins_before_the_first_has_ended_and_the_next_waits_for_both() -> None:
    """Who cuts in is heard at once with the end of the sentence before.

    first   |-----------|
    cuts in         |-------|
    next                       |---|
    """
    lines = (
        Line("one two three four", "pitch"),
        Line("five six seven", "reply", host=1, over_ms=60),
        Line("eight", "pitch"),
    )
    _, timeline = speak([Segment(lines, "a")], [Hum(), Hum()], seed=1)
    first, cut_in, after = timeline.sentences
    assert cut_in.start_ms == first.end_ms - 60
    assert after.start_ms >= max(first.end_ms, cut_in.end_ms)
    assert timeline.sold[0].end_ms >= after.end_ms


def test_hardships_last_as_long_as_their_segment_or_their_lines() -> None:
    """Of a segment: light. Of lines next to each other: talk.

    said         a  talk talk  a      b
    bad-light    |-------------|
    off-topic       |--------|
    """
    talk = (
        Line("two", "chatter", hardship="off-topic"),
        Line("three", "chatter", hardship="off-topic"),
    )
    dark = Segment((Line("one", "pitch"), *talk, Line("four", "pitch")), "a",
                   hardships=frozenset(("bad-light",)))  # fmt: skip
    _, timeline = speak([dark, Segment((Line("five", "pitch"),), "b")], [Hum()], seed=1)
    one, two, three, four, _ = timeline.sentences
    assert timeline.suffered == (
        Suffered("bad-light", one.start_ms, four.end_ms, "a"),
        Suffered("off-topic", two.start_ms, three.end_ms, "a"),
    )


def test_script_without_a_sentence_is_refused() -> None:
    with pytest.raises(InputError, match="no sentence"):
        speak([], [Hum()], seed=1)


def test_truth_says_what_is_sold_said_and_shown() -> None:
    lines = (Line("look", "pitch"), Line("not the other", "mention", about="b"))
    _, timeline = speak([Segment(lines, "a")], [Hum()], seed=1)
    cuts = [Cut(0, 900), Cut(900, 2_000, "a", "s1-00-stands.png", held=False, role="sold")]
    truth = timeline.truth(dict.fromkeys(["a"], "The A"), cuts, seed=1, shop="hearthside")
    assert truth["shop"] == "hearthside"
    assert truth["products"] == [
        {"product_id": "a", "title": "The A", **_times(timeline.sold[0])},
    ]
    second = truth["sentences"][1]  # type: ignore[index]
    assert second == {
        "text": "not the other", **_times(timeline.sentences[1]),
        "product_id": "a", "kind": "mention", "about": "b", "host": 0, "names": (),
        "hardship": None,
    }  # fmt: skip
    assert truth["shown"] == [
        {"start_ms": 0, "end_ms": 900, "product_id": None, "view": None, "held": False,
         "role": None},
        {"start_ms": 900, "end_ms": 2_000, "product_id": "a", "view": "s1-00-stands.png",
         "held": False, "role": "sold"},
    ]  # fmt: skip
    assert Timeline(5_000).truth({})["no_product"] == [{"start_ms": 0, "end_ms": 5_000}]


def _times(one: Sold | object) -> dict[str, object]:
    return {name: vars(one)[name] for name in ("start_ms", "end_ms")}
