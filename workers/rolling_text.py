"""Transcripts and screen texts of one room → windows, each a job of the summarizer. Pure.

Must not know what is made of a window.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from workers.events import GridEvent, ScreenText, Track, Transcript, Word
from workers.ladder import lowest
from workers.screen_lines import ScreenLines
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


def _meets(one: Transcript, start_ms: int, end_ms: int) -> bool:
    return one.end_ms > start_ms and one.start_ms < end_ms


@dataclass(frozen=True)
class _Held:
    transcript: Transcript
    before_ms: int
    """The watermark at which it came: windows that end there were complete without it."""


class RollingText:
    """The machine of one room: transcripts, and what was read on its screen → windows.

    Window k ends at (k + 1) hops. A word belongs to the windows that its middle lies in. A window
    is made once the transcripts' watermark has reached its end, so that no word can come late.
    Where the screen is read, its watermark must have reached that end, too, or its track have
    ended; which of the two comes first changes nothing.

    Args:
        stream_id: the room.
        options: windows and hop.
        titles: of its cart.
        snapshot: of an earlier machine of this room.
        tracks: what windows are made from: sound, and with `video` the text on the screen. Without
            sound there are none.
    """

    def __init__(
        self,
        stream_id: str,
        options: RollingTextOptions,
        titles: Titles,
        snapshot: dict[str, JsonValue] | None = None,
        tracks: Sequence[Track] = ("audio",),
    ) -> None:
        saved = snapshot or {}
        next_slot = saved.get("next_slot")
        self._stream_id = stream_id
        self._options = options
        self._titles = titles
        self._held: list[_Held] = []
        self._taken_slot = -1
        self._heard_until_ms = 0
        self._last: _Held | None = None
        self._next_slot = next_slot if isinstance(next_slot, int) else 0
        self._done = saved.get("done") is True
        self._is_silent = "audio" not in tracks
        self._screen: ScreenLines | None = None
        if "video" in tracks:
            self._screen = ScreenLines(has_ended=saved.get("screen_ended") is True)
        self._passed_ms = 0

    def push(self, event: GridEvent) -> Sequence[WindowText]:
        """Take the next transcript or screen text; one taken before, or late, is nothing."""
        if self._done or event.revision:
            return ()
        if self._is_silent:
            self._passed_ms = event.end_ms
            self._done = event.last
        elif isinstance(event, ScreenText) and self._screen is not None:
            self._screen.take(event)
        elif isinstance(event, Transcript) and event.slot > self._taken_slot:
            self._hear(event)
        else:
            return ()
        return () if self._done else self._ripe()

    def close(self) -> Sequence[WindowText]:
        """End the room at the present watermark: the windows up to there, the final one shorter."""
        if self._done:
            return ()
        made = []
        while self._grid_end_ms <= self._inner_ms:
            made.append(self._cut(self._grid_end_ms, last=False))
        made.append(self._cut(max(self._heard_until_ms, self._window_start_ms), last=True))
        self._done = True
        self._held.clear()
        return made

    @property
    def needed_from_ms(self) -> int:
        """The start of the earliest window that is not yet made, or what holds a word of it."""
        if self._is_silent:
            return self._passed_ms
        # A transcript may carry a word that reaches past its own slot.
        ends = [held.transcript.end_ms - 1 for held in self._held if self._reaches(held)]
        if self._last is not None:
            ends.append(self._last.transcript.end_ms - 1)
        return min([self._window_start_ms, *ends])

    @property
    def done(self) -> bool:
        """Whether the room's last window was made."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """The next window and whether there is one, and an end that no input will tell again."""
        told: dict[str, JsonValue] = {"next_slot": self._next_slot, "done": self._done}
        if self._screen is not None:
            told["screen_ended"] = self._screen.had_ended_by(self.needed_from_ms)
        return told

    @property
    def _grid_end_ms(self) -> int:
        return (self._next_slot + 1) * self._options.hop_ms

    @property
    def _window_start_ms(self) -> int:
        return max(0, self._grid_end_ms - self._options.window_ms)

    @property
    def _inner_ms(self) -> int:
        """Up to where windows end that are not the last one."""
        if self._last is None:
            return self._heard_until_ms
        return max(self._last.before_ms, self._heard_until_ms - 1)

    def _hear(self, event: Transcript) -> None:
        self._taken_slot = event.slot
        held = _Held(event, self._heard_until_ms)
        self._held.append(held)
        self._heard_until_ms = max(self._heard_until_ms, event.watermark_ms)
        if event.last:
            self._last = held
            self._heard_until_ms = max(self._heard_until_ms, event.end_ms)

    def _ripe(self) -> Sequence[WindowText]:
        if self._last is not None and self._is_read(self._heard_until_ms):
            return self.close()
        made = []
        while self._grid_end_ms <= self._inner_ms and self._is_read(self._grid_end_ms):
            made.append(self._cut(self._grid_end_ms, last=False))
        return made

    def _is_read(self, media_ms: int) -> bool:
        return self._screen is None or self._screen.has_passed(media_ms)

    def _reaches(self, held: _Held) -> bool:
        return any(_middle_ms(word) >= self._window_start_ms for word in held.transcript.words)

    def _cut(self, end_ms: int, *, last: bool) -> WindowText:
        start_ms = self._window_start_ms
        known = [held.transcript for held in self._held if last or held.before_ms < end_ms]
        # A room's last words are kept even where their middle lies past its last sample.
        words = sorted(
            (
                word
                for heard in known
                for word in heard.words
                if start_ms <= _middle_ms(word) and (last or _middle_ms(word) < end_ms)
            ),
            key=lambda word: (word.start_ms, word.end_ms),
        )
        languages = [
            heard.language for heard in known if heard.language and heard.end_ms > start_ms
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
            screen_lines=self._screen.between(start_ms, end_ms) if self._screen else (),
            load_rung=lowest(*(one.load_rung for one in known if _meets(one, start_ms, end_ms))),
        )
        self._next_slot += 1
        self._held = [
            held
            for held in self._held
            if held.transcript.end_ms > self._window_start_ms or self._reaches(held)
        ]
        if self._screen is not None:
            self._screen.forget(self._window_start_ms)
        return window
