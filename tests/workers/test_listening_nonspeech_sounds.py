"""Sounds without speech: long enough, never too loud, the same every time."""

import numpy as np
import pytest

from workers.listening.nonspeech_sounds import KINDS, Kind, nonspeech


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_is_the_same_every_time_and_another_number_sounds_different(kind: Kind) -> None:
    sounds = [nonspeech(kind, number) for number in range(6)]
    again = [nonspeech(kind, number) for number in range(6)]
    for one, other in zip(sounds, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == np.int16
        assert 6 * 16_000 <= len(one) <= 14 * 16_000
    assert len({sound.tobytes() for sound in sounds}) == 6


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "silence"])
def test_what_is_no_silence_is_heard_and_not_cut_off(kind: Kind) -> None:
    for number in range(4):
        sound = nonspeech(kind, number).astype(np.float64)
        assert np.sqrt(np.mean(sound**2)) > 100
        assert np.sum(np.abs(sound) >= 32_767) <= 2


def test_silence_is_quiet() -> None:
    for number in range(10):
        assert np.abs(nonspeech("silence", number).astype(int)).max() < 600


def test_kitchen_noise_is_cut_from_a_recording_where_there_is_one() -> None:
    ramp = np.arange(1, 20_001, dtype=np.int16)
    cut = nonspeech("kitchen", 0, ramp).astype(np.float64)
    steps = np.diff(cut)
    assert np.mean(steps >= 0) > 0.99, "but where the recording begins again"
    assert not np.array_equal(cut, nonspeech("kitchen", 0))
