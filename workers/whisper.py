"""Utterances of many rooms → words by faster-whisper, in batches, on windows as short as may be.

Whisper's encoder costs the same for one second of sound as for the window it is put in, 30 s as
published; CTranslate2 takes any shorter one, with the same words in a third of the time. Nothing is
carried from one utterance to the next, and nothing that an utterance is heard by depends on those
beside it in a batch: so a replay hears the same.

Radford et al., 2022, "Robust Speech Recognition via Large-Scale Weak Supervision".
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadEventError, TransientError
from workers.asr import Heard
from workers.audio_grid import PER_MS, RATE_HZ
from workers.events import Word
from workers.guards import Evidence, Places, guarded
from workers.hotword_prompt import hotword_tokens, names_of
from workers.hotword_support import doubtful_hotwords, unsupported_hotwords
from workers.utterances import Utterance
from workers.whisper_decode import Decoded, WhisperDecoder, rows_of
from workers.whisper_model import WhisperOptions, check_folder, load_model
from workers.whisper_windows import (
    CPU_WINDOWS_S,
    FRAMES_PER_S,
    GPU_WINDOWS_S,
    batches,
    window_of,
)
from workers.whisper_words import words_of


@dataclass(frozen=True)
class _Prepared:
    """An utterance with voice in it, ready for the encoder."""

    index: int
    utterance: Utterance
    speech: tuple[tuple[int, int], ...]
    features: NDArray[np.float32]
    """(mels, frames) padded to the window."""
    frames: int
    from_ms: int
    """Media time of the first frame."""
    language: str | None
    names: tuple[str, ...]
    """Hotwords."""
    hotwords: list[int]
    """Tokens of the prompt."""

    def words(self, decoded: Decoded) -> tuple[Word, ...]:
        """Return what was decoded as words in media time."""
        within_ms = (self.utterance.start_ms, self.utterance.end_ms)
        return words_of(decoded.alignment, self.from_ms, within_ms)


class WhisperSpeech:
    """The real back end. One thread at a time."""

    def __init__(self, source: str, name: str, options: WhisperOptions | None = None) -> None:
        """Load a model.

        Args:
            source: Folder of a CTranslate2 model, or a name that faster-whisper knows from the hub.
            name: What transcripts call it; part of their ids.
            options: How to run.

        Raises:
            WeightsError: The model is not there or does not load.
            SettingsError: The device or compute type is not to be had here.
        """
        self._options = options or WhisperOptions()
        check_folder(source)
        self._threads = self._options.cpu_threads or min(4, len(os.sched_getaffinity(0)))
        self._model, self._device, self._compute_type = load_model(
            source, self._options, self._threads
        )
        self._decoder = WhisperDecoder(self._model)
        self._name = f"{name}/{self._compute_type}"
        own = GPU_WINDOWS_S if self._device == "cuda" else CPU_WINDOWS_S
        self._windows_s = self._options.windows_s or own

    @property
    def name(self) -> str:
        """Model and compute type."""
        return self._name

    def describe(self) -> str:
        """Return one line that says what was chosen."""
        threads = f", {self._threads} threads" if self._device == "cpu" else ""
        return (
            f"Whisper {self._name} on {self._device}{threads}, batches of {self._options.batch}, "
            f"windows from {self._windows_s[0]} s"
        )

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        """Answer every utterance in order."""
        answers = [Heard() for _ in utterances]
        prepared = [
            one for i, u in enumerate(utterances) if (one := self._prepare(i, u)) is not None
        ]
        keys = [(one.features.shape[1], len(one.hotwords)) for one in prepared]
        for places in batches(keys, self._options.batch):
            batch = [prepared[place] for place in places]
            for one, heard in zip(batch, self._hear(batch), strict=True):
                answers[one.index] = heard
        return answers

    def _prepare(self, index: int, utterance: Utterance) -> _Prepared | None:
        sound: NDArray[np.float32] = utterance.samples.astype(np.float32) / np.float32(32_768)
        spans = self._voice(sound)
        if not spans:
            return None
        first, end = spans[0][0], spans[-1][1]
        frames = -(-(end - first) // (RATE_HZ // FRAMES_PER_S))
        window = window_of(frames, self._windows_s)
        features = self._model.feature_extractor(sound[first:end])[:, :window]
        missing = window - features.shape[1]
        names = names_of(utterance.hotwords)
        return _Prepared(
            index=index,
            utterance=utterance,
            speech=tuple(
                (utterance.start_ms + start // PER_MS, utterance.start_ms + stop // PER_MS)
                for start, stop in spans
            ),
            features=np.pad(features, ((0, 0), (0, missing))),
            frames=frames,
            from_ms=utterance.start_ms + first // PER_MS,
            language=self._language_of(utterance),
            names=tuple(names),
            hotwords=hotword_tokens(names, self._decoder.tokens_of, self._decoder.prompt_limit),
        )

    def _voice(self, sound: NDArray[np.float32]) -> list[tuple[int, int]]:
        """Return where somebody speaks, as first sample and the one behind the last."""
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        if not self._options.voice_threshold or not len(sound):
            return [(0, len(sound))] if len(sound) else []
        voice = VadOptions(
            threshold=self._options.voice_threshold, min_silence_duration_ms=500, speech_pad_ms=200
        )
        return [(span["start"], span["end"]) for span in get_speech_timestamps(sound, voice)]

    def _language_of(self, utterance: Utterance) -> str | None:
        if not self._model.model.is_multilingual:
            return "en"
        wanted = utterance.language or self._options.language or ""
        code = wanted.split("-")[0].lower()
        return code if code in self._model.supported_languages else None

    def _hear(self, batch: list[_Prepared]) -> list[Heard]:
        try:
            encoded = self._decoder.encode([one.features for one in batch])
            languages = self._decoder.languages(encoded, [one.language for one in batch])
            decoded = self._decoder.decode(
                encoded,
                [one.frames for one in batch],
                languages,
                [one.hotwords for one in batch],
            )
            words = [one.words(found) for one, found in zip(batch, decoded, strict=True)]
            unheard = self._unheard(batch, encoded, languages, words)
        except (RuntimeError, ValueError) as error:
            if "out of memory" in str(error):
                message = f"{self._device} is out of memory for a batch of {len(batch)}"
                raise TransientError(message) from error
            message = f"Whisper failed on a batch of {len(batch)}: {error}"
            raise BadEventError(message) from error
        evidence = [
            Evidence(found.log_probability, found.no_speech, one.speech, language)
            for one, found, language in zip(batch, decoded, languages, strict=True)
        ]
        return [self._believe(*one) for one in zip(words, evidence, unheard, strict=True)]

    def _unheard(
        self,
        batch: list[_Prepared],
        encoded: Any,
        languages: list[str],
        words: list[tuple[Word, ...]],
    ) -> list[tuple[Word, ...]]:
        """Return the hotwords of each that the sound does not support.

        Where a hotword is in doubt, the sound is decoded again without hotwords.
        """
        unheard: list[tuple[Word, ...]] = [() for _ in batch]
        options = self._options
        if "hotword_not_heard" not in options.guards.names:
            return unheard
        doubts = [
            doubtful_hotwords(heard, one.names, self._token_count, options.support)
            for one, heard in zip(batch, words, strict=True)
        ]
        rows = [row for row, doubtful in enumerate(doubts) if doubtful]
        if not rows:
            return unheard
        again = self._decoder.decode(
            rows_of(encoded, rows),
            [batch[row].frames for row in rows],
            [languages[row] for row in rows],
            [[] for _ in rows],
        )
        for row, found in zip(rows, again, strict=True):
            plain = batch[row].words(found)
            places = unsupported_hotwords(words[row], doubts[row], plain, options.support)
            unheard[row] = tuple(words[row][place] for place in places)
        return unheard

    def _token_count(self, word: str) -> int:
        return len(self._decoder.tokens_of(f" {word}"))

    def _believe(
        self, words: tuple[Word, ...], evidence: Evidence, unheard: tuple[Word, ...]
    ) -> Heard:
        def places(words: tuple[Word, ...]) -> Places:
            return frozenset(index for index, word in enumerate(words) if word in unheard)

        left = guarded(words, evidence, self._options.guards, places)
        return Heard(
            words=left.words,
            speech=evidence.speech,
            language=evidence.language,
            verdicts=left.verdicts,
            is_rejected=bool(words) and not left.words,
            thrown_away=left.thrown_away,
        )
