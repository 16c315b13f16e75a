"""Which device and number format Whisper runs on, what it believes, and the loading of it."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.errors import SettingsError, WeightsError
from workers.guards import GuardOptions
from workers.hotword_spelling import SpellingOptions
from workers.hotword_support import SupportOptions
from workers.unheard_speech import UnheardOptions
from workers.voice_spans import VoiceOptions
from workers.whisper_windows import FRAMES_PER_S

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOG = logging.getLogger(__name__)
_FILES = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True)
class WhisperOptions:
    """How Whisper runs and when its words are not believed."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto`: a GPU that works, or else the CPU."""
    compute_type: str = "auto"
    """CTranslate2's name of a number format; `auto`: float16 on a GPU, int8 on a CPU."""
    cpu_threads: int = 0
    """Calls at the same time on a CPU, each on a thread of its own; 0: one per core that this
    process may use, four at most."""
    batch: int = 8
    """Most utterances in one call."""
    windows_s: tuple[int, ...] = ()
    """Windows in seconds, ascending, 30 at most; none: the device's own."""
    language: str | None = None
    """Spoken where the room does not say; none: found out for each utterance."""
    may_download: bool = False
    """Whether a model named by its hub name may be fetched."""
    beam: int = 5
    """Hypotheses that the decoder follows at a time; 1: greedy. Five instead of one take a tenth
    longer and make an eighth fewer word errors."""
    voice: VoiceOptions = field(default_factory=VoiceOptions)
    """What is taken for speech."""
    guards: GuardOptions = field(default_factory=GuardOptions)
    """Which words are not believed."""
    spelling: SpellingOptions = field(default_factory=SpellingOptions)
    """Which hotwords stand where something like them was heard."""
    support: SupportOptions = field(default_factory=SupportOptions)
    """Which hotwords are not believed."""
    unheard: UnheardOptions = field(default_factory=UnheardOptions)
    """Which voice without words is heard once more; none where all sound is taken for speech."""

    def __post_init__(self) -> None:
        """Refuse a beam that follows nothing."""
        if self.beam < 1:
            message = f"beam is {self.beam}; it is at least 1, which is greedy"
            raise SettingsError(message)


def check_folder(source: str) -> None:
    """Refuse a folder that lacks a file: faster-whisper would look for it on the network.

    Raises:
        WeightsError: A file is missing.
    """
    folder = Path(source)
    if not folder.is_dir():
        return
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        message = f"{source}: is no CTranslate2 Whisper model, {', '.join(missing)} missing"
        raise WeightsError(message)


def load_model(
    source: str, options: WhisperOptions, threads: int, calls: int = 1
) -> tuple["WhisperModel", str, str]:
    """Load a model; return it, its device and its compute type. `auto` falls back to the CPU.

    Args:
        source: Folder or hub name.
        options: How to run.
        threads: Of each call on a CPU.
        calls: At the same time on a CPU; they share the weights. A GPU takes one.

    Raises:
        WeightsError: The model is not there or does not load.
        SettingsError: The device or compute type is not to be had here.
    """
    import ctranslate2

    has_gpu = ctranslate2.get_cuda_device_count() > 0
    if options.device == "cuda" and not has_gpu:
        message = "device cuda was asked for, and there is none; use auto or cpu"
        raise SettingsError(message)
    if has_gpu and options.device != "cpu":
        try:
            return _load_on("cuda", source, options, threads, 1)
        except (SettingsError, WeightsError) as error:
            if options.device == "cuda":
                raise
            _LOG.warning("Whisper does not run on the GPU, the CPU is used instead: %s", error)
    return _load_on("cpu", source, options, threads, calls)


def _load_on(
    device: str, source: str, options: WhisperOptions, threads: int, calls: int
) -> tuple["WhisperModel", str, str]:
    import ctranslate2
    from faster_whisper import WhisperModel

    supported = ctranslate2.get_supported_compute_types(device)
    compute_type = options.compute_type
    if compute_type == "auto":
        best = "float16" if device == "cuda" else "int8"
        compute_type = best if best in supported else "float32"
    if compute_type not in supported:
        message = f"compute type {compute_type} is not to be had on {device}: {sorted(supported)}"
        raise SettingsError(message)
    try:
        model = WhisperModel(
            source,
            device=device,
            compute_type=compute_type,
            cpu_threads=threads,
            num_workers=calls,
            local_files_only=not options.may_download,
        )
        if device == "cuda":
            # Libraries of the GPU are loaded at the first use: better here than in a room.
            mels = model.feature_extractor.mel_filters.shape[0]
            model.encode(np.zeros((mels, 10 * FRAMES_PER_S), dtype=np.float32))
    except (OSError, RuntimeError, ValueError) as error:
        message = f"Whisper model {source} does not load on {device}: {error}"
        raise WeightsError(message) from error
    return model, device, compute_type
