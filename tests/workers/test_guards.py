"""Guards: each on words made by hand, alone, then in order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.events import Word
from workers.guards import (
    Evidence,
    GuardOptions,
    guarded,
    improbable,
    in_silence,
    known_phrase,
    no_speech,
    repetition,
    timeless,
)

OPTIONS = GuardOptions()
SPEECH = Evidence(log_probability=-0.2, no_speech=0.01, speech=((0, 60_000),), language="en")
UNLIKELY = replace(SPEECH, log_probability=-1.5, no_speech=0.7)


def said(text: str, probability: float = 0.9, start_ms: int = 0) -> tuple[Word, ...]:
    """Words of 200 ms, one after another."""
    return tuple(
        Word(
            text=part,
            start_ms=start_ms + 200 * index,
            end_ms=start_ms + 200 * index + 200,
            probability=probability,
        )
        for index, part in enumerate(text.split())
    )


def everything(words: tuple[Word, ...]) -> frozenset[int]:
    return frozenset(range(len(words)))


def test_unlikely_words_where_nobody_speaks_go() -> None:
    words = said("I'm going to make a salad")
    assert no_speech(words, UNLIKELY, OPTIONS) == everything(words)


@pytest.mark.parametrize(
    "evidence", [replace(UNLIKELY, no_speech=0.3), replace(UNLIKELY, log_probability=-0.5)]
)
def test_one_sign_of_no_speech_is_not_enough(evidence: Evidence) -> None:
    assert no_speech(said("this one is ten dollars"), evidence, OPTIONS) == frozenset()


def test_text_that_compresses_too_well_goes() -> None:
    words = said("we have it in red and " * 12)
    assert repetition(words, OPTIONS.compression) == everything(words)
    assert repetition(said("we have it in red and in blue"), OPTIONS.compression) == frozenset()


def test_words_without_length_at_the_end_go() -> None:
    heard = said("oat milk for you")
    again = tuple(replace_times(word, 800, 800) for word in heard)
    assert timeless(heard + again, 3) == frozenset({4, 5, 6, 7})
    assert timeless(heard + again[:2], 3) == frozenset()
    assert timeless(again + heard, 3) == frozenset()


def test_what_is_said_again_at_the_end_does_not_condemn_what_was_said() -> None:
    heard = said("have a look at this lovely mug, it holds half a litre")
    again = tuple(replace_times(word, 2_400, 2_400) for _ in range(4) for word in heard)
    assert repetition(heard + again[:-2], OPTIONS.compression)
    left = guarded(heard + again[:-2], SPEECH, replace(OPTIONS, names=(*OPTIONS.names[2:],)))
    assert left.words == heard
    assert left.verdicts == ("timeless_words",)


def replace_times(word: Word, start_ms: int, end_ms: int) -> Word:
    return word.model_copy(update={"start_ms": start_ms, "end_ms": end_ms})


def test_improbable_word_in_silence_goes() -> None:
    # voice   0 ....... 1000                2000 ....... 3000
    # words   one two three four five  SIX   (200 ms each; SIX from 1400)
    evidence = replace(SPEECH, speech=((0, 1_000), (2_000, 3_000)))
    words = (*said("one two three four five"), *said("six", probability=0.2, start_ms=1_400))
    assert in_silence(words, evidence, 0.5) == frozenset({5})
    likely = (*words[:5], *said("six", probability=0.8, start_ms=1_400))
    assert in_silence(likely, evidence, 0.5) == frozenset()


def test_words_that_are_improbable_together_go() -> None:
    words = said("I need to go to the gym", probability=0.3)
    assert improbable(words, SPEECH, OPTIONS) == everything(words)
    assert improbable(said("Zenhali stick", probability=0.5), SPEECH, OPTIONS) == frozenset()
    doubted = replace(SPEECH, no_speech=OPTIONS.doubt)
    assert improbable(said("Zenhali stick", probability=0.5), doubted, OPTIONS) == {0, 1}
    assert improbable(said("Zenhali stick", probability=0.7), doubted, OPTIONS) == frozenset()


def test_a_word_said_before_and_a_hotword_are_no_evidence_of_speech() -> None:
    looped = (*said("coffee now", probability=0.1), *said("coffee now " * 2, probability=0.99))
    assert improbable(looped, SPEECH, OPTIONS) == everything(looped)
    order = (*said("brew and", probability=0.2), *said("iced coffee"))
    menu = replace(SPEECH, hotwords=frozenset({"iced", "coffee"}))
    assert improbable(order, menu, OPTIONS) == frozenset()
    assert improbable(order, replace(UNLIKELY, hotwords=menu.hotwords), OPTIONS) == everything(
        order
    )
    brand = (*said("Zenhali", probability=0.01), *said("lipstick", probability=0.6))
    assert improbable(brand, replace(SPEECH, hotwords=frozenset({"zenhali"})), OPTIONS) == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thank you for watching!"),
        ("en", "Thank you. Thank you."),
        ("zh", "谢谢 观看"),
        ("ja", "ご視聴ありがとうございました。"),
        ("de", "Vielen Dank fürs Zuschauen."),
        ("en", "... !"),
        (None, "Merci."),
    ],
)
def test_known_phrase_alone_goes_where_little_speaks_for_it(
    language: str | None, text: str
) -> None:
    words = said(text)
    weak = replace(SPEECH, language=language, log_probability=-0.7)
    assert known_phrase(words, weak, OPTIONS) == everything(words)
    brief = replace(SPEECH, language=language, speech=((0, 600),))
    assert known_phrase(words, brief, OPTIONS) == everything(words)


def test_a_host_may_thank() -> None:
    assert known_phrase(said("Thank you very much."), SPEECH, OPTIONS) == frozenset()
    weak = replace(SPEECH, log_probability=-0.7)
    assert known_phrase(said("Thank you, this mug is yours."), weak, OPTIONS) == frozenset()


@pytest.mark.parametrize("language", ["en", "zh", "xx", None])
def test_credits_go_wherever_they_stand(language: str | None) -> None:
    evidence = replace(SPEECH, language=language)
    words = said("buy it now Subtitles by the Amara.org community")
    assert known_phrase(words, evidence, OPTIONS) == frozenset(range(3, 8))
    chinese = said("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目")
    assert known_phrase(chinese, evidence, OPTIONS) == everything(chinese)
    named = said("Subtitles by John Doe")
    assert known_phrase(named, evidence, OPTIONS) == everything(named)
    assert known_phrase(said("the subtitles by John are late"), evidence, OPTIONS) == frozenset()


def test_what_goes_leaves_its_stretch_and_its_guard() -> None:
    words = said("go on this is it " + "oat milk " * 4 + "so good")
    left = guarded(words, SPEECH, OPTIONS)
    assert " ".join(word.text for word in left.words) == "go on this is it oat milk so good"
    assert left.verdicts == ("loop",)
    assert left.thrown_away == ((1_400, 2_600, "loop"),)


def test_hotwords_that_were_not_heard_go() -> None:
    left = guarded(said("a mocha please"), SPEECH, OPTIONS, lambda _: frozenset({1}))
    assert [word.text for word in left.words] == ["a", "please"]
    assert left.verdicts == ("hotword_not_heard",)


def test_likelihood_is_told_even_where_words_stay() -> None:
    left = guarded(said("this one"), replace(UNLIKELY, no_speech=0.1), OPTIONS)
    assert left.verdicts == ("low_log_probability",)
    assert len(left.words) == 2


@pytest.mark.parametrize("name", OPTIONS.names)
def test_a_guard_that_is_off_throws_nothing_away(name: str) -> None:
    words = said("thank you " * 20, probability=0.01, start_ms=90_000)
    off = replace(OPTIONS, names=tuple(one for one in OPTIONS.names if one != name))
    assert name not in guarded(words, UNLIKELY, off, everything).verdicts
    assert guarded(words, UNLIKELY, replace(OPTIONS, names=()), everything).words == words


@given(
    st.lists(st.sampled_from(["oat", "milk", "you", "thank", "the", "$5"]), max_size=30),
    st.floats(0, 1),
    st.floats(-3, 0),
    st.floats(0, 1),
)
def test_guards_only_throw_away_and_say_so(
    parts: list[str], probability: float, log_probability: float, silent: float
) -> None:
    words = said(" ".join(parts), probability)
    evidence = Evidence(log_probability, silent, ((0, 2_000),), "en")
    left = guarded(words, evidence, OPTIONS)
    kept = [word for word in words if word in left.words]
    assert list(left.words) == kept
    gone = [word for word in words if word not in kept]
    stretches = [(start, end) for start, end, _ in left.thrown_away]
    assert all(any(a <= w.start_ms and w.end_ms <= b for a, b in stretches) for w in gone)
    assert {name for *_, name in left.thrown_away} <= set(left.verdicts)
