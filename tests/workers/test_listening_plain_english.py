"""Words that are said and words that are written: what counts as the same."""

import sys

import pytest

from models.errors import InputError
from workers.listening.plain_english import plain_english


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("It is twelve dollars ninety, folks!", "it's $12.90 folks"),
        ("twelve dollars ninety", "$12 90"),
        ("twelve dollars ninety", "12 dollars 90"),
        ("one dollar fifty", "$1.50"),
        ("nine dollars", "$9"),
        ("three hundred and thirty millilitres", "330 ml"),
        ("one litre", "1 liter"),
        ("five hundred grams", "500g"),
        ("twenty-five percent", "25%"),
        ("the colour grey", "The color, gray."),
        ("two by three", "2x3"),
    ],
)
def test_one_thing_said_and_written_is_one(said: str, written: str) -> None:
    assert plain_english(said) == plain_english(written) != []


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("twelve dollars ninety", "twelve dollars nineteen"),
        ("one litre", "two litres"),
        ("a rose", "arose"),
    ],
)
def test_different_things_stay_different(said: str, heard: str) -> None:
    assert plain_english(said) != plain_english(heard)


def test_absent_transformers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers.models.whisper.english_normalizer", None)
    with pytest.raises(InputError, match=r"pip install 'liveshelf\[bench\]'"):
        plain_english("a word")
