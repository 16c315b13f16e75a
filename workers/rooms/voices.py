"""Voices: anything that turns a sentence into a WAV file, behind one protocol.

A voice is a tool on this machine, never a dependency of the package: `CommandVoice` runs one for
each sentence, `StayingVoice` keeps one running. A TOML file lists them, see `voices.example.toml`.
"""

import hashlib
import math
import subprocess
import tempfile
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError, ServiceError
from workers.rooms.speaker import StayingVoice

EXAMPLE = Path(__file__).with_name("voices.example.toml")
Use = Literal["train", "held-out"]
"""What a voice, a phrase or a view may be used for: learning, or measuring what was learned."""
_USES: dict[object, Use] = {"train": "train", "held-out": "held-out"}

Samples = NDArray[np.float32]
"""Mono sound, from -1 to 1."""


class Voice(Protocol):
    """Speaks one sentence into a file."""

    def say(self, text: str, wav: Path) -> None:
        """Write 16-bit mono WAV; the rate is the voice's own.

        Raises:
            ServiceError: the voice failed.
        """


@dataclass(frozen=True)
class CommandVoice:
    """A voice that is a command.

    `{wav}` in it becomes the file to write and `{text}` a file with the sentence; a command without
    `{text}` reads the sentence from its standard input.
    """

    command: tuple[str, ...]

    def say(self, text: str, wav: Path) -> None:
        """Run the command for one sentence."""
        with tempfile.TemporaryDirectory() as folder:
            sentence = Path(folder) / "sentence.txt"
            sentence.write_text(text + "\n", encoding="utf-8")
            filled = [part.format(wav=wav, text=sentence) for part in self.command]
            reads_file = any("{text}" in part for part in self.command)
            try:
                subprocess.run(
                    filled,
                    input=None if reads_file else text + "\n",
                    text=True,
                    capture_output=True,
                    check=True,
                )
            except OSError as error:
                message = f"the voice {filled[0]} cannot be started: {error}"
                raise ServiceError(message) from error
            except subprocess.CalledProcessError as error:
                message = (
                    f"the voice {filled[0]} ended with {error.returncode}: {error.stderr[-300:]}"
                )
                raise ServiceError(message) from error


class VoiceTool(Voice, Protocol):
    """A voice that is a program of this machine."""

    @property
    def command(self) -> tuple[str, ...]:
        """What is run; it tells one voice from another."""


@dataclass(frozen=True)
class KeptVoice:
    """A voice that says each sentence once and keeps the file for the next time."""

    voice: VoiceTool
    folder: Path

    def say(self, text: str, wav: Path) -> None:
        """Copy what was said before, or say it."""
        wav.write_bytes(self._kept(text).read_bytes())

    def sound(self, text: str) -> tuple[Samples, int]:
        """Return what is said, without silence at its ends, and its rate in hertz."""
        sound, rate_hz = read_wav(self._kept(text))
        return trimmed(sound, rate_hz), rate_hz

    def _kept(self, text: str) -> Path:
        name = "\x1f".join((*self.voice.command, text))
        kept = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:20]}.wav"
        if not kept.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            # Several processes may share the folder, so each writes to a file of its own.
            with tempfile.TemporaryDirectory(dir=self.folder) as own:
                part = Path(own) / kept.name
                self.voice.say(text, part)
                part.rename(kept)
        return kept


@dataclass(frozen=True)
class VoiceSpec:
    """A voice of this machine, as its TOML file describes it."""

    name: str
    command: tuple[str, ...]
    use: Use
    stays: bool = False
    """The command is started once and speaks JSON lines; see `speaker.py`."""

    def open(self) -> CommandVoice | StayingVoice:
        """Return the voice; a staying one starts at its first sentence and is to be closed."""
        return StayingVoice(self.command) if self.stays else CommandVoice(self.command)


