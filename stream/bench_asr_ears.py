"""Who hears in `liveshelf bench asr`: the stages' speech model, and faster-whisper as it ships."""

import os
from dataclasses import replace
from pathlib import Path

from models.hub import is_hub_name
from stream.settings import Settings
from stream.weights import registry_of, weights_dir
from workers.asr import SpeechModel
from workers.guards import GuardOptions
from workers.listening.alone import FasterWhisperAlone, ListensAlone
from workers.listening.bench import Guards
from workers.whisper import WhisperSpeech
from workers.whisper_model import WhisperOptions, load_model

SHORT = {"base": "whisper-base", "tiny.en": "whisper-tiny.en"}
"""Names that are shorter than those of the registry."""


class WhisperEars:
    """Loads a model once for each way of use.

    Args:
        settings: device, compute type, and where weights are.
        name: of a registry's entry, of a hub, or one of `SHORT`.
        threads: of the CPU, for both; 0: one a core, four at most.
    """

    def __init__(self, settings: Settings, name: str, threads: int = 0) -> None:
        self._settings, self._name = settings, SHORT.get(name, name)
        self._threads = threads or min(4, len(os.sched_getaffinity(0)))
        self._loaded: dict[tuple[int, Guards], WhisperSpeech] = {}
        self._alone: FasterWhisperAlone | None = None

    @property
    def told(self) -> dict[str, str | int]:
        """All that answers depend on."""
        models = self._settings.models
        return {
            "model": self._name,
            "device": models.device,
            "compute_type": models.compute_type,
            "threads": self._threads,
            "beam": self._settings.asr.beam,
        }

    def ours(self, batch: int = 8, guards: Guards = "all") -> SpeechModel:
        """Return the speech model of the stages.

        Raises:
            WeightsError: it was not pulled or does not load.
        """
        key = (batch, guards)
        if key not in self._loaded:
            options = with_guards(self._options(batch), guards)
            self._loaded[key] = WhisperSpeech(self._source(), self._name, options)
        return self._loaded[key]

    def alone(self) -> ListensAlone:
        """Return the peer, with the same weights, threads, compute type and beam.

        Raises:
            WeightsError: it was not pulled or does not load.
        """
        if self._alone is None:
            options = self._options(1)
            model, _, _ = load_model(self._source(), options, self._threads)
            self._alone = FasterWhisperAlone(model, options.beam)
        return self._alone

    def _options(self, batch: int) -> WhisperOptions:
        models = self._settings.models
        return WhisperOptions(
            device=models.device,
            compute_type=models.compute_type,
            cpu_threads=self._threads,
            batch=batch,
            beam=self._settings.asr.beam,
        )

    def _source(self) -> str:
        registry = registry_of(self._settings)
        known = {entry.name for entry in registry.entries}
        found = self._name in known or is_hub_name(self._name)
        if not found:
            return str(Path(self._name))
        return str(registry.resolve(self._name, weights_dir(self._settings)))


def with_guards(options: WhisperOptions, guards: Guards) -> WhisperOptions:
    """Return options with as many guards as are wanted."""
    if guards == "all":
        return options
    threshold = options.voice.threshold if guards == "voice" else 0.0
    voice = replace(options.voice, threshold=threshold)
    return replace(options, guards=GuardOptions(names=()), voice=voice)
