"""Transcripts of one room → windows of words, each a job of the summarizer. Pure.

Must not know what is made of a window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from workers.events import GridEvent, Transcript, Word
from workers.summarizers.protocol import WindowText

Titles = Callable[[str, int], tuple[tuple[str, str], ...]]
"""Of a room's cart at a media time in ms: product ids and titles; empty when there is no cart."""


@dataclass(frozen=True)
class RollingTextOptions:
    """Which stretches of speech are summed up."""

    window_ms: int = 30_000
    """Speech that one summary looks at."""
    hop_ms: int = 5_000
    """Between the ends of two windows."""


def _middle_ms(word: Word) -> int:
    return (word.start_ms + word.end_ms) // 2


class RollingText:
    """The machine of one room: transcripts → windows of words.

    Window k ends at (k + 1) hops. A word belongs to the windows that its middle lies in. A window
    is made once the transcripts' watermark has reached its end, so that no word can come late.
    """

    def __init__(
        self,
        stream_id: str,
        options: RollingTextOptions,
        titles: Titles,
        snapshot: dict[str, JsonValue] | None = None,
    ) -> None:
        self._stream_id = stream_id
        self._options = options
        self._titles = titles
        self._held: list[Transcript] = []
        self._taken_slot = -1
        self._heard_until_ms = 0
        self._next_slot = 0
        self._done = False
        if snapshot is not None:
            next_slot = snapshot["next_slot"]
            self._next_slot = next_slot if isinstance(next_slot, int) else 0
            self._done = bool(snapshot["done"])

    def push(self, event: GridEvent) -> Sequence[WindowText]:
        """Take the transcript of the next slot; one taken before, or late, is nothing."""
        if not isinstance(event, Transcript) or self._done or event.slot <= self._taken_slot:
            return ()
        self._taken_slot = event.slot
        self._held.append(event)
        self._heard_until_ms = max(self._heard_until_ms, event.watermark_ms)
        if event.last:
            self._heard_until_ms = max(self._heard_until_ms, event.end_ms)
            return self.close()
        made = []
        while self._grid_end_ms <= self._heard_until_ms:
            made.append(self._cut(self._grid_end_ms, last=False))
        return made

    def close(self) -> Sequence[WindowText]:
        """End the room at the present watermark: the windows up to there, the final one shorter."""
        if self._done:
            return ()
        made = []
        while self._grid_end_ms < self._heard_until_ms:
            made.append(self._cut(self._grid_end_ms, last=False))
        made.append(self._cut(max(self._heard_until_ms, self._window_start_ms), last=True))
        self._done = True
        self._held.clear()
        return made

    @property
    def needed_from_ms(self) -> int:
        """The start of the earliest window that is not yet made, or what holds a word of it."""
        # A transcript may carry a word that reaches past its own slot.
        ends = [held.end_ms - 1 for held in self._held if self._reaches(held)]
        return min([self._window_start_ms, *ends])

    @property
    def done(self) -> bool:
        """Whether the room's last window was made."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """The next window and whether there is one."""
        return {"next_slot": self._next_slot, "done": self._done}

    @property
    def _grid_end_ms(self) -> int:
        return (self._next_slot + 1) * self._options.hop_ms

    @property
    def _window_start_ms(self) -> int:
        return max(0, self._grid_end_ms - self._options.window_ms)

    def _reaches(self, held: Transcript) -> bool:
        return any(_middle_ms(word) >= self._window_start_ms for word in held.words)

    def _cut(self, end_ms: int, *, last: bool) -> WindowText:
        start_ms = self._window_start_ms
        # A room's last words are kept even where their middle lies past its last sample.
        words = sorted(
            (
                word
                for held in self._held
                for word in held.words
                if start_ms <= _middle_ms(word) and (last or _middle_ms(word) < end_ms)
            ),
            key=lambda word: (word.start_ms, word.end_ms),
        )
        languages = [
            held.language for held in self._held if held.language and held.end_ms > start_ms
        ]
        window = WindowText(
            stream_id=self._stream_id,
            slot=self._next_slot,
            start_ms=start_ms,
            end_ms=end_ms,
            last=last,
            words=tuple(words),
            titles=self._titles(self._stream_id, max(start_ms, end_ms - 1)),
            language=languages[-1] if languages else None,
        )
        self._next_slot += 1
        self._held = [
            held
            for held in self._held
            if held.end_ms > self._window_start_ms or self._reaches(held)
        ]
        return window
