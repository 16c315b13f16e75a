"""Speech without words: what counts as such, and what becomes of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.asr import Heard
from workers.events import Word
from workers.unheard_speech import (
    UnheardOptions,
    joined,
    part_of,
    unheard_speech,
    with_unheard,
)
from workers.utterances import HeardSlot, Utterance

LIMITS = UnheardOptions(tail_ms=1_500, hole_ms=3_000)


def word(start_ms: int, end_ms: int, text: str = "word") -> Word:
    return Word(text=text, start_ms=start_ms, end_ms=end_ms, probability=0.9)


def test_voice_behind_the_last_word_is_unheard() -> None:
    #      0    1    2    3    4    5    6 s
    # words |----|
    # voice |---------|    |---------|
    # found      |-------------------|
    words = [word(0, 1_000)]
    speech = [(0, 2_000), (3_000, 5_000)]
    assert unheard_speech(words, speech, (0, 6_000), LIMITS) == ((1_000, 5_000),)


def test_pause_behind_the_last_word_is_no_voice() -> None:
    #      0    1    2    3    4    5    6 s
    # words |----|
    # voice |------|
    assert unheard_speech([word(0, 1_000)], [(0, 1_400)], (0, 6_000), LIMITS) == ()


def test_end_of_the_last_word_is_no_part_of_what_follows_a_pause() -> None:
    #      0    1    2    3    4    5    6 s
    # words |----|
    # voice |------|       |---------|
    # found                |---------|
    speech = [(0, 1_400), (3_000, 5_000)]
    found = unheard_speech([word(0, 1_000)], speech, (0, 6_000), LIMITS)
    assert found == ((3_000, 5_000),)


def test_hole_between_words_must_be_longer_than_a_tail() -> None:
    #      0    1    2    3    4    5    6 s
    # short |----|         |----|
    # long  |----|              |----|
    # voice |------------------------|
    speech = [(0, 5_000)]
    short = [word(0, 1_000), word(3_000, 5_000)]
    long = [word(0, 1_000), word(4_000, 5_000)]
    assert unheard_speech(short, speech, (0, 6_000), LIMITS) == ()
    assert unheard_speech(long, speech, (0, 6_000), LIMITS) == ((1_000, 4_000),)


def test_words_said_again_without_length_cover_no_voice() -> None:
    #      0    1    2    3    4    5    6 s
    # words |----|                   ||
    # voice |------------------------|
    words = [word(0, 1_000), word(5_000, 5_000), word(5_000, 5_000)]
    assert unheard_speech(words, [(0, 5_000)], (0, 6_000), LIMITS) == ((1_000, 5_000),)


def test_voice_without_any_word_is_unheard_as_a_whole() -> None:
    assert unheard_speech([], [(500, 2_500)], (0, 6_000), LIMITS) == ((500, 2_500),)


def test_part_is_the_sound_of_its_stretch() -> None:
    samples = np.arange(16 * 4_000, dtype=np.int16)
    slots = (HeardSlot(0, 60_000, 64_000),)
    whole = Utterance("room", 60_000, 64_000, samples, slots, False, None, "Velmora")
    part = part_of(whole, (61_000, 63_500), "de")
    assert (part.start_ms, part.end_ms, part.language) == (61_000, 63_500, "de")
    assert part.hotwords == "Velmora"
    assert np.array_equal(part.samples, samples[16_000 : 16 * 3_500])


def test_words_of_a_part_stand_where_they_were_said() -> None:
    #      0    1    2    3    4    5    6 s
    # whole |-a--|              |-d--|
    # hole        |-b--|-c-|
    # tail                            |-e--|
    whole = Heard((word(0, 1_000, "a"), word(4_000, 5_000, "d")), ((0, 6_000),), "en", ("loop",))
    hole = Heard((word(1_100, 2_000, "b"), word(2_000, 3_000, "c")), ((1_000, 4_000),), "en")
    tail = Heard((word(5_100, 6_000, "e"),), ((5_000, 6_000),), "en")
    heard = joined(whole, [hole, tail])
    assert [one.text for one in heard.words] == ["a", "b", "c", "d", "e"]
    assert heard.speech == whole.speech
    assert heard.verdicts == ("loop",)


def test_part_that_is_not_believed_is_thrown_away_under_its_guard() -> None:
    whole = Heard((word(0, 1_000),), ((0, 4_000),), "en")
    noise = Heard(
        (), ((1_000, 4_000),), "en", ("improbable",), True, ((1_000, 2_000, "improbable"),)
    )
    heard = joined(whole, [noise])
    assert heard.words == whole.words
    assert not heard.is_rejected
    assert heard.verdicts == ("improbable",)
    assert heard.thrown_away[0] == (1_000, 4_000, "improbable")


def test_what_stays_without_words_is_told() -> None:
    heard = with_unheard(Heard((word(0, 1_000),), ((0, 4_000),), "en"), [(1_000, 4_000)])
    assert heard.verdicts == ("unheard",)
    assert heard.thrown_away == ((1_000, 4_000, "unheard"),)


@st.composite
def utterances(draw: st.DrawFn) -> tuple[list[Word], list[tuple[int, int]], int]:
    """Words and voice over some seconds, each in order."""
    times = sorted(draw(st.lists(st.integers(0, 15_000), min_size=4, max_size=40)))
    words = [word(a, b) for a, b in zip(times[::2], times[1::2], strict=False)]
    edges = sorted(draw(st.lists(st.integers(0, 15_000), max_size=12, unique=True)))
    return words, list(zip(edges[::2], edges[1::2], strict=False)), 15_000


@given(utterances())
def test_what_is_found_lies_between_words_and_within_the_voice(
    utterance: tuple[list[Word], list[tuple[int, int]], int],
) -> None:
    words, speech, end_ms = utterance
    for start_ms, stop_ms in unheard_speech(words, speech, (0, end_ms), LIMITS):
        assert stop_ms - start_ms >= LIMITS.tail_ms
        assert any(begin <= start_ms < end for begin, end in speech)
        assert any(begin < stop_ms <= end for begin, end in speech)
        timed = [one for one in words if one.end_ms > one.start_ms]
        assert not any(one.start_ms < stop_ms and one.end_ms > start_ms for one in timed)


@given(utterances())
def test_an_utterance_that_is_heard_whole_is_not_heard_again(
    utterance: tuple[list[Word], list[tuple[int, int]], int],
) -> None:
    words, _, end_ms = utterance
    spoken = [(one.start_ms, one.end_ms) for one in words if one.end_ms > one.start_ms]
    assert unheard_speech(words, spoken, (0, end_ms), LIMITS) == ()


@given(utterances())
def test_a_hearing_without_parts_stays_as_it_is(
    utterance: tuple[list[Word], list[tuple[int, int]], int],
) -> None:
    words, speech, _ = utterance
    heard = Heard(tuple(words), tuple(speech), "en", ("loop",), False, ((0, 1, "loop"),))
    assert joined(heard, []) == heard
    assert with_unheard(heard, []) is heard
