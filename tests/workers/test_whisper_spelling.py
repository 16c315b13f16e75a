"""The real Whisper, where it writes a name of the room otherwise."""

import numpy as np
import pytest

from models.registry import Registry, default_cache_dir
from tests.workers.test_whisper import COFFEE, JFK, MENU, plain, sound_of, text, utterance
from workers.asr import Heard
from workers.hotword_spelling import SpellingOptions
from workers.utterances import Utterance
from workers.whisper import WhisperSpeech
from workers.whisper_model import WhisperOptions

pytestmark = pytest.mark.weights
ORDER = "f43dffb6-7400-4162-a9ae-e38d71465cf1.flac"
"""Give me a twenty ounce dark roast iced mocha with cream and brown sugar."""


def heard(jobs: list[Utterance], bonus: float) -> list[Heard]:
    folder = Registry.load().pull("whisper-base", default_cache_dir())
    options = WhisperOptions(device="cpu", spelling=SpellingOptions(bonus=bonus))
    return WhisperSpeech(str(folder), "whisper-base", options).transcribe(jobs)


def test_a_name_is_written_as_the_room_spells_it_where_the_sound_bears_it() -> None:
    menu = ", ".join(sorted(MENU.split(", ")))
    sounds = (
        sound_of(JFK)[: 16_000 * 9],
        np.zeros(16_000, dtype=np.int16),
        sound_of(COFFEE / "flac" / ORDER),
    )
    jobs = [utterance(one, hotwords=menu) for one in sounds]
    as_heard, spelled = heard(jobs, bonus=0.0), heard(jobs, bonus=8.0)
    assert "dark roast ice mocha with" in plain(text(as_heard[2]))
    assert plain(text(spelled[2])) == plain(text(as_heard[2])).replace("ice mocha", "iced mocha")
    assert spelled[2].verdicts == ("hotword_spelled",)
    starts = [word.start_ms for word in spelled[2].words]
    assert starts == sorted(starts)
    # What sounds like no name, and rooms beside it, are heard as before.
    assert spelled[:2] == as_heard[:2]


def test_a_name_is_not_written_where_the_sound_denies_it() -> None:
    job = utterance(sound_of(COFFEE / "flac" / ORDER), hotwords="Dark Rusk")
    (as_meant,), (by_force,) = heard([job], bonus=5.0), heard([job], bonus=25.0)
    assert "dark roast" in plain(text(as_meant))
    assert as_meant.verdicts == ()
    # It was tried: a bonus beyond reason writes it.
    assert "dark rusk" in plain(text(by_force))
