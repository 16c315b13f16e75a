"""Orders against what a speech model heard: slots, whole orders, and the menu as hotwords."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from models.errors import InputError
from tests.media_files import Film, make_film
from workers.asr import Heard
from workers.events import Word
from workers.utterances import Utterance, UtteranceOptions
from workers.voice_slots import measure_voices, plain_words


class HearsTheMenu:
    """Says what it was told to expect, and `medium` always."""

    name = "double"

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        return [
            Heard(
                tuple(
                    Word(text=text, start_ms=one.start_ms, end_ms=one.end_ms, probability=1)
                    for text in ["Medium", *one.hotwords.split(", ")]
                )
            )
            for one in utterances
        ]


def orders(folder: Path, *slots: dict[str, str]) -> Path:
    (folder / "flac").mkdir()
    made = []
    for number, one in enumerate(slots):
        make_film(folder / "flac" / f"{number}.flac", Film(seconds=1.5, with_video=False))
        made.append({"file": f"{number}.flac", "seconds": 1.5, "slots": one})
    (folder / "labels.json").write_text(json.dumps(made))
    return folder


def test_slots_and_whole_orders_are_counted_with_and_without_the_menu(tmp_path: Path) -> None:
    folder = orders(tmp_path, {"size": "medium", "coffeeDrink": "flat white"}, {"size": "medium"})
    found = measure_voices(folder, HearsTheMenu(), UtteranceOptions())
    assert (found.orders, found.slots) == (2, 3)
    assert found.audio_s == pytest.approx(3.0, abs=0.1)
    assert found.slots_heard == pytest.approx(2 / 3)
    assert found.whole_orders == 0.5
    assert (found.slots_heard_hotwords, found.whole_orders_hotwords) == (1.0, 1.0)


def test_only_the_first_orders_are_measured(tmp_path: Path) -> None:
    folder = orders(tmp_path, {"size": "medium"}, {"size": "large"})
    assert measure_voices(folder, HearsTheMenu(), UtteranceOptions(), most=1).whole_orders == 1.0


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("A 12-ounce, Latte!", " a twelve ounce latte "),
        ("the host's", " the host's "),
    ],
)
def test_numbers_and_punctuation_do_not_count(said: str, plain: str) -> None:
    assert plain_words(said) == plain


def test_a_folder_without_labels_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"labels\.json cannot be used"):
        measure_voices(tmp_path, HearsTheMenu(), UtteranceOptions())


def test_labels_without_slots_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no order with slots"):
        measure_voices(orders(tmp_path, {}), HearsTheMenu(), UtteranceOptions())
