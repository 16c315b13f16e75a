"""Sound-alike terms: the same everywhere, and near for what sounds alike."""

import math
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rarity import Rarity
from models.sounds import DIMENSIONS, contained, heard, named, overlap, terms, title_weights


def has_words(text: str) -> bool:
    """Letters or digits, also such as hide in one sign with others: ㈀ is (ᄀ)."""
    return any(sign.isalnum() for sign in unicodedata.normalize("NFKD", text.casefold()))


@example(text="㈀")
@given(text=st.text(max_size=80))
def test_terms_have_length_one_or_are_none(text: str) -> None:
    found = terms(text)
    assert all(0 <= term < DIMENSIONS for term in found)
    length = math.sqrt(sum(weight * weight for weight in found.values()))
    assert length == pytest.approx(1.0) if found else not has_words(text)


@example(text="㈀")
@given(text=st.text(max_size=80))
def test_a_titles_weights_are_above_zero_and_below_one_together(text: str) -> None:
    weights = title_weights(text)
    assert all(0 <= term < DIMENSIONS and weight > 0 for term, weight in weights.items())
    assert math.fsum(weights.values()) < 1
    assert bool(weights) == has_words(text)
    assert list(weights) == sorted(weights)


@given(title=st.text(max_size=40), speech=st.text(max_size=60))
def test_contained_is_what_a_slow_loop_says(title: str, speech: str) -> None:
    weights, said = title_weights(title), heard(speech)
    slow = 0.0
    for term, weight in weights.items():
        for other, one in said.items():
            slow += weight * one if term == other else 0.0
    assert contained(weights, said) == pytest.approx(slow)
    assert set(said.values()) <= {1.0}


@given(title=st.text(max_size=40), first=st.text(max_size=40), more=st.text(max_size=40))
def test_hearing_more_never_lowers_what_is_contained(title: str, first: str, more: str) -> None:
    weights = title_weights(title)
    before, after = heard(first), heard(f"{first} {more}")
    for measure in (contained, named):
        assert 0 <= measure(weights, before) <= measure(weights, after) < 1


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    weights = title_weights("Zorvaxi with you")
    rare, common = (contained(weights, heard(word)) for word in ("zorvaxi", "with you"))
    assert rare > 2.5 * common
    # Where everything is as rare as anything, only the number of grams counts.
    even = title_weights("Zorvaxi with you", Rarity(1_000, {}))
    rare, common = (contained(even, heard(word)) for word in ("zorvaxi", "with you"))
    assert common < rare < 2 * common


def test_of_two_titles_that_were_said_the_longer_one_was_named_more() -> None:
    said = heard("this is the oatrelle vanilla drink")
    short, long = (title_weights(title) for title in ("Vanilla", "Oatrelle Vanilla Drink"))
    assert contained(short, said) < contained(long, said)


def test_talk_that_names_nothing_is_no_evidence() -> None:
    talk = heard("thank you all for coming tonight it is lovely to see so many of you here again")
    for title in ("Oatrelle Vanilla Oat Drink 1 l", "Zorvaxi Dark Roast Coffee 500 g"):
        assert named(title_weights(title), talk) == 0
    # A title of common words that was said in full was named all the same.
    assert named(title_weights("Oat milk"), heard("a glass of oat milk")) > 0.1


@pytest.mark.parametrize(
    ("said", "right", "wrong"),
    [
        ("ugly yolk milk", "Oatly Oat Milk", "Otrivin Nasal Spray"),
        ("Otley oatmeal", "Oatly Oat Milk", "Ostro Olive Oil"),
        ("dark rose coffee", "Nober Dark Roast Coffee", "Nober Decaf Tea"),
        ("the more narrow tooth paste", "Marnaro Toothpaste", "Marble Chess Board"),
    ],
)
def test_what_whisper_heard_is_nearer_to_the_right_title(said: str, right: str, wrong: str) -> None:
    speech = terms(said)
    assert overlap(speech, terms(right)) > overlap(speech, terms(wrong))
    good, bad = (contained(title_weights(title), heard(said)) for title in (right, wrong))
    assert good > bad


def test_terms_are_the_same_in_another_process() -> None:
    code = (
        "from models.sounds import heard, terms, title_weights as weights\n"
        "t = 'Café Zephyr 3'; print(sorted(terms(t)), sorted(heard(t)), sorted(weights(t).items()))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    text = "cafe\u0301 ZEPHYR, 3"
    here = f"{sorted(terms(text))} {sorted(heard(text))} {sorted(title_weights(text).items())}"
    assert said.strip() == here


def test_other_scripts_keep_their_character_grams() -> None:
    assert overlap(terms("燕麦奶"), terms("燕麦奶 咖啡")) > 0.5
    assert contained(title_weights("燕麦奶 咖啡"), heard("燕麦奶")) > 0


def test_words_that_say_much_more_do_not_lower_what_is_contained() -> None:
    title = title_weights("Oatrelle Vanilla")
    text = "so today we look at the oatrelle vanilla which many of you asked for"
    whole = math.fsum(title.values())
    assert contained(title, heard(text)) == pytest.approx(whole)
    assert overlap(terms("Oatrelle Vanilla"), terms(text)) < 0.8
    assert contained(title, {}) == 0.0
    assert terms(" ... ") == heard(" ... ") == title_weights(" ... ") == {}
