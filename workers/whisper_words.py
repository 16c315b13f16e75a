"""An alignment of tokens with sound → words with times and probabilities."""

from typing import Any

import numpy as np

from workers.events import Word

_LONGEST_WORD_S = 0.7
_PHRASE_ENDS = (".", ",", "!", "?", ":", ";", "\u3002", "\uff0c", "\uff01", "\uff1f", "\u3001")
_PREPENDED = "\"'\u201c\u00bf([{-"
_APPENDED = "\"'.\u3002,\uff0c!\uff01?\uff1f:\uff1a\u201d)]}\u3001"


def words_of(
    alignment: list[dict[str, Any]], from_ms: int, within_ms: tuple[int, int]
) -> tuple[Word, ...]:
    """Return an alignment as words in media time, in order and within the utterance.

    Args:
        alignment: As `faster_whisper.WhisperModel.find_alignment` returns for one text.
        from_ms: Media time of the first frame of the sound.
        within_ms: Start and end of the utterance.
    """
    from faster_whisper.transcribe import merge_punctuations

    lengths_s = [w["end"] - w["start"] for w in alignment if w["end"] > w["start"]]
    longest_s = 2 * min(_LONGEST_WORD_S, float(np.median(lengths_s))) if lengths_s else 0.0
    merge_punctuations(alignment, _PREPENDED, _APPENDED)
    words: list[Word] = []
    earliest_ms, latest_ms = within_ms
    follows_pause = True
    for found in alignment:
        text = found["word"].strip()
        if not text:
            continue
        # Alignment gives the pause before a phrase to its first word.
        start_s = max(found["start"], found["end"] - longest_s) if follows_pause else found["start"]
        follows_pause = text.endswith(_PHRASE_ENDS)
        start_ms = max(earliest_ms, from_ms + round(start_s * 1_000))
        start_ms = min(start_ms, latest_ms)
        end_ms = max(start_ms, from_ms + round(found["end"] * 1_000))
        probability = min(1.0, max(0.0, float(found["probability"])))
        end_ms = min(end_ms, latest_ms)
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
