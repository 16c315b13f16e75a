"""Hotwords against two witnesses that know nothing of the prompt."""

import pytest

from workers.events import Word
from workers.hotword_support import doubtful_hotwords, unsupported_hotwords

MENU = ["americano", "iced mocha", "dark roast", "Velmora"]


def words(*parts: tuple[str, float]) -> tuple[Word, ...]:
    return tuple(
        Word(text=text, start_ms=400 * i, end_ms=400 * i + 400, probability=probability)
        for i, (text, probability) in enumerate(parts)
    )


def doubted(*parts: tuple[str, float], tokens: int = 1) -> list[str]:
    heard = words(*parts)
    return [heard[place].text for place in doubtful_hotwords(heard, MENU, lambda _: tokens)]


def test_only_improbable_hotwords_are_in_doubt() -> None:
    heard = (("a", 0.01), ("dark", 0.6), ("Roast,", 0.02), ("mocha", 0.05), ("tea", 0.01))
    assert doubted(*heard) == ["Roast,", "mocha"]


def test_tokens_that_follow_by_themselves_do_not_hide_an_improbable_one() -> None:
    # americano = A .00 | mer .98 | icano .98: .65 on average
    assert doubted(("americano", 0.65), tokens=3) == ["americano"]
    assert doubted(("americano", 0.98), tokens=3) == []


def test_a_word_in_doubt_is_in_doubt_again() -> None:
    assert doubted(("roast", 0.0), ("roast", 0.99)) == ["roast", "roast"]
    assert doubted(("roast", 0.99), ("roast", 0.99)) == []


@pytest.mark.parametrize("written", ["rose", "crost", "dark-crost", "ro st"])
def test_what_sounds_like_it_speaks_for_a_hotword(written: str) -> None:
    heard = words(("dark", 0.9), ("roast", 0.01))
    plain = words(("duck", 0.2), *((part, 0.2) for part in written.split()))
    assert unsupported_hotwords(heard, [1], plain) == ()


def test_in_believable_speech_a_distant_likeness_is_enough() -> None:
    heard = words(("iced", 0.9), ("mocha", 0.01), ("with", 0.9), ("milk", 0.9))
    plain = words(("ice", 0.8), ("mug", 0.3), ("with", 0.99), ("milk", 0.9))
    assert unsupported_hotwords(heard, [1], plain) == ()
    noise = words(("ice", 0.1), ("mug", 0.1), ("with", 0.1), ("milk", 0.2))
    assert unsupported_hotwords(heard, [1], noise) == (1,)


@pytest.mark.parametrize("plain", [(), (("I", 0.05),), (("You're", 0.9), ("sure?", 0.9))])
def test_a_hotword_where_nothing_like_it_is_heard_is_unsupported(
    plain: tuple[tuple[str, float], ...],
) -> None:
    assert unsupported_hotwords(words(("americano", 0.0)), [0], words(*plain)) == (0,)


def test_a_witness_at_another_time_does_not_count() -> None:
    heard = words(("Velmora", 0.0))
    late = tuple(
        word.model_copy(update={"start_ms": 1_200, "end_ms": 1_600})
        for word in words(("velmora", 0.9))
    )
    assert unsupported_hotwords(heard, [0], late) == (0,)
    assert unsupported_hotwords(heard, [0], words(("vel", 0.5), ("mora", 0.5))) == ()
