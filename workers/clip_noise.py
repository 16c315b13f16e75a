"""Noise under the sound of clips, for experiments: a recording at a signal-to-noise ratio.

In: samples and a key. Out: the samples with noise, the same for the same key and seed.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from models.errors import InputError
from workers.audio_grid import Samples

_FULL_SCALE = 32_767


@dataclass(frozen=True)
class NoiseOptions:
    """How loud the noise is, and which part of it is heard."""

    snr_db: float = 10.0
    """Mean power of the clip, its pauses included, over that of the noise under it, in decibels."""
    seed: int = 0
    """Of where in the recording each clip's noise begins."""


class Noise:
    """A recording that lies under clips.

    Args:
        recording: 16 kHz mono; repeated under longer clips.
        options: how loud.

    Raises:
        InputError: the recording is silent.
    """

    def __init__(self, recording: Samples, options: NoiseOptions) -> None:
        if not np.any(recording):
            message = f"the recording of noise is silent ({len(recording)} samples)"
            raise InputError(message)
        self._recording, self.options = recording.astype(np.float32), options
        self.fingerprint = hashlib.sha256(recording.tobytes()).hexdigest()[:16]
        """Of the recording's samples."""

    def under(self, clip: Samples, key: str) -> Samples:
        """Return a clip with noise under it; both are made quieter where the sum is too loud.

        Args:
            clip: 16 kHz mono.
            key: another one begins elsewhere in the recording.
        """
        digest = hashlib.sha256(f"noise/{self.options.seed}/{key}".encode()).digest()
        start = int.from_bytes(digest[:8], "big") % len(self._recording)
        noise = np.take(self._recording, np.arange(start, start + len(clip)), mode="wrap")
        speech = clip.astype(np.float32)
        power = float(np.mean(noise**2))
        if not power:
            return clip
        wanted = float(np.mean(speech**2)) / 10 ** (self.options.snr_db / 10)
        mixed = speech + noise * np.float32(np.sqrt(wanted / power))
        peak = float(np.max(np.abs(mixed), initial=0.0))
        made: Samples = np.round(mixed * min(1.0, _FULL_SCALE / max(peak, 1.0))).astype(np.int16)
        return made
