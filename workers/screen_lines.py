"""What was read on one room's screen, by media time, for as long as a window may want it. Pure."""

from workers.events import ScreenText


class ScreenLines:
    """Takes the slots of one room in order and tells the lines of any stretch of it.

    A slot belongs to the stretches that its end lies in: once the watermark has passed the end of
    a stretch, no slot of it can come late.

    Args:
        has_ended: whether the last slot was taken before, and none will come again.
    """

    def __init__(self, *, has_ended: bool = False) -> None:
        self._has_ended = has_ended
        self._last_ms = 0
        self._through_ms = 0
        self._taken_slot = -1
        self._held: list[ScreenText] = []

    def take(self, event: ScreenText) -> None:
        """Take the next slot; one taken before, or late, is nothing."""
        if event.slot <= self._taken_slot:
            return
        self._taken_slot = event.slot
        self._through_ms = max(self._through_ms, event.watermark_ms)
        self._last_ms = event.end_ms
        self._has_ended = self._has_ended or event.last
        if event.lines:
            self._held.append(event)

    def has_passed(self, media_ms: int) -> bool:
        """Whether no slot that ends at or before a media time will come any more."""
        return self._has_ended or self._through_ms >= media_ms

    def between(self, start_ms: int, end_ms: int) -> tuple[str, ...]:
        """Return each line that was read after the start and up to the end, once, in order."""
        lines: dict[str, str] = {}
        for held in self._held:
            if start_ms < held.end_ms <= end_ms:
                for line in held.lines:
                    lines.setdefault(line.casefold(), line)
        return tuple(lines.values())

    def forget(self, before_ms: int) -> None:
        """Let go of slots that end at or before a media time."""
        self._held = [held for held in self._held if held.end_ms > before_ms]

    def had_ended_by(self, media_ms: int) -> bool:
        """Whether the last slot came and ends at or before a media time."""
        return self._has_ended and self._last_ms <= media_ms
