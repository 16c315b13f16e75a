"""Voices of a machine: commands, programs that stay, kept sentences, speeds and pitches."""

import json
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError, ServiceError
from workers.rooms.piper_speaker import answer
from workers.rooms.speaker import StayingVoice
from workers.rooms.voices import (
    EXAMPLE,
    CommandVoice,
    KeptVoice,
    Samples,
    VoiceSpec,
    altered,
    load_voices,
    read_wav,
    trimmed,
)

RATE_HZ = 16_000


def hum(length_s: float, hertz: float = 200.0, rate_hz: int = RATE_HZ) -> Samples:
    steps = np.arange(round(length_s * rate_hz))
    return (0.3 * np.sin(2 * np.pi * hertz * steps / rate_hz)).astype(np.float32)


def write_wav(path: Path, sound: Samples) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes((sound * 32767).astype("<i2").tobytes())


def pitch_hz(sound: Samples, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return float(np.argmax(spectrum)) * rate_hz / sound.size


def test_silence_around_a_sentence_is_cut_to_40_ms(tmp_path: Path) -> None:
    quiet = np.zeros(RATE_HZ // 5, dtype=np.float32)
    write_wav(tmp_path / "said.wav", np.concatenate([quiet, hum(0.1), quiet]))
    sound, rate_hz = read_wav(tmp_path / "said.wav")
    assert abs(trimmed(sound, rate_hz).size - rate_hz * 0.18) < rate_hz * 0.01


def test_file_that_is_no_wav_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "no.wav"
    path.write_text("hello")
    with pytest.raises(InputError, match=r"no\.wav is no WAV file"):
        read_wav(path)


WRITE = "import sys, shutil; sys.stdin.read(); shutil.copy(sys.argv[1], sys.argv[2])"


def test_command_speaks_once_for_each_sentence(tmp_path: Path) -> None:
    write_wav(tmp_path / "source.wav", hum(0.1))
    command = (sys.executable, "-c", WRITE, str(tmp_path / "source.wav"), "{wav}")
    voice = KeptVoice(CommandVoice(command), tmp_path / "kept")
    voice.say("hello", tmp_path / "a.wav")
    (tmp_path / "source.wav").unlink()
    voice.say("hello", tmp_path / "b.wav")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert voice.sound("hello")[1] == RATE_HZ
    with pytest.raises(ServiceError, match="ended with 1"):
        voice.say("something new", tmp_path / "c.wav")
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".wav"]


def test_voice_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="no-such-voice cannot be started"):
        CommandVoice(("no-such-voice", "{wav}")).say("hello", tmp_path / "a.wav")
    with pytest.raises(ServiceError, match="no-such-voice cannot be started"):
        StayingVoice(("no-such-voice",)).say("hello", tmp_path / "a.wav")


STAYS = """
import json, os, shutil, sys
for line in sys.stdin:
    asked = json.loads(line)
    if asked["text"] == "die":
        sys.exit("out of breath")
    if asked["text"] == "hard word":
        print(json.dumps({"error": "cannot say it"}), flush=True)
        continue
    with open(asked["wav"], "w") as out:
        out.write(f"{os.getpid()} {asked['text']}")
    print(json.dumps({"ok": True}), flush=True)
"""


def test_staying_voice_is_started_once_and_again_after_it_died(tmp_path: Path) -> None:
    wav = tmp_path / "a.wav"
    with StayingVoice((sys.executable, "-c", STAYS)) as voice:
        voice.say("one", wav)
        first, said = wav.read_text().split()
        assert said == "one"
        with pytest.raises(ServiceError, match="cannot say it"):
            voice.say("hard word", wav)
        voice.say("two", wav)
        assert wav.read_text() == f"{first} two"
        with pytest.raises(ServiceError, match="ended without an answer: out of breath"):
            voice.say("die", wav)
        voice.say("three", wav)
        assert wav.read_text().split()[0] != first


class Piper:
    """Stands for piper's voice."""

    def synthesize_wav(self, text: str, out: wave.Wave_write) -> None:
        if not text:
            message = "nothing to say"
            raise ValueError(message)
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(b"\0\0" * len(text))


def test_piper_speaker_answers_every_line(tmp_path: Path) -> None:
    wav = tmp_path / "a.wav"
    assert answer(Piper(), json.dumps({"text": "hello", "wav": str(wav)})) == {"ok": True}
    assert read_wav(wav)[0].size == 5
    assert "error" in answer(Piper(), json.dumps({"text": "", "wav": str(wav)}))
    assert "JSONDecodeError" in str(answer(Piper(), "hello"))
    assert "KeyError" in str(answer(Piper(), "{}"))


@settings(max_examples=15)
@given(tempo=st.floats(0.7, 1.4), semitones=st.floats(-4, 4))
def test_tempo_changes_the_length_alone_and_semitones_the_pitch_alone(
    tempo: float, semitones: float
) -> None:
    sound = altered(hum(2.0), RATE_HZ, tempo=tempo, semitones=semitones, out_hz=22_050)
    assert sound.dtype == np.float32
    assert abs(sound.size / 22_050 - 2.0 / tempo) < 0.12
    assert abs(pitch_hz(sound, 22_050) - 200 * 2 ** (semitones / 12)) < 6


def test_sound_that_is_not_altered_stays_as_it_is() -> None:
    sound = hum(0.3)
    assert np.array_equal(altered(sound, RATE_HZ), sound)
    assert altered(sound[:0], RATE_HZ, tempo=1.2).size == 0
    with pytest.raises(InputError, match="out of range"):
        altered(sound, RATE_HZ, tempo=3.0)


def test_shipped_example_has_voices_for_training_and_others_held_out() -> None:
    voices = load_voices(EXAMPLE)
    assert {voice.use for voice in voices} == {"train", "held-out"}
    (joe,) = [voice for voice in voices if voice.stays]
    assert Path(joe.command[1]).is_file(), "{tools} is the folder of the speaker"
    assert isinstance(joe.open(), StayingVoice)
    assert isinstance(voices[0].open(), CommandVoice)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "voice"),
        ("[[voice]]\nname = 'a'\ncommand = ['x', '{wav}']\nuse = 'both'", "'both'"),
        ("[[voice]]\nname = 'a'\ncommand = ['x']\nuse = 'train'", "no {wav}"),
        ("[[voice]]\nname = 'a'\ncommand = 'x'\nuse = 'train'", "list of words"),
        ("[[voice]]\nname = 'a'\ncommand = ['{wav}']\nuse = 'train'\n" * 2, "twice: a"),
    ],
)
def test_list_of_voices_that_is_none_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "voices.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"voices\.toml") as caught:
        load_voices(path)
    assert why in str(caught.value)


def test_voice_spec_of_a_command_is_plain_data() -> None:
    spec = VoiceSpec("a", ("x", "{wav}"), "train")
    assert spec.open() == CommandVoice(("x", "{wav}"))
