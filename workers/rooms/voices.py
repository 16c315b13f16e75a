"""Voices: anything that turns a sentence into a WAV file, behind one protocol.

A voice is a tool on this machine, never a dependency of the package: `CommandVoice` runs one.
"""

import hashlib
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import InputError, ServiceError

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


@dataclass(frozen=True)
class KeptVoice:
    """A voice that says each sentence once and keeps the file for the next time."""

    voice: CommandVoice
    folder: Path

    def say(self, text: str, wav: Path) -> None:
        """Copy what was said before, or say it."""
        name = "\x1f".join((*self.voice.command, text))
        kept = self.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:20]}.wav"
        if not kept.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(".part.wav")
            self.voice.say(text, part)
            part.rename(kept)
        wav.write_bytes(kept.read_bytes())


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
