"""Utterances → words by faster-whisper, on windows as short as the utterances are.

Whisper's encoder costs the same for one second of sound as for the window it is put in, 30 s as
published; CTranslate2 takes any shorter one, with the same words in a third of the time.
So the parts of faster-whisper are called one by one: voice activity, features, encoder, greedy
decoding with hotwords, alignment. Nothing is carried from one utterance to the next, so that a
replay hears the same.

Radford et al., 2022, "Robust Speech Recognition via Large-Scale Weak Supervision".
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadEventError, TransientError
from workers.asr import Heard
from workers.audio_grid import PER_MS, RATE_HZ
from workers.events import Word
from workers.utterances import Utterance
from workers.whisper_model import WINDOW_FRAMES, WhisperOptions, check_folder, load_model

if TYPE_CHECKING:
    from faster_whisper.tokenizer import Tokenizer

_FRAMES_PER_S = 100
_LONGEST_FRAMES = 3_000
_TOKENS_PER_S = 20
"""More than anybody speaks in any language; a loop of the decoder ends here."""
_LONGEST_WORD_S = 0.7
_PHRASE_ENDS = (".", ",", "!", "?", ":", ";", "\u3002", "\uff0c", "\uff01", "\uff1f", "\u3001")
_PREPENDED = "\"'\u201c\u00bf([{-"
_APPENDED = "\"'.\u3002,\uff0c!\uff01?\uff1f:\uff1a\u201d)]}\u3001"


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
        self._name = f"{name}/{self._compute_type}"
        self._batch = self._options.batch or (8 if self._device == "cuda" else 1)

    @property
    def name(self) -> str:
        """Model and compute type."""
        return self._name

    def describe(self) -> str:
        """Return one line that says what was chosen."""
        where = f"{self._threads} threads" if self._device == "cpu" else f"batches of {self._batch}"
        return f"Whisper {self._name} on {self._device}, {where}, windows of 10 s"

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        """Answer every utterance in order."""
        answers = [Heard() for _ in utterances]
        groups: dict[tuple[str | None, str, int], list[_Prepared]] = {}
        for index, utterance in enumerate(utterances):
            prepared = self._prepare(index, utterance)
            if prepared is not None:
                window = prepared.features.shape[1]
                key = (prepared.language, utterance.hotwords, window)
                groups.setdefault(key, []).append(prepared)
        for (language, _, _), group in groups.items():
            # Where the language must be found out first, each has a prompt of its own.
            size = self._batch if language else 1
            for start in range(0, len(group), size):
                batch = group[start : start + size]
                for prepared, heard in zip(batch, self._hear(batch), strict=True):
                    answers[prepared.index] = heard
        return answers

    def _prepare(self, index: int, utterance: Utterance) -> _Prepared | None:
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        sound = utterance.samples.astype(np.float32) / 32_768
        voice = VadOptions(
            threshold=self._options.voice_threshold, min_silence_duration_ms=500, speech_pad_ms=200
        )
        spans = get_speech_timestamps(sound, voice) if len(sound) else []
        if not spans:
            return None
        first, end = spans[0]["start"], spans[-1]["end"]
        frames = -(-(end - first) // (RATE_HZ // _FRAMES_PER_S))
        if frames > _LONGEST_FRAMES:
            message = f"utterance of {frames / _FRAMES_PER_S:.1f} s is over Whisper's limit of 30 s"
            raise BadEventError(message)
        window = -(-frames // WINDOW_FRAMES) * WINDOW_FRAMES
        features = self._model.feature_extractor(sound[first:end])[:, :window]
        missing = window - features.shape[1]
        return _Prepared(
            index=index,
            utterance=utterance,
            speech=tuple(
                (utterance.start_ms + s["start"] // PER_MS, utterance.start_ms + s["end"] // PER_MS)
                for s in spans
            ),
            features=np.pad(features, ((0, 0), (0, missing))),
            frames=frames,
            from_ms=utterance.start_ms + first // PER_MS,
            language=self._language_of(utterance),
        )

    def _language_of(self, utterance: Utterance) -> str | None:
        if not self._model.model.is_multilingual:
            return "en"
        wanted = utterance.language or self._options.language or ""
        code = wanted.split("-")[0].lower()
        return code if code in self._model.supported_languages else None

    def _hear(self, batch: list[_Prepared]) -> list[Heard]:
        from faster_whisper.tokenizer import Tokenizer

        try:
            encoded = self._model.encode(np.stack([one.features for one in batch]))
            language = batch[0].language
            if language is None:
                found = self._model.model.detect_language(encoded)[0][0][0]
                language = str(found).strip("<|>")
            tokenizer = Tokenizer(
                self._model.hf_tokenizer,
                self._model.model.is_multilingual,
                task="transcribe",
                language=language,
            )
            results = self._decode(encoded, tokenizer, batch)
            tokens = [[t for t in r.sequences_ids[0] if t < tokenizer.eot] for r in results]
            frames = [one.frames for one in batch]
            aligned = self._model.find_alignment(tokenizer, tokens, encoded, frames)
        except (RuntimeError, ValueError) as error:
            if "out of memory" in str(error):
                message = f"{self._device} is out of memory for a batch of {len(batch)}"
                raise TransientError(message) from error
            message = f"Whisper failed on a batch of {len(batch)}: {error}"
            raise BadEventError(message) from error
        texts = [tokenizer.decode(one) for one in tokens]
        return [
            self._believe(one, result, text, words_of(one, alignment), language)
            for one, result, text, alignment in zip(batch, results, texts, aligned, strict=True)
        ]

    def _decode(self, encoded: Any, tokenizer: "Tokenizer", batch: list[_Prepared]) -> Any:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt = self._model.get_prompt(
            tokenizer, [], without_timestamps=True, hotwords=batch[0].utterance.hotwords or None
        )
        window_s = batch[0].features.shape[1] // _FRAMES_PER_S
        return self._model.model.generate(
            encoded,
            [prompt] * len(batch),
            beam_size=1,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            max_length=min(self._model.max_length, len(prompt) + window_s * _TOKENS_PER_S),
        )

    def _believe(
        self, one: _Prepared, result: Any, text: str, words: tuple[Word, ...], language: str
    ) -> Heard:
        from faster_whisper.transcribe import get_compression_ratio

        options = self._options
        count = len(result.sequences_ids[0])
        log_probability = result.scores[0] * count / (count + 1)
        verdicts = []
        is_rejected = False
        if log_probability < options.log_probability_threshold:
            verdicts.append("low_log_probability")
            is_rejected = result.no_speech_prob > options.no_speech_threshold
            if is_rejected:
                verdicts.append("no_speech")
        if text.strip() and get_compression_ratio(text.strip()) > options.compression_threshold:
            verdicts.append("repetition")
            is_rejected = True
        return Heard(
            words=() if is_rejected else words,
            speech=one.speech,
            language=language,
            verdicts=tuple(verdicts),
            is_rejected=is_rejected,
        )


def words_of(one: _Prepared, alignment: list[dict[str, Any]]) -> tuple[Word, ...]:
    """Return an alignment as words in media time, in order and within the utterance."""
    from faster_whisper.transcribe import merge_punctuations

    lengths_s = [w["end"] - w["start"] for w in alignment if w["end"] > w["start"]]
    longest_s = 2 * min(_LONGEST_WORD_S, float(np.median(lengths_s))) if lengths_s else 0.0
    merge_punctuations(alignment, _PREPENDED, _APPENDED)
    words: list[Word] = []
    earliest_ms = one.utterance.start_ms
    follows_pause = True
    for found in alignment:
        text = found["word"].strip()
        if not text:
            continue
        # Alignment gives the pause before a phrase to its first word.
        start_s = max(found["start"], found["end"] - longest_s) if follows_pause else found["start"]
        follows_pause = text.endswith(_PHRASE_ENDS)
        start_ms = max(earliest_ms, one.from_ms + round(start_s * 1_000))
        start_ms = min(start_ms, one.utterance.end_ms)
        end_ms = max(start_ms, one.from_ms + round(found["end"] * 1_000))
        probability = min(1.0, max(0.0, float(found["probability"])))
        end_ms = min(end_ms, one.utterance.end_ms)
        if words and _goes_on(words[-1].text, found["word"]):
            text, start_ms = words[-1].text + text, words[-1].start_ms
            probability = min(probability, words.pop().probability)
        words.append(Word(text=text, start_ms=start_ms, end_ms=end_ms, probability=probability))
        earliest_ms = start_ms
    return tuple(words)


def _goes_on(before: str, piece: str) -> bool:
    """Whether a piece belongs to the word before it, as `.79` does to `$1`.

    Signs of scripts without spaces are words of their own.
    """
    return not piece.startswith(" ") and piece[0].isascii() and before[-1].isascii()
