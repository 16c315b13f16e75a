"""The peer that everything is measured beside: faster-whisper, one file at a time, as it ships.

Without the text of earlier windows as prompt, each window 30 s long whatever is in it.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from workers.audio_grid import Samples

if TYPE_CHECKING:
    from faster_whisper import WhisperModel


class ListensAlone(Protocol):
    """Hears one whole file after the other."""

    def text(self, samples: Samples, hotwords: str = "") -> str:
        """Return what is said in a sound of 16 kHz."""


class FasterWhisperAlone:
    """The real one.

    Args:
        model: of the `faster_whisper` package, loaded.
        beam: hypotheses at a time.
        language: that is spoken.
    """

    def __init__(self, model: "WhisperModel", beam: int, language: str = "en") -> None:
        self._model, self._beam, self._language = model, beam, language

    def text(self, samples: Samples, hotwords: str = "") -> str:
        """Return what is said in a sound of 16 kHz."""
        pieces, _ = self._model.transcribe(
            samples.astype(np.float32) / 32_768,
            language=self._language,
            beam_size=self._beam,
            condition_on_previous_text=False,
            hotwords=hotwords or None,
        )
        return " ".join(piece.text.strip() for piece in pieces)
