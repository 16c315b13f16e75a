"""What the host compares with or warns of is heard, and is no evidence."""

import pytest

from tests.workers.windows import spoken
from workers.summarizers.ordinary import is_ordinary
from workers.summarizers.rivals import words_of_rivals


def rivals(text: str) -> list[str]:
    words = spoken(text)
    return [words[at].text for at in sorted(words_of_rivals(words))]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("unlike Nestorvia chocolate this one is fine", ["Nestorvia"]),
        ("unlike nester via chocolate this one is fine", ["nester", "via"]),
        ("better than the Kradley.", ["Kradley."]),
        ("it smells like Nestorvia and fresh bread", ["Nestorvia"]),
        ("it smells like fresh bread", []),
        ("your old Bristoff knife at home", ["Bristoff"]),
        ("people ask for Pellucid lamps. we do not have Pellucid lamps.", ["Pellucid"] * 2),
        ("不 像 雀 维 ， 这 个 好", ["雀", "维"]),
    ],
)
def test_the_name_after_a_cue_is_taken_without_its_kind(text: str, taken: list[str]) -> None:
    assert rivals(text) == taken


@pytest.mark.parametrize(
    "text",
    [
        "there is nothing better than the Velmora oat milk",
        "nobody is more careful than Velmora",
        "so many of you asked me about the Velmora oat milk",
        "this is lighter than it looks",
        "other than that it is fine",
        "forget about ironing",
    ],
)
def test_praise_and_plain_talk_take_nothing(text: str) -> None:
    assert rivals(text) == []


def test_goods_are_ordinary_words_and_brands_are_not() -> None:
    assert all(map(is_ordinary, ("shampoo", "lipsticks", "blender", "warm")))
    assert not any(map(is_ordinary, ("velmora", "nestorvia", "kradley")))