def load_voices(path: Path) -> tuple[VoiceSpec, ...]:
    """Return the voices of a TOML file, in its order.

    `{tools}` in a command becomes the folder of this module, where `piper_speaker.py` lies.

    Raises:
        InputError: the file cannot be read, or a voice in it is not described well.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["voice"]
        voices = tuple(_spec(row) for row in rows)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        message = f"{path} is no list of voices: {error!r}; see {EXAMPLE}"
        raise InputError(message) from error
    names = [voice.name for voice in voices]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        message = f"{path} has {len(names)} voices, twice: {', '.join(twice) or 'none'}"
        raise InputError(message)
    return voices


def _spec(row: dict[str, object]) -> VoiceSpec:
    command, use = row["command"], _USES.get(row["use"])
    if not isinstance(command, list) or not command:
        message = f"{row['name']}: the command is a list of words"
        raise TypeError(message)
    if use is None:
        message = f"{row['name']}: use is {row['use']!r}, not 'train' or 'held-out'"
        raise ValueError(message)
    words = tuple(str(word).replace("{tools}", str(EXAMPLE.parent)) for word in command)
    stays = row.get("stays", False) is True
    if not stays and not any("{wav}" in word for word in words):
        message = f"{row['name']}: the command has no {{wav}} to write to"
        raise ValueError(message)
    return VoiceSpec(str(row["name"]), words, use, stays)


def read_wav(path: Path) -> tuple[Samples, int]:
    """Return a 16-bit mono WAV file's samples and rate in hertz.

    Raises:
        InputError: it is no such file.
    """
    try:
        with wave.open(str(path)) as sound:
            shape = (sound.getnchannels(), sound.getsampwidth())
            rate_hz, data = sound.getframerate(), sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        message = f"{path} is no WAV file: {error}"
        raise InputError(message) from error
    if shape != (1, 2):
        message = f"{path} has {shape[0]} channels of {shape[1]} bytes; 16-bit mono is needed"
        raise InputError(message)
    samples = np.frombuffer(data, dtype="<i2").astype(np.float32)
    return samples / np.float32(32768), rate_hz


def trimmed(sound: Samples, rate_hz: int, floor: float = 0.012) -> Samples:
    """Return the sound without the silence at its ends, keeping 40 ms on either side."""
    loud = np.flatnonzero(np.abs(sound) > floor)
    if loud.size == 0:
        return sound[:0]
    edge = int(0.04 * rate_hz)
    return sound[max(0, int(loud[0]) - edge) : int(loud[-1]) + edge]


def altered(
    sound: Samples,
    rate_hz: int,
    *,
    tempo: float = 1.0,
    semitones: float = 0.0,
    out_hz: int | None = None,
) -> Samples:
    """Return the sound faster or slower, higher or lower, at another rate.

    Args:
        sound: mono samples.
        rate_hz: their rate.
        tempo: speaking speed, 0.5 to 2; 1 leaves it.
        semitones: pitch, and the size of the speaker with it; 0 leaves it.
        out_hz: the rate of the result; none for `rate_hz`.

    Raises:
        InputError: the change is more than an octave.
    """
    out_hz = out_hz or rate_hz
    pitch = 2 ** (semitones / 12)
    # Played at another rate the sound changes in pitch and length; `atempo` mends its length.
    speed = tempo / pitch
    if not 0.5 <= speed <= 2 or not 0.5 <= tempo <= 2:
        message = f"tempo {tempo} with {semitones} semitones is out of range; stay within an octave"
        raise InputError(message)
    steps = [("aformat", "sample_fmts=flt:channel_layouts=mono")]
    if not math.isclose(pitch, 1.0):
        steps.append(("asetrate", str(round(rate_hz * pitch))))
    steps.append(("aresample", str(out_hz)))
    if not math.isclose(speed, 1.0):
        steps.append(("atempo", f"{speed:.6f}"))
    changed = len(steps) > 2 or out_hz != rate_hz
    return _filtered(sound, rate_hz, steps) if sound.size and changed else sound.copy()


def _filtered(sound: Samples, rate_hz: int, steps: list[tuple[str, str]]) -> Samples:
    import av

    graph = av.filter.Graph()
    nodes = [graph.add_abuffer(sample_rate=rate_hz, format="flt", layout="mono")]
    nodes += [graph.add(name, arguments) for name, arguments in steps]
    nodes.append(graph.add("abuffersink"))
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(sound, dtype=np.float32)[None, :], format="flt", layout="mono"
    )
    frame.sample_rate, frame.pts = rate_hz, 0
    nodes[0].push(frame)
    nodes[0].push(None)
    pieces: list[Samples] = []
    while True:
        try:
            pieces.append(nodes[-1].pull().to_ndarray().reshape(-1))
        except (av.EOFError, av.BlockingIOError):
            break
    return np.concatenate(pieces).astype(np.float32) if pieces else sound[:0]
