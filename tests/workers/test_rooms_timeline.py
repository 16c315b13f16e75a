"""A spoken script laid out in time.

said     ...  a a a   b b b   c c  ...      words of the segments
shown        |--A-----|--B--|               a product is seen a little before and after
truth    none         A     B    none
"""

import sys
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError, ServiceError
from workers.rooms import products
from workers.rooms.script import Segment, write_script
from workers.rooms.timeline import Timeline, mix, pad, speak
from workers.rooms.voices import CommandVoice, KeptVoice, Samples, read_wav, trimmed

ITEMS = products.load()
RATE_HZ = 8_000


class Hum:
    """A voice that hums for 50 ms a word, with silence around it."""

    def __init__(self, rates_hz: tuple[int, ...] = (RATE_HZ,)) -> None:
        self._rates_hz = list(rates_hz)

    def say(self, text: str, wav: Path) -> None:
        rate_hz = self._rates_hz.pop(0) if len(self._rates_hz) > 1 else self._rates_hz[0]
        size = rate_hz * len(text.split()) // 20
        hum = 9_000 * np.sin(np.arange(size) * 2 * np.pi * 200 / rate_hz)
        quiet = np.zeros(rate_hz // 5)
        with wave.open(str(wav), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate_hz)
            sound.writeframes(np.concatenate([quiet, hum, quiet]).astype("<i2").tobytes())


def loud(sound: Samples, start_ms: int, end_ms: int) -> float:
    return float(np.abs(sound[RATE_HZ * start_ms // 1000 : RATE_HZ * end_ms // 1000]).max())


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1_000), count=st.integers(2, 4))
def test_truth_covers_every_word_and_leaves_no_two_products_at_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    sold = ITEMS[:count]
    folder = tmp_path_factory.mktemp("said")
    sound, rate_hz, timeline = speak(write_script(sold, seed), Hum(), folder, seed)
    assert rate_hz == RATE_HZ
    assert sound.size == RATE_HZ * timeline.duration_ms // 1000
    assert [one.product_id for one in timeline.shown] == [item.product_id for item in sold]
    for before, after in pairwise(timeline.shown):
        assert before.end_ms <= after.start_ms
    for sentence in timeline.sentences:
        if sentence.product_id is not None:
            shown = timeline.at(sentence.start_ms)
            assert shown is not None
            assert shown.product_id == sentence.product_id
            assert sentence.end_ms <= shown.end_ms
            assert loud(sound, sentence.start_ms, sentence.end_ms) > 0.5


def test_words_are_heard_where_the_timeline_says_and_nothing_elsewhere(tmp_path: Path) -> None:
    script = [Segment(("one two three",), "a"), Segment(("four five",), None, quiet_s=1.0)]
    sound, _, timeline = speak(script, Hum(), tmp_path, seed=1)
    first, second = timeline.sentences
    assert loud(sound, first.start_ms, first.end_ms) > 0.5
    assert loud(sound, first.end_ms + 10, second.start_ms - 10) < 0.05
    assert loud(sound, second.end_ms + 10, timeline.duration_ms) < 0.05


def test_short_change_between_two_products_is_no_stretch_without_one(tmp_path: Path) -> None:
    script = [Segment(("now the first",), "a", quiet_s=0.5), Segment(("now the second",), "b")]
    _, _, timeline = speak(script, Hum(), tmp_path, seed=1)
    a, b = timeline.shown
    assert b.start_ms - a.end_ms < 1_000
    assert (a.end_ms, b.start_ms) not in timeline.without_product()


def test_voice_that_changes_its_rate_is_refused(tmp_path: Path) -> None:
    script = [Segment(("one", "two"))]
    with pytest.raises(InputError, match="16000 Hz after 8000 Hz"):
        speak(script, Hum((8_000, 16_000)), tmp_path, seed=1)


def test_script_without_a_sentence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no sentence"):
        speak([], Hum(), tmp_path, seed=1)


def test_truth_names_every_product_by_its_title() -> None:
    truth = Timeline(5_000, (), ()).truth(ITEMS, shop="hearthside")
    assert truth["products"] == []
    assert truth["no_product"] == [{"start_ms": 0, "end_ms": 5_000}]
    assert truth["shop"] == "hearthside"


def test_sound_is_the_same_for_the_same_seed_and_never_clips() -> None:
    piece = np.ones(400, dtype=np.float32)
    one = mix([(100, piece), (100, piece)], [(0, 1_000)], RATE_HZ, 1_000, seed=3)
    assert np.array_equal(one, mix([(100, piece), (100, piece)], [(0, 1_000)], RATE_HZ, 1_000, 3))
    assert float(np.abs(one).max()) <= 1.0
    assert float(np.abs(pad(RATE_HZ * 9, RATE_HZ)).max()) < 0.06


def test_silence_around_a_sentence_is_cut_to_40_ms(tmp_path: Path) -> None:
    Hum().say("one two", tmp_path / "said.wav")
    sound, rate_hz = read_wav(tmp_path / "said.wav")
    assert abs(trimmed(sound, rate_hz).size - rate_hz * 0.18) < rate_hz * 0.01


def test_file_that_is_no_wav_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "no.wav"
    path.write_text("hello")
    with pytest.raises(InputError, match=r"no\.wav is no WAV file"):
        read_wav(path)


WRITE = "import sys, shutil; sys.stdin.read(); shutil.copy(sys.argv[1], sys.argv[2])"


def test_command_speaks_once_for_each_sentence(tmp_path: Path) -> None:
    Hum().say("one two", tmp_path / "source.wav")
    command = (sys.executable, "-c", WRITE, str(tmp_path / "source.wav"), "{wav}")
    voice = KeptVoice(CommandVoice(command), tmp_path / "kept")
    voice.say("hello", tmp_path / "a.wav")
    (tmp_path / "source.wav").unlink()
    voice.say("hello", tmp_path / "b.wav")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    with pytest.raises(ServiceError, match="ended with 1"):
        voice.say("something new", tmp_path / "c.wav")


def test_voice_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="no-such-voice cannot be started"):
        CommandVoice(("no-such-voice", "{wav}")).say("hello", tmp_path / "a.wav")
