"""LPR4M's speech is cleaned as its authors do."""

import pytest

from models.errors import InputError
from models.formats.lpr4m_speech import clip_words, training_words


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("大家好 0.12 1.50\x01欢迎|来 1.6 2.4", "大家好欢迎来"),
        ("好 1 2\x01\x01 ", "好"),
        ("", None),
        ("null", None),
    ],
)
def test_first_words_of_training_segments_are_joined(cell: str, words: str | None) -> None:
    assert training_words(cell) == words


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('[{"text": "这件"}, {"text": " "}, {"text": "红的"}]', "这件,红的"),
        ("null", None),
        ("[]", None),
    ],
)
def test_texts_of_a_test_clip_are_joined_by_commas(cell: str, words: str | None) -> None:
    assert clip_words(cell, "here") == words


@pytest.mark.parametrize("cell", ["[", "3", '[{"words": "a"}]', '["a"]', '[{"text": 1}]'])
def test_speech_of_another_form_is_named(cell: str) -> None:
    with pytest.raises(InputError, match=r"here: speech should be a JSON list"):
        clip_words(cell, "here")
