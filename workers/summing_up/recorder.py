"""Keeps what a back end says within the stage, where guards stand before and after it."""

from collections.abc import Sequence
from typing import Literal

from workers.summarizers.protocol import Broken, Draft, SummaryWriter, WindowText


class Recorder:
    """A back end that remembers its answers.

    Args:
        writer: answers.
    """

    def __init__(self, writer: SummaryWriter) -> None:
        self._writer = writer
        self._written: dict[tuple[str, int], tuple[WindowText, Draft | Broken]] = {}

    @property
    def rung(self) -> Literal["llm", "server", "extractive"]:
        """As the back end's."""
        return self._writer.rung

    @property
    def model(self) -> str:
        """As the back end's."""
        return self._writer.model

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        """Answer every window, and remember."""
        written = self._writer.write(windows)
        for window, draft in zip(windows, written, strict=True):
            self._written[window.stream_id, window.slot] = (window, draft)
        return written

    def alone(self, window: WindowText) -> Draft | Broken:
        """Return what the back end says to a whole window.

        It is asked again where the stage kept words or titles of the window from it.
        """
        shown, draft = self._written.get((window.stream_id, window.slot), (None, None))
        if draft is not None and shown == window:
            return draft
        return self._writer.write([window])[0]
