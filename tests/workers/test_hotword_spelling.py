"""Names of a room in place of what sounds like them, where the sound bears it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.word_parts import parts_of
from workers.hotword_spelling import Spelling, SpellingOptions, believed, spellings
from workers.hotword_support import parts_of_all

MENU = ["americano", "iced mocha", "dark roast", "latte"]
SOME = ["ice", "iced", "mocha", "stark", "dark", "roast", "late", "a"]
DOUBTED, SURE = 0.4, 0.95


def heard(text: str, probability: float = DOUBTED) -> list[tuple[str, float]]:
    """Words as an aligner cuts them; what ends in `!` is sure, punctuation stands by itself."""
    return [
        (one if one in ".,?" else f" {one.rstrip('!')}", SURE if "!" in one else probability)
        for one in text.split()
    ]


def tried(text: str, names: list[str] = MENU) -> list[str]:
    words = heard(text)
    return [
        f"{''.join(word for word, _ in words[one.first : one.end]).strip()} -> {one.name}"
        for one in spellings(words, names, SpellingOptions())
    ]


@pytest.mark.parametrize(
    ("said", "names", "wanted"),
    [
        ("get! me! an! ice mocha with! milk!", MENU, ["ice mocha -> iced mocha"]),
        ("light! roast! lat ?", MENU, ["lat -> latte"]),
        ("the! levin dust remover works!", ["Leven Dusk Remover"], ["levin -> Leven"]),
        ("the! vel mora works!", ["Velmora"], ["vel mora -> Velmora"]),
        ("the! Cliff art works!", ["Oat Cookies by Clifart"], ["Cliff art -> Clifart"]),
    ],
)
def test_words_in_doubt_that_sound_like_a_name_are_tried(
    said: str, names: list[str], wanted: list[str]
) -> None:
    assert set(wanted) <= set(tried(said, names))


@pytest.mark.parametrize(
    "said",
    [
        "an! ice! mocha! please!",  # nothing is in doubt
        "an iced mocha please",  # the name stands there,
        "a light dark roast",  # also beside a word that is none of it
        "dark mocha roast",  # all of these are words of names
        "an ice , mocha",  # not said in one breath
        "a lot of meals",  # sounds like nothing of the menu: the letters are not those of latte
        "",
    ],
)
def test_other_words_are_left(said: str) -> None:
    assert tried(said) == []


def test_of_words_that_overlap_the_likest_stand_for_a_name() -> None:
    assert tried("a stark roast") == ["stark roast -> dark roast"]


@pytest.mark.parametrize("name", ["220 g", "花茶", "oz"])
def test_names_whose_sound_is_unknown_or_short_are_never_tried(name: str) -> None:
    assert tried("two hundred gee , ows", [name]) == []


def test_no_more_places_are_tried_than_allowed() -> None:
    words = heard("ice mocha " * 9)
    assert len(spellings(words, MENU, SpellingOptions(most=3))) == 3


def test_a_name_stands_if_it_costs_no_more_than_its_bonus() -> None:
    one, two = Spelling(1, 3, "iced mocha", 0.3), Spelling(5, 6, "latte", 0.4)
    assert believed([one, two], [-4.9, -5.1], 5.0) == [one]
    assert believed([one, two], [-5.1, 0.2], 5.0) == [two]
    assert believed([two, one], [0.1, -2.0], 5.0) == [one, two]


def test_of_names_for_the_same_words_the_likelier_one_stands() -> None:
    mocha, coffee = Spelling(1, 3, "iced mocha", 0.2), Spelling(2, 4, "iced coffee", 0.1)
    assert believed([mocha, coffee], [-3.0, -1.0], 5.0) == [coffee]


@given(
    text=st.lists(
        st.tuples(st.sampled_from(SOME), st.sampled_from([DOUBTED, SURE])), max_size=12
    )
)  # fmt: skip
def test_every_try_replaces_doubt_by_something_that_was_not_there(
    text: list[tuple[str, float]],
) -> None:
    words = [(f" {word}", probability) for word, probability in text]
    known = parts_of_all(MENU)
    for one in spellings(words, MENU, SpellingOptions()):
        run = [part for word, _ in words[one.first : one.end] for part in parts_of(word)]
        assert 0 <= one.first < one.end <= len(words)
        assert any(probability == DOUBTED for _, probability in words[one.first : one.end])
        assert not known.issuperset(run)
        assert f" {one.name} " not in f" {' '.join(run)} "
