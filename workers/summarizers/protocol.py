"""What a summarizer reads and writes, whichever back end does the work.

A back end names a product or none. Times, support and the schema are made by code around it, so
that a language model writes one short line at most, and what it makes up is noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

from workers.events import LoadRung, Word
from workers.ladder import lowest

NO_PRODUCT = "no product"
CHOICE_MS = 10_000
"""How much of a window's end decides between titles: what is sold now, not what was sold before.
Of 76 windows of two made rooms, 55 came right with 30,000 ms, 67 with 15,000, 72 with this."""


@dataclass(frozen=True)
class WindowText:
    """What was said in one window of one room, and what is on sale there."""

    stream_id: str
    slot: int
    start_ms: int
    end_ms: int
    last: bool = False
    words: tuple[Word, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    """Product id and title of the cart at the window's end; empty when no cart is known."""
    language: str | None = None
    screen_lines: tuple[str, ...] = ()
    """What stood on the screen in that time, as far as pictures are read."""
    load_rung: LoadRung = "full"
    """What is left out of the work on it, or was of what it was made from."""

    @cached_property
    def text(self) -> str:
        """The words, joined."""
        return " ".join(word.text.strip() for word in self.words)

    def lowered(self, rung: LoadRung) -> "WindowText":
        """Return the window with a rung, if that leaves out more."""
        return replace(self, load_rung=lowest(self.load_rung, rung))

    def latest(self, length_ms: int) -> "WindowText":
        """Return the window with only the words that began in its last `length_ms`."""
        from_ms = self.end_ms - length_ms
        return replace(self, words=tuple(one for one in self.words if one.start_ms >= from_ms))


@dataclass(frozen=True)
class Draft:
    """What a back end makes of one window."""

    product_name: str | None
    """None: no product is being sold."""
    attributes: tuple[str, ...] = ()
    product_id: str | None = None
    """Set when it chose among the cart's titles."""
    score: float | None = None
    """How sure it is; higher is surer, comparable only within one back end."""
    raw_text: str = ""
    """What the model wrote, or the title that it chose."""


@dataclass(frozen=True)
class Broken:
    """Output that is not what was asked for."""

    raw_text: str
    reason: str
    verdict: str = "broken"
    """One word for metrics and for `Summary.verdicts`."""


class SummaryWriter(Protocol):
    """A back end. Used from one thread at a time."""

    @property
    def rung(self) -> Literal["llm", "server", "extractive"]:
        """What summaries written by it say of their origin."""

    @property
    def model(self) -> str:
        """Name and version of all that its output depends on."""

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        """Answer every window, in order; all of them have words.

        Raises:
            TransientError: the whole batch may work later.
        """
