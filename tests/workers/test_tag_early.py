"""Tags that pictures start before the words of their clips are known. Clips come every 2.5 s."""

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.tag_rooms import as_they_stand, lives, pushed
from tests.workers.test_belief import ADDED_UP, CLEAR, NONE, OPTIONS, WEAK, shows
from workers.events import ClipText, Match
from workers.tag import Tagger


def early(whole: Match) -> Match:
    return whole.model_copy(update={"early": True, "revision": 0})


def spoken(whole: Match, words: str = "have a look at A") -> Match:
    return whole.model_copy(update={"revision": 1, "text": ClipText(transcript=words)})


def test_a_tag_is_there_with_the_pictures_and_is_told_again_with_the_words() -> None:
    # clip       0     1     2     3     4     5
    # pictures   .     A     A     A
    # whole                           0     1       (the words of clips 0 and 1 come behind 3)
    clips = shows(NONE, CLEAR, CLEAR, CLEAR, CLEAR, NONE)
    order = [*map(early, clips[:4]), spoken(clips[0], "hello"), spoken(clips[1])]
    tags = pushed(Tagger("room", ADDED_UP, OPTIONS), order)
    assert lives(tags) == [("started", "A", 3.75), ("updated", "A", 3.75)]
    assert [tag.evidence.words for tag in tags] == ["", "have a look at A"]
    assert [tag.slot for tag in tags] == [1, 1]
    assert len({tag.event_id for tag in tags}) == 2


def test_words_that_speak_against_what_was_seen_withdraw_it() -> None:
    clips = shows(NONE, CLEAR, NONE, NONE)
    against = spoken(clips[1]).model_copy(update={"candidates": clips[0].candidates})
    tags = pushed(Tagger("room", ADDED_UP, OPTIONS), [*map(early, clips[:3]), against])
    assert [(tag.status, tag.withdrawn) for tag in tags][-1] == ("corrected", True)


def test_words_that_move_the_clip_at_which_a_start_is_earned_leave_the_tag_the_same() -> None:
    # clip       0     1     2     3
    # pictures   .     a     a     a      weak: three of them start A, back to clip 1
    # whole                  A            clear: these two would have, back to clip 1
    clips = shows(NONE, WEAK, WEAK, WEAK, CLEAR, NONE)
    clear = spoken(clips[2]).model_copy(update={"candidates": clips[4].candidates})
    tags = pushed(Tagger("room", ADDED_UP, OPTIONS), [*map(early, clips[:4]), clear])
    assert lives(tags) == [("started", "A", 3.75), ("updated", "A", 3.75)]
    assert [tag.slot for tag in tags] == [3, 2]
    assert len({tag.tag_id for tag in tags}) == 1


def test_a_tag_that_words_withdrew_and_the_next_clips_bring_back_is_corrected() -> None:
    # clip       0     1     2     3
    # pictures   .     A                  started
    # whole            a                  weak: withdrawn
    # pictures               a     a      weak: together they are enough after all, from clip 1 on
    clips = shows(NONE, CLEAR, WEAK, WEAK, NONE)
    weak = spoken(clips[1]).model_copy(update={"candidates": clips[2].candidates})
    order = [*map(early, clips[:2]), weak, *map(early, clips[2:4])]
    tags = pushed(Tagger("room", ADDED_UP, OPTIONS), order)
    assert [(tag.status, tag.withdrawn, tag.revision) for tag in tags] == [
        ("started", False, 0), ("corrected", True, 1), ("corrected", False, 2),
    ]  # fmt: skip
    assert len({tag.tag_id for tag in tags}) == 1
    assert len({tag.event_id for tag in tags}) == 3


def test_words_of_a_tag_that_has_ended_do_not_update_it() -> None:
    clips = shows(CLEAR, NONE, NONE, NONE, NONE)
    order = [*map(early, clips[:4]), spoken(clips[0])]
    tags = pushed(Tagger("room", ADDED_UP, OPTIONS), order)
    assert [tag.status for tag in tags] == ["started", "ended"]


@given(st.lists(st.sampled_from([CLEAR, NONE]), min_size=2, max_size=12), st.data())
def test_pictures_first_end_in_the_tags_of_the_whole_clips(
    shown: list[dict[str, float]], data: st.DataObject
) -> None:
    clips = [one.model_copy(update={"revision": 1}) for one in shows(*shown)]
    waits = [slot + data.draw(st.integers(0, 5)) for slot in range(len(clips))]
    # Both forms of each clip, the whole one some clips later, and the last of all at the end.
    timed = [(slot, 0, early(one)) for slot, one in enumerate(clips[:-1])]
    timed += [(wait, 1, one) for wait, one in zip(waits[:-1], clips[:-1], strict=True)]
    order = [one for *_, one in sorted(timed, key=lambda some: (some[0], some[1], some[2].slot))]
    tags = pushed(Tagger("room", ADDED_UP, OPTIONS), [*order, clips[-1]])
    whole = pushed(Tagger("room", ADDED_UP, OPTIONS), clips)
    assert as_they_stand(tags) == as_they_stand(whole)
