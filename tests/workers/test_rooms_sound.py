"""The room's sound: speech, music, noise, echo."""

import math

import numpy as np
import pytest

from workers.rooms.beds import bed, echo, room_tone
from workers.rooms.script import Bed
from workers.rooms.sound import SoundOptions, mix
from workers.rooms.timeline import RATE_HZ, Heard
from workers.rooms.voices import Samples

BEDS: tuple[Bed, ...] = ("pad", "plucks", "beat", "kitchen", "hiss", "hum")


def power(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def speech(length_s: float) -> Samples:
    steps = np.arange(round(length_s * RATE_HZ))
    return (0.4 * np.sin(2 * np.pi * 180 * steps / RATE_HZ)).astype(np.float32)


@pytest.mark.parametrize("kind", BEDS)
def test_bed_has_a_power_of_one_and_fades_at_both_ends(kind: Bed) -> None:
    made = bed(kind, 6 * RATE_HZ, RATE_HZ, np.random.default_rng(1))
    assert made.dtype == np.float32
    assert 0.8 < power(made) < 1.1
    assert power(made[: RATE_HZ // 50]) < 0.2
    assert np.array_equal(made, bed(kind, 6 * RATE_HZ, RATE_HZ, np.random.default_rng(1)))
    assert bed(kind, 0, RATE_HZ, np.random.default_rng(1)).size == 0


def test_echo_adds_a_little_after_the_sound_and_nothing_before() -> None:
    click = np.zeros(RATE_HZ, dtype=np.float32)
    click[RATE_HZ // 2] = 1.0
    heard = echo(click, RATE_HZ, np.random.default_rng(2))
    assert heard.size == click.size
    assert float(np.abs(heard[: RATE_HZ // 2]).max()) < 1e-5
    assert heard[RATE_HZ // 2] == pytest.approx(1.0, abs=1e-4)
    after = float(np.sqrt((heard[RATE_HZ // 2 + 1 :] ** 2).sum()))
    assert 10 ** (-18 / 20) < after < 10 ** (-11 / 20)


def test_echo_of_a_long_sound_equals_a_plain_convolution() -> None:
    draw = np.random.default_rng(3)
    sound = draw.standard_normal((1 << 18) + 5_000).astype(np.float32)
    # The same generator gives the same answer of the room, which a click reads out.
    click = np.zeros(RATE_HZ, dtype=np.float32)
    click[0] = 1.0
    answer = echo(click, RATE_HZ, np.random.default_rng(4))
    whole = echo(sound, RATE_HZ, np.random.default_rng(4))
    for at in (100, 1 << 18, sound.size - 1):
        begin = max(0, at - answer.size + 1)
        slow = float(np.dot(sound[begin : at + 1][::-1], answer[: at + 1 - begin]))
        assert whole[at] == pytest.approx(slow, abs=1e-3)


def test_words_are_heard_where_the_timeline_says_and_only_room_tone_elsewhere() -> None:
    sound = mix([(1_000, speech(0.5))], [], 4_000, SoundOptions(seed=1))
    assert sound.size == 4 * RATE_HZ
    loud = power(sound[RATE_HZ : RATE_HZ * 3 // 2])
    assert 0.05 < loud < 0.15
    assert power(sound[: RATE_HZ * 9 // 10]) < loud / 20
    assert power(sound[RATE_HZ * 5 // 2 :]) < loud / 20


@pytest.mark.parametrize(("kind", "low_db", "high_db"), [("hiss", 10, 20), ("pad", 15, 25)])
def test_speech_is_as_much_louder_than_its_bed_as_asked(
    kind: Bed, low_db: float, high_db: float
) -> None:
    beds = [Heard(kind, 0, 8_000)]
    with_bed = mix([(1_000, speech(1.0))], beds, 8_000, SoundOptions(seed=5, swing_db=0.0))
    clear = mix([(1_000, speech(1.0))], [], 8_000, SoundOptions(seed=5, swing_db=0.0))
    behind = power(with_bed[3 * RATE_HZ : 7 * RATE_HZ])
    louder_db = 20 * math.log10(power(clear[RATE_HZ : 2 * RATE_HZ]) / behind)
    assert low_db - 1.5 < louder_db < high_db + 1.5


def test_sound_is_the_same_for_the_same_seed_and_never_clips() -> None:
    pieces = [(100, speech(0.3)), (100, speech(0.3)), (120, speech(0.3))]
    beds = [Heard("kitchen", 0, 1_000)]
    one = mix(pieces, beds, 1_000, SoundOptions(seed=3))
    assert np.array_equal(one, mix(pieces, beds, 1_000, SoundOptions(seed=3)))
    assert not np.array_equal(one, mix(pieces, beds, 1_000, SoundOptions(seed=4)))
    assert float(np.abs(one).max()) < 1.0
    assert power(room_tone(RATE_HZ, RATE_HZ, np.random.default_rng(1))) < 0.004
