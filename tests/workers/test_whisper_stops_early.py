"""The real Whisper where it writes one sentence of several and stops."""

from pathlib import Path

import numpy as np
import pytest

from models.registry import Registry, default_cache_dir
from tests.workers.test_whisper import COFFEE, sound_of, text, utterance
from workers.audio_grid import Samples
from workers.unheard_speech import UnheardOptions
from workers.whisper import WhisperSpeech
from workers.whisper_model import WhisperOptions

pytestmark = pytest.mark.weights
ORDERS = (
    "24050f1a-7cbe-40ca-ba4a-9b197309803e",
    "25312afd-a0f0-4758-821a-da99b66d2a3a",
    "253b08c9-e468-4e4d-8036-3720fb827f2d",
)


@pytest.fixture(scope="module")
def folder() -> Path:
    """Whisper tiny.en, which stops early most often; pulled if it is not there yet."""
    return Registry.load().pull("whisper-tiny.en", default_cache_dir())


def ears(folder: Path, rounds: int) -> WhisperSpeech:
    options = WhisperOptions(device="cpu", unheard=UnheardOptions(rounds=rounds))
    return WhisperSpeech(str(folder), "tiny.en", options)


def orders() -> list[Samples]:
    return [sound_of(COFFEE / "flac" / f"{order}.flac") for order in ORDERS]


def test_orders_behind_the_one_that_it_stops_at_are_heard_too(folder: Path) -> None:
    row = utterance(np.concatenate(orders())[: 16 * 15_000], start_ms=60_000)
    (once,) = ears(folder, rounds=0).transcribe([row])
    assert once.verdicts == ("unheard",)
    (heard,) = ears(folder, rounds=2).transcribe([row])
    # What was heard at first stays.
    assert heard.words[: len(once.words)] == once.words
    assert len(heard.words) > 1.5 * len(once.words)
    assert heard.words[-1].end_ms > once.words[-1].end_ms + 4_000
    starts = [word.start_ms for word in heard.words]
    assert starts == sorted(starts)
    assert heard.speech == once.speech


def test_utterances_that_are_heard_whole_keep_their_words_beside_one_that_is_not(
    folder: Path,
) -> None:
    short = [utterance(sound) for sound in orders()]
    row = utterance(np.concatenate(orders())[: 16 * 15_000])
    whole = ears(folder, rounds=0).transcribe(short)
    assert not any("unheard" in heard.verdicts for heard in whole)
    again = ears(folder, rounds=2)
    (alone,) = again.transcribe([row])
    *beside, last = again.transcribe([*short, row])
    assert beside == whole
    assert text(last) == text(alone)
