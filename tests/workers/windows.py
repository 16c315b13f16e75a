"""Windows and transcripts of evenly spoken words, and what is read on a screen."""

from workers.events import ScreenText, Transcript, Word
from workers.summarizers.protocol import WindowText


def spoken(text: str, start_ms: int = 0, word_ms: int = 400) -> tuple[Word, ...]:
    return tuple(
        Word(
            text=word,
            start_ms=start_ms + index * word_ms,
            end_ms=start_ms + (index + 1) * word_ms,
            probability=0.9,
        )
        for index, word in enumerate(text.split())
    )


def window(text: str, *titles: str, slot: int = 5) -> WindowText:
    """A window at whose end the text was said."""
    start_ms = max(0, 30_000 - 400 * len(text.split()))
    return WindowText(
        stream_id="room",
        slot=slot,
        start_ms=0,
        end_ms=30_000,
        words=spoken(text, start_ms),
        titles=tuple((f"p{index}", title) for index, title in enumerate(titles)),
        language="en",
    )


def transcript(slot: int, *words: Word, last: bool = False, language: str = "en") -> Transcript:
    return Transcript(
        stream_id="room",
        slot=slot,
        start_ms=slot * 1_000,
        end_ms=(slot + 1) * 1_000,
        watermark_ms=(slot + 1) * 1_000,
        last=last,
        words=words,
        language=language,
    )


def screen(slot: int, *lines: str, last: bool = False) -> ScreenText:
    """What was read in a slot of half a second."""
    return ScreenText(
        stream_id="room",
        slot=slot,
        start_ms=slot * 500,
        end_ms=(slot + 1) * 500,
        watermark_ms=(slot + 1) * 500,
        last=last,
        lines=lines,
        scores=tuple(0.9 for _ in lines),
        was_read=bool(lines),
    )
