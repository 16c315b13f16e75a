"""Sound-alike terms: the same everywhere, and near for what sounds alike."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sounds import DIMENSIONS, contained, overlap, terms


@given(text=st.text(max_size=80))
def test_terms_have_length_one_or_are_none(text: str) -> None:
    found = terms(text)
    assert all(0 <= term < DIMENSIONS for term in found)
    length = math.sqrt(sum(weight * weight for weight in found.values()))
    assert length == pytest.approx(1.0) if found else not any(c.isalnum() for c in text)


@pytest.mark.parametrize(
    ("heard", "right", "wrong"),
    [
        ("ugly yolk milk", "Oatly Oat Milk", "Otrivin Nasal Spray"),
        ("Otley oatmeal", "Oatly Oat Milk", "Ostro Olive Oil"),
        ("dark rose coffee", "Nober Dark Roast Coffee", "Nober Decaf Tea"),
        ("the more narrow tooth paste", "Marnaro Toothpaste", "Marble Chess Board"),
    ],
)
def test_what_whisper_heard_is_nearer_to_the_right_title(
    heard: str, right: str, wrong: str
) -> None:
    speech = terms(heard)
    assert overlap(speech, terms(right)) > overlap(speech, terms(wrong))
    assert contained(terms(right), speech) > contained(terms(wrong), speech)


def test_terms_are_the_same_in_another_process() -> None:
    code = "from models.sounds import terms; print(sorted(terms('Café Zephyr 3')))"
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert said.strip() == str(sorted(terms("cafe\u0301 ZEPHYR, 3")))


def test_other_scripts_keep_their_character_grams() -> None:
    assert overlap(terms("燕麦奶"), terms("燕麦奶 咖啡")) > 0.5


def test_words_that_say_much_more_do_not_lower_what_is_contained() -> None:
    title = terms("Oatrelle Vanilla")
    long = terms("so today we look at the oatrelle vanilla which many of you asked for")
    assert contained(title, long) == pytest.approx(1.0)
    assert overlap(title, long) < 0.8
    assert contained(title, {}) == 0.0
    assert terms(" ... ") == {}
