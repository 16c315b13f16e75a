"""A whole room whose words come long after its pictures, from its media to its tags.

Pictures and words are letters. A clip of pictures alone shows the product whose letter most of them
are; a whole one that with most letters at all, where a word weighs as much as four pictures.

    pictures   A A A A A A A A A A B B B B ...      two every second
    words      . . a a . . b b ...                  one every second, up to 20 s later
"""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.tag_rooms import RULE, as_they_stand, pushed
from tests.workers.test_align import summary, transcript
from tests.workers.test_late_room import frames
from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.events import Candidate, GridEvent, Match, Tag, Vector
from workers.match_machine import MatchMachine
from workers.tag import Tagger, TagOptions

SECONDS = 30
TAGS = TagOptions(update_every=3)
"""Each clip counts by itself."""
LETTERS = st.text(alphabet="AB.", min_size=SECONDS, max_size=SECONDS)


def encoded(clip: Clip) -> Vector:
    shown = "".join(picture.decode() for _, picture in clip.frames)
    said = "".join(clip.text.transcript.split()).upper()
    return Vector(
        stream_id=clip.stream_id, slot=clip.slot, start_ms=clip.start_ms, end_ms=clip.end_ms,
        watermark_ms=clip.watermark_ms, last=clip.last, revision=clip.revision,
        early=clip.early, payload=(shown + 4 * said).encode(), fingerprint="f1",
    )  # fmt: skip


def matched(vector: Vector) -> Match:
    letters = vector.payload.decode()
    letter, count = (Counter(letters).most_common(1) or [(".", 0)])[0]
    score = count / max(1, len(letters))
    found = () if letter == "." else (Candidate(product_id=letter, score=score),)
    fields = vector.model_dump(include=set(Match.model_fields) - {"present", "frames", "text"})
    return Match.model_validate({**fields, "candidates": found})


def topics(pictures: str, words: str) -> tuple[list[GridEvent], ...]:
    heard = [transcript(n, "" if w == "." else w, last=n == SECONDS - 1)
             for n, w in enumerate(words)]  # fmt: skip
    summed = [summary(n, last=n == SECONDS // 5 - 1) for n in range(SECONDS // 5)]
    return [*frames(pictures)], [*heard], [*summed]


def delayed(pictures: str, words: str, heard_ms: int, summed_ms: int) -> list[GridEvent]:
    """The room's media in the order in which they come: words and summaries so long after."""
    shown, heard, summed = topics(pictures, words)
    timed = [
        *((one.watermark_ms, one) for one in shown),
        *((one.watermark_ms + heard_ms, one) for one in heard),
        *((one.watermark_ms + summed_ms, one) for one in summed),
    ]
    return [one for _, one in sorted(timed, key=lambda pair: pair[0])]


def told(
    media: Sequence[GridEvent], *, early: bool, left_out: Sequence[int] = ()
) -> list[tuple[Tag, int]]:
    """Every tag event of a room that ends, and how far pictures had come when it was told.

    Clips are made of pictures first, but not at the slots `left_out`, where the encoder is behind;
    or whole only.
    """
    align = Aligner("room", ("audio", "video"), AlignOptions(early=early))
    match, tagger = MatchMachine("room"), Tagger("room", RULE, TAGS)
    tags: list[tuple[Tag, int]] = []
    seen_ms = 0
    for event in media:
        seen_ms = event.watermark_ms if event.kind == "frame" else seen_ms
        for clip in align.push(event):
            if not (clip.early and clip.slot in left_out):
                found = pushed(tagger, map(matched, match.push(encoded(clip))))
                tags += [(tag, seen_ms) for tag in found]
    assert tagger.done
    return tags


def ends_in(tags: Sequence[tuple[Tag, int]]) -> list[tuple[object, ...]]:
    return as_they_stand(tag for tag, _ in tags)


def test_product_that_is_seen_is_told_before_anything_of_it_is_heard() -> None:
    # pictures   A from 0 s on: clips 0 and 1 show it, and have passed at 7.5 s
    # summaries  7 s after; the one that covers clip 1 ends at 10 s
    media = delayed("A" * SECONDS, "." * SECONDS, 5_000, 7_000)
    (first, first_ms), *_ = told(media, early=True)
    (later, later_ms), *_ = told(media, early=False)
    assert first.status == later.status == "started"
    assert first.tag_id == later.tag_id
    assert (first_ms, later_ms) == (7_500, 17_000)


@settings(max_examples=30)
@given(LETTERS, LETTERS, st.integers(0, 12_000), st.integers(0, 40_000))
def test_however_late_words_are_the_room_ends_in_the_tags_of_its_whole_clips(
    pictures: str, words: str, heard_ms: int, summed_ms: int
) -> None:
    media = delayed(pictures, words, heard_ms, summed_ms)
    assert ends_in(told(media, early=True)) == ends_in(told(media, early=False))


@settings(max_examples=30)
@given(LETTERS, LETTERS, st.sets(st.integers(0, 11)), st.permutations((0, 1, 2)))
def test_topics_read_one_after_the_other_by_an_encoder_that_is_behind_end_in_the_same_tags(
    pictures: str, words: str, left_out: set[int], order: list[int]
) -> None:
    parts = topics(pictures, words)
    media = [event for place in order for event in parts[place]]
    expected = ends_in(told(delayed(pictures, words, 0, 0), early=False))
    assert ends_in(told(media, early=True, left_out=sorted(left_out))) == expected
