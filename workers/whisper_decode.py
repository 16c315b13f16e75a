"""Sound in windows → tokens and their alignment, for a batch of rooms, languages and hotwords.

The parts of faster-whisper are called one by one: encoder, language, decoding by beam search and
alignment. What they share in a call is the window and the length of the prompt, nothing else.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workers.whisper_windows import FRAMES_PER_S

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

_TOKENS_PER_S = 20
"""More than anybody speaks in any language; a loop of the decoder ends here."""
_LEAST = 1e-12
"""A probability of 0 is one that single precision cannot tell from it."""


@dataclass(frozen=True)
class Decoded:
    """What one sound was decoded to."""

    alignment: list[dict[str, Any]]
    """As `faster_whisper.WhisperModel.find_alignment` returns it."""
    log_probability: float
    """Mean over tokens."""
    no_speech: float
    """Probability of `no speech`."""
    verdicts: tuple[str, ...] = ()
    """What was done to it since."""


class WhisperDecoder:
    """Decodes batches; their sounds have the same window."""

    def __init__(self, model: "WhisperModel", beam: int) -> None:
        from faster_whisper.transcribe import get_suppressed_tokens

        self._model, self._beam = model, beam
        self._tokenizers: dict[str, Tokenizer] = {}
        self._suppressed = get_suppressed_tokens(self._tokenizer("en"), [-1])
        self.prompt_limit = model.max_length // 2 - 1

    def encode(self, windows: Sequence[NDArray[np.float32]]) -> Any:
        """Return the encoder's output for features of shape (mels, frames)."""
        return self._model.encode(np.stack(windows))

    def languages(self, encoded: Any, known: Sequence[str | None]) -> list[str]:
        """Return the language of each sound, found out where it is not known."""
        if None not in known:
            return [one for one in known if one]
        found = self._model.model.detect_language(encoded)
        return [
            one or str(likely[0][0]).strip("<|>") for one, likely in zip(known, found, strict=True)
        ]

    def tokens_of(self, text: str) -> list[int]:
        """Return the tokens of a text, the same in all languages."""
        return list(self._tokenizer("en").encode(text))

    def decode(
        self,
        encoded: Any,
        frames: Sequence[int],
        languages: Sequence[str],
        hotwords: Sequence[list[int]],
    ) -> list[Decoded]:
        """Decode and align a batch in one call each.

        Args:
            encoded: By `encode`.
            frames: Length of each sound in frames of 10 ms.
            languages: Of each.
            hotwords: Tokens of each, all of one length; empty for none.
        """
        prompts = [self._prompt(*one) for one in zip(languages, hotwords, strict=True)]
        window_s = encoded.shape[1] * 2 // FRAMES_PER_S
        results = self._model.model.generate(
            encoded,
            prompts,
            beam_size=self._beam,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            max_length=min(self._model.max_length, len(prompts[0]) + window_s * _TOKENS_PER_S),
        )
        end = self._tokenizer("en").eot
        tokens = [[t for t in result.sequences_ids[0] if t < end] for result in results]
        aligned = self.align(encoded, frames, languages, tokens)
        return [
            Decoded(
                alignment=alignment,
                log_probability=_mean_of(result.scores[0], len(result.sequences_ids[0])),
                no_speech=result.no_speech_prob,
            )
            for result, alignment in zip(results, aligned, strict=True)
        ]

    def align(
        self,
        encoded: Any,
        frames: Sequence[int],
        languages: Sequence[str],
        tokens: list[list[int]],
    ) -> list[list[dict[str, Any]]]:
        """Align texts with sounds, without hotwords.

        Args:
            encoded: By `encode`.
            frames: Length of each sound in frames of 10 ms.
            languages: Of each.
            tokens: Of each text.

        Returns:
            Of each, what `faster_whisper.WhisperModel.find_alignment` returns.
        """
        aligned: list[list[dict[str, Any]]] = [[] for _ in tokens]
        for language, rows in _by_language(languages):
            found = self._model.find_alignment(
                self._tokenizer(language),
                [tokens[row] for row in rows],
                rows_of(encoded, rows),
                [frames[row] for row in rows],
            )
            for row, alignment in zip(rows, found, strict=True):
                aligned[row] = alignment
        return aligned

    def log_likelihoods(
        self,
        encoded: Any,
        frames: Sequence[int],
        languages: Sequence[str],
        tokens: list[list[int]],
    ) -> list[float]:
        """Return the log probability of each text given its sound, without hotwords, in nats.

        Args:
            encoded: By `encode`.
            frames: Length of each sound in frames of 10 ms.
            languages: Of each.
            tokens: Of each text.
        """
        found = [0.0] * len(tokens)
        for language, rows in _by_language(languages):
            results = self._model.model.align(
                rows_of(encoded, rows),
                self._tokenizer(language).sot_sequence,
                [tokens[row] for row in rows],
                [frames[row] for row in rows],
            )
            for row, result in zip(rows, results, strict=True):
                found[row] = math.fsum(
                    math.log(max(one, _LEAST)) for one in result.text_token_probs
                )
        return found

    def _prompt(self, language: str, hotwords: list[int]) -> list[int]:
        tokenizer = self._tokenizer(language)
        before = [tokenizer.sot_prev, *hotwords] if hotwords else []
        return [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps]

    def _tokenizer(self, language: str) -> "Tokenizer":
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            model = self._model
            self._tokenizers[language] = Tokenizer(
                model.hf_tokenizer,
                model.model.is_multilingual,
                task="transcribe",
                language=language,
            )
        return self._tokenizers[language]


def rows_of(encoded: Any, rows: Sequence[int]) -> Any:
    """Return some of the sounds of an encoder's output."""
    import ctranslate2

    if list(rows) == list(range(encoded.shape[0])):
        return encoded
    # CTranslate2 offers no cut of its own; it takes sounds from the CPU on any device.
    numbers = np.array(encoded.to_device(ctranslate2.Device.cpu).to(ctranslate2.DataType.float32))
    chosen = np.ascontiguousarray(numbers[list(rows)])
    return ctranslate2.StorageView.from_array(chosen).to(encoded.dtype)


def _by_language(languages: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Return the rows of each language: a call has one prompt for all."""
    return [
        (language, [row for row, one in enumerate(languages) if one == language])
        for language in dict.fromkeys(languages)
    ]


def _mean_of(score: float, count: int) -> float:
    """Return the mean log probability with the end of text, which the score is not divided by."""
    return score * count / (count + 1)
