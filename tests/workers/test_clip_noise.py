"""Noise lies under a clip as loud as asked, and the same again for the same clip."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from tests.media_files import tone
from workers.audio_grid import Samples
from workers.clip_noise import Noise, NoiseOptions

RECORDING: Samples = (
    np.random.default_rng(1).integers(-3_000, 3_000, 20_000).astype(np.int16)  # 1.25 s
)


def decibels(speech: Samples, noisy: Samples) -> float:
    """The ratio, after the part that is like the speech was taken out of the sum."""
    one, two = speech.astype(float), noisy.astype(float)
    like = one * (np.dot(one, two) / np.dot(one, one))
    return float(10 * np.log10(np.dot(like, like) / np.dot(two - like, two - like)))


@given(st.sampled_from((-5.0, 0.0, 10.0, 20.0)), st.integers(12_000, 40_000))
def test_the_ratio_is_the_one_asked_for(snr_db: float, length: int) -> None:
    clip = tone(length / 16_000, 16_000)
    noisy = Noise(RECORDING, NoiseOptions(snr_db)).under(clip, "a")
    assert len(noisy) == len(clip)
    assert decibels(clip, noisy) == pytest.approx(snr_db, abs=0.5)


def test_a_loud_sum_is_made_quieter_instead_of_cut_off() -> None:
    clip = (tone(1.0, 16_000).astype(float) * 3.2).astype(np.int16)
    noisy = Noise(RECORDING, NoiseOptions(0.0)).under(clip, "a")
    assert int(np.max(np.abs(noisy.astype(int)))) == 32_767
    assert np.count_nonzero(np.abs(noisy.astype(int)) == 32_767) < 5
    assert decibels(clip, noisy) == pytest.approx(0.0, abs=0.5)


def test_a_clip_has_the_same_noise_again_and_another_clip_or_seed_another() -> None:
    clip, noise = tone(0.5, 16_000), Noise(RECORDING, NoiseOptions())
    assert np.array_equal(noise.under(clip, "a"), noise.under(clip, "a"))
    assert not np.array_equal(noise.under(clip, "a"), noise.under(clip, "b"))
    other = Noise(RECORDING, NoiseOptions(seed=1))
    assert not np.array_equal(noise.under(clip, "a"), other.under(clip, "a"))
    assert noise.fingerprint == other.fingerprint


def test_silence_stays_silent_and_is_no_noise() -> None:
    silence = np.zeros(800, dtype=np.int16)
    assert not np.any(Noise(RECORDING, NoiseOptions()).under(silence, "a"))
    with pytest.raises(InputError, match="silent"):
        Noise(silence, NoiseOptions())
