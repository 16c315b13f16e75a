"""What of a sound a listener is given."""

import numpy as np

from workers.audio_grid import PER_MS, RATE_HZ
from workers.voice_spans import VoiceOptions, voice_spans, with_margin

SECOND = RATE_HZ


def test_silence_holds_no_voice() -> None:
    assert voice_spans(np.zeros(2 * SECOND, np.float32), VoiceOptions()) == []


def test_without_a_threshold_all_sound_is_speech() -> None:
    off = VoiceOptions(threshold=0.0)
    assert voice_spans(np.zeros(SECOND, np.float32), off) == [(0, SECOND)]
    assert voice_spans(np.zeros(0, np.float32), off) == []


def test_a_margin_is_heard_on_both_sides_of_all_voices() -> None:
    spans = [(SECOND, 2 * SECOND), (3 * SECOND, 4 * SECOND)]
    found = with_margin(spans, 6 * SECOND, VoiceOptions(margin_ms=250))
    assert found == (SECOND - 250 * PER_MS, 4 * SECOND + 250 * PER_MS)


def test_a_margin_ends_where_the_sound_does() -> None:
    found = with_margin([(100, SECOND - 100)], SECOND, VoiceOptions(margin_ms=300))
    assert found == (0, SECOND)
