"""Utterances of many rooms → words by faster-whisper, in batches, on windows as short as may be.

Whisper's encoder costs the same for one second of sound as for the window it is put in, 30 s as
published; CTranslate2 takes any shorter one, with the same words in a third of the time. Nothing is
carried from one utterance to the next, and nothing that an utterance is heard by depends on those
beside it in a batch: so a replay hears the same. Where a voice is left without words, the model
stopped early: that stretch is heard once more by itself, all such of a call together.

Radford et al., 2022, "Robust Speech Recognition via Large-Scale Weak Supervision".
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadEventError, TransientError
from workers.asr import Heard
from workers.audio_grid import PER_MS, RATE_HZ
from workers.events import Word
from workers.guards import Evidence, Places, guarded, repetition
from workers.hotword_prompt import hotword_tokens, names_of
from workers.hotword_support import doubtful_hotwords, parts_of_all, unsupported_hotwords
from workers.loops import repeated
from workers.unheard_speech import joined, part_of, unheard_speech, with_unheard
from workers.utterances import Utterance
from workers.voice_spans import voice_spans, with_margin
from workers.whisper_decode import WhisperDecoder, rows_of
from workers.whisper_model import WhisperOptions, check_folder, load_model
from workers.whisper_spelling import HotwordSpeller
from workers.whisper_windows import (
    CPU_WINDOWS_S,
    FRAMES_PER_S,
    GPU_WINDOWS_S,
    batches,
    window_of,
)
from workers.whisper_words import words_of
from workers.word_pauses import Stretch, out_of_pauses


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


@dataclass(frozen=True)
class _Hearing:
    """One decoding of an utterance."""

    words: tuple[Word, ...]
    evidence: Evidence
    unheard: tuple[Word, ...] = ()
    """Hotwords that the sound does not support."""


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
        # A step of the decoder is too small to be shared: on two cores one call on two threads
        # takes twice as long as two calls of half the batch on one thread each.
        self._model, self._device, self._compute_type = load_model(
            source, self._options, threads=1, calls=self._threads
        )
        self._calls = self._threads if self._device == "cpu" else 1
        self._pool = ThreadPoolExecutor(self._calls, thread_name_prefix="whisper")
        self._decoder = WhisperDecoder(self._model, self._options.beam)
        self._speller = HotwordSpeller(self._decoder, self._options.spelling)
        self._name = f"{name}/{self._compute_type}/beam-{self._options.beam}"
        own = GPU_WINDOWS_S if self._device == "cuda" else CPU_WINDOWS_S
        self._windows_s = self._options.windows_s or own

    @property
    def name(self) -> str:
        """Model, compute type and beam."""
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
        found = self._pool.map(self._prepare, range(len(utterances)), utterances)
        prepared = [one for one in found if one is not None]
        parts: list[list[Heard]] = [[] for _ in utterances]
        for turn in range(self._options.unheard.rounds + 1):
            is_last = turn == self._options.unheard.rounds
            left: list[_Prepared] = []
            for one, hearing in zip(prepared, self._hear_all(prepared), strict=True):
                heard, behind = self._completed(one, hearing, may_go_on=not is_last)
                parts[one.index].append(heard)
                left += behind
            prepared = left
        return [joined(some[0], some[1:]) if some else Heard() for some in parts]

    def _hear_all(self, prepared: list[_Prepared]) -> list[_Hearing]:
        keys = [(one.features.shape[1], len(one.hotwords)) for one in prepared]
        found: dict[int, _Hearing] = {}
        groups = batches(keys, self._options.batch, self._calls)
        work = [[prepared[place] for place in places] for places in groups]
        for places, hearings in zip(groups, self._pool.map(self._hear, work), strict=True):
            found |= dict(zip(places, hearings, strict=True))
        return [found[place] for place in range(len(prepared))]

    def _completed(
        self, one: _Prepared, hearing: _Hearing, *, may_go_on: bool
    ) -> tuple[Heard, list[_Prepared]]:
        """Return what is believed of a hearing, and the voice without words to hear once more."""
        heard = self._believe(hearing)
        if heard.is_rejected or not self._options.voice.threshold:
            return heard, []
        within = (one.utterance.start_ms, one.utterance.end_ms)
        lost: list[Stretch] = []
        left: list[_Prepared] = []
        for stretch in unheard_speech(hearing.words, heard.speech, within, self._options.unheard):
            part = part_of(one.utterance, stretch, heard.language)
            # What has no word at all would be heard the same again.
            again = self._prepare(one.index, part) if may_go_on and heard.words else None
            if again:
                left.append(again)
            else:
                lost.append(stretch)
        return with_unheard(heard, lost), left

    def _prepare(self, index: int, utterance: Utterance) -> _Prepared | None:
        sound: NDArray[np.float32] = utterance.samples.astype(np.float32) / np.float32(32_768)
        spans = voice_spans(sound, self._options.voice)
        if not spans:
            return None
        first, end = with_margin(spans, len(sound), self._options.voice)
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

    def _language_of(self, utterance: Utterance) -> str | None:
        if not self._model.model.is_multilingual:
            return "en"
        wanted = utterance.language or self._options.language or ""
        code = wanted.split("-")[0].lower()
        return code if code in self._model.supported_languages else None

    def _hear(self, batch: list[_Prepared]) -> list[_Hearing]:
        try:
            encoded = self._decoder.encode([one.features for one in batch])
            languages = self._decoder.languages(encoded, [one.language for one in batch])
            hearings = self._decode(batch, encoded, languages, [one.hotwords for one in batch])
            return self._check_hotwords(batch, encoded, languages, hearings)
        except (RuntimeError, ValueError) as error:
            if "out of memory" in str(error):
                message = f"{self._device} is out of memory for a batch of {len(batch)}"
                raise TransientError(message) from error
            message = f"Whisper failed on a batch of {len(batch)}: {error}"
            raise BadEventError(message) from error

    def _decode(
        self,
        batch: list[_Prepared],
        encoded: Any,
        languages: list[str],
        hotwords: list[list[int]],
    ) -> list[_Hearing]:
        frames = [one.frames for one in batch]
        decoded = self._decoder.decode(encoded, frames, languages, hotwords)
        names = [one.names if tokens else () for one, tokens in zip(batch, hotwords, strict=True)]
        decoded = self._speller.respell(encoded, frames, languages, names, decoded)
        hearings = []
        for one, found, language in zip(batch, decoded, languages, strict=True):
            within_ms = (one.utterance.start_ms, one.utterance.end_ms)
            evidence = Evidence(
                log_probability=found.log_probability,
                no_speech=found.no_speech,
                speech=one.speech,
                language=language,
                hotwords=parts_of_all(one.names),
                verdicts=found.verdicts,
            )
            words = words_of(found.alignment, one.from_ms, within_ms)
            hearings.append(_Hearing(out_of_pauses(words, one.speech), evidence))
        return hearings

    def _check_hotwords(
        self, batch: list[_Prepared], encoded: Any, languages: list[str], hearings: list[_Hearing]
    ) -> list[_Hearing]:
        """Decode again without hotwords where one is in doubt, or where they led into a loop.

        What loops is not to be believed at all: the second hearing stands for it.
        """
        options = self._options
        if "hotword_not_heard" not in options.guards.names:
            return hearings
        loops = [
            bool(one.hotwords) and self._is_loop(hearing.words)
            for one, hearing in zip(batch, hearings, strict=True)
        ]
        doubts = [
            doubtful_hotwords(hearing.words, one.names, self._token_count, options.support)
            for one, hearing in zip(batch, hearings, strict=True)
        ]
        rows = [row for row in range(len(batch)) if loops[row] or doubts[row]]
        if not rows:
            return hearings
        again = self._decode(
            [batch[row] for row in rows],
            rows_of(encoded, rows),
            [languages[row] for row in rows],
            [[] for _ in rows],
        )
        checked = list(hearings)
        for row, plain in zip(rows, again, strict=True):
            words = hearings[row].words
            if loops[row]:
                checked[row] = replace(
                    plain, evidence=replace(plain.evidence, verdicts=("hotword_loop",))
                )
                continue
            # A phrase that noise is taken for is no witness.
            witness = plain.words if self._believe(plain).words else ()
            places = unsupported_hotwords(words, doubts[row], witness, options.support)
            checked[row] = replace(hearings[row], unheard=tuple(words[i] for i in places))
        return checked

    def _is_loop(self, words: tuple[Word, ...]) -> bool:
        limits = self._options.guards
        return bool(repeated(words, limits.loop_repeats) or repetition(words, limits.compression))

    def _token_count(self, word: str) -> int:
        return len(self._decoder.tokens_of(f" {word}"))

    def _believe(self, hearing: _Hearing) -> Heard:
        def unheard(words: tuple[Word, ...]) -> Places:
            return frozenset(i for i, word in enumerate(words) if word in hearing.unheard)

        evidence = hearing.evidence
        left = guarded(hearing.words, evidence, self._options.guards, unheard)
        return Heard(
            words=left.words,
            speech=evidence.speech,
            language=evidence.language,
            verdicts=left.verdicts,
            is_rejected=bool(hearing.words) and not left.words,
            thrown_away=left.thrown_away,
        )
