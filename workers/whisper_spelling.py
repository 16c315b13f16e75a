"""Hotwords that Whisper wrote otherwise, written as the room does where the sound speaks for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workers.hotword_spelling import Spelling, SpellingOptions, believed, spellings
from workers.whisper_decode import Decoded, WhisperDecoder, rows_of

VERDICT = "hotword_spelled"
"""Says that a name stands where another spelling was heard."""


class HotwordSpeller:
    """Asks the decoder how probable a sentence is with a name in it, for a batch at a time."""

    def __init__(self, decoder: WhisperDecoder, options: SpellingOptions) -> None:
        self._decoder, self._options = decoder, options

    def respell(
        self,
        encoded: Any,
        frames: Sequence[int],
        languages: Sequence[str],
        names: Sequence[Sequence[str]],
        decoded: Sequence[Decoded],
    ) -> list[Decoded]:
        """Return what was decoded, with names in place of what sounds like them.

        Args:
            encoded: By the decoder, one row for each sound.
            frames: Length of each sound in frames of 10 ms.
            languages: Of each.
            names: Hotwords of each.
            decoded: What was heard with them.
        """
        tried = [
            (row, one)
            for row in range(len(decoded))
            for one in self._spellings(decoded[row], names[row])
        ]
        gains = self._gains(encoded, frames, languages, decoded, tried)
        wanted: dict[int, list[int]] = {}
        for row in dict.fromkeys(row for row, _ in tried):
            places = [place for place, (other, _) in enumerate(tried) if other == row]
            kept = believed(
                [tried[place][1] for place in places],
                [gains[place] for place in places],
                self._options.bonus,
            )
            if kept:
                wanted[row] = self._tokens(decoded[row], kept)
        if not wanted:
            return list(decoded)
        rows = list(wanted)
        aligned = self._decoder.align(
            rows_of(encoded, rows),
            [frames[row] for row in rows],
            [languages[row] for row in rows],
            list(wanted.values()),
        )
        found = list(decoded)
        for row, alignment in zip(rows, aligned, strict=True):
            found[row] = replace(decoded[row], alignment=alignment, verdicts=(VERDICT,))
        return found

    def _spellings(self, heard: Decoded, names: Sequence[str]) -> list[Spelling]:
        if not names or not self._options.bonus:
            return []
        words = [(str(one["word"]), float(one["probability"])) for one in heard.alignment]
        return spellings(words, names, self._options)

    def _gains(
        self,
        encoded: Any,
        frames: Sequence[int],
        languages: Sequence[str],
        decoded: Sequence[Decoded],
        tried: Sequence[tuple[int, Spelling]],
    ) -> list[float]:
        if not tried:
            return []
        asked = list(dict.fromkeys(row for row, _ in tried))
        rows = [*asked, *(row for row, _ in tried)]
        texts = [self._tokens(decoded[row], []) for row in asked]
        texts += [self._tokens(decoded[row], [one]) for row, one in tried]
        found = self._decoder.log_likelihoods(
            rows_of(encoded, rows),
            [frames[row] for row in rows],
            [languages[row] for row in rows],
            texts,
        )
        before = dict(zip(asked, found[: len(asked)], strict=True))
        return [
            after - before[row] for (row, _), after in zip(tried, found[len(asked) :], strict=True)
        ]

    def _tokens(self, heard: Decoded, kept: Sequence[Spelling]) -> list[int]:
        """Return the tokens of a text with names in place of some of its words."""
        tokens: list[int] = []
        names = {one.first: one for one in kept}
        place = 0
        while place < len(heard.alignment):
            if one := names.get(place):
                tokens += self._decoder.tokens_of(f" {one.name}")
                place = one.end
            else:
                tokens += heard.alignment[place]["tokens"]
                place += 1
        return tokens
