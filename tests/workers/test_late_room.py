"""A whole room whose media come late, out of order and twice, from its frames to its tags.

Pictures are letters, and a clip shows the product whose letter most of them are.

    pictures   A A A A A A A A . . . . B B B B B B B B ...      one every half second, A for 8 s
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.tag_rooms import COUNTED, RULE, as_they_stand, pushed
from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.events import Candidate, Frame, Match, Tag, Vector
from workers.match_machine import MatchMachine
from workers.tag import Tagger


def frames(text: str) -> list[Frame]:
    """One letter per second; a dot shows nothing."""
    shown = [letter for letter in text for _ in range(2)]
    return [
        Frame(
            stream_id="room", slot=slot, start_ms=slot * 500, end_ms=slot * 500 + 500,
            watermark_ms=slot * 500 + 500, at_ms=slot * 500, choice="kept",
            payload=letter.encode(), last=slot == len(shown) - 1,
        )
        for slot, letter in enumerate(shown)
    ]  # fmt: skip


def encoded(clip: Clip) -> Vector:
    shown = b"".join(picture for _, picture in clip.frames)
    return Vector(
        stream_id=clip.stream_id, slot=clip.slot, start_ms=clip.start_ms, end_ms=clip.end_ms,
        watermark_ms=clip.watermark_ms, last=clip.last, revision=clip.revision, payload=shown,
        fingerprint="f1",
    )  # fmt: skip


def matched(vector: Vector) -> Match:
    letter, count = (Counter(vector.payload.decode()).most_common(1) or [(".", 0)])[0]
    score = count / max(1, len(vector.payload))
    found = () if letter == "." else (Candidate(product_id=letter, score=score),)
    fields = vector.model_dump(include=set(Match.model_fields) - {"present", "frames", "text"})
    return Match.model_validate({**fields, "candidates": found})


def told(media: Iterable[Frame]) -> tuple[list[Tag], bool]:
    """Every tag event, and whether the room ended."""
    align = Aligner("room", ("video",), AlignOptions())
    match = MatchMachine("room")
    tagger = Tagger("room", RULE, replace(COUNTED, update_every=3))
    tags = []
    for frame in media:
        for clip in align.push(frame):
            for vector in match.push(encoded(clip)):
                tags += pushed(tagger, [matched(vector)])
    return tags, tagger.done


def test_room_in_order_has_no_corrections() -> None:
    tags, done = told(frames("AAAAAAAA......BBBBBBBBBB....."))
    assert [(tag.status, tag.product_id) for tag in tags if tag.status != "updated"] == [
        ("started", "A"), ("ended", "A"), ("started", "B"), ("ended", "B"),
    ]  # fmt: skip
    assert done


def test_frames_that_come_when_the_end_was_told_move_it() -> None:
    media = frames("AAAAAAAAAA.........")
    # 6 s to 10 s come when all that follows up to 18 s has come.
    late = [*media[:12], *media[20:36], *media[12:20], *media[36:]]
    tags, _ = told(late)
    assert "corrected" in [tag.status for tag in tags]
    assert as_they_stand(tags) == as_they_stand(told(media)[0])


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Frame], list[Frame]]:
    """A room in order, and with each frame behind at most 8 s of those that follow, some twice."""
    media = frames(draw(st.text(alphabet="AB.", min_size=4, max_size=30)))
    places = [number + draw(st.integers(0, 16)) for number in range(len(media))]
    order = sorted(range(len(media)), key=lambda number: places[number])
    shuffled: list[Frame] = []
    for number in order:
        shuffled.append(media[number])
        if draw(st.integers(0, 7)) == 0:
            shuffled.append(draw(st.sampled_from(shuffled)))
    return media, shuffled


@given(deliveries())
def test_shuffled_doubled_and_late_delivery_ends_in_the_same_tags(
    case: tuple[list[Frame], list[Frame]],
) -> None:
    media, shuffled = case
    expected, ended = told(media)
    tags, done = told(shuffled)
    assert ended
    assert done
    assert as_they_stand(tags) == as_they_stand(expected)
    assert len({tag.event_id for tag in tags}) == len(tags)
