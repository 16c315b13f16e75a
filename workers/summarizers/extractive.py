"""The summarizer without a language model: the title of the cart that was heard best, or none.

It hears names (`hearing.py`) and understands nothing, so a product that the host only describes is
missed. Without a cart it says "no product": a phrase cut out of the speech would be a guess, and
the match stage reads the words themselves. It is also what a language model falls back on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from workers.summarizers.hearing import HearingOptions, heard
from workers.summarizers.protocol import CHOICE_MS, NO_PRODUCT, Broken, Draft, WindowText


@dataclass(frozen=True)
class ExtractiveOptions:
    """When a title counts as heard."""

    least_score: float = 0.35
    """Score of `hearing.heard` below which no product is being sold; fitted on 72 windows."""
    choice_ms: int = CHOICE_MS
    """How much of the window's end decides between titles."""
    hearing: HearingOptions = field(default_factory=HearingOptions)


class Extractive:
    """Chooses among the cart's titles by sound."""

    rung: Literal["llm", "server", "extractive"] = "extractive"
    model = "extractive-1"

    def __init__(self, options: ExtractiveOptions | None = None) -> None:
        self._options = options or ExtractiveOptions()

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        """Answer every window."""
        return [self.choose(window) for window in windows]

    def choose(self, window: WindowText) -> Draft:
        """Answer one window."""
        words = window.latest(self._options.choice_ms).words
        scores = heard([title for _, title in window.titles], words, self._options.hearing)
        best = max(range(len(scores)), key=scores.__getitem__, default=None)
        if best is None or scores[best] < self._options.least_score:
            score = None if best is None else scores[best]
            return Draft(None, score=score, raw_text=NO_PRODUCT)
        product_id, title = window.titles[best]
        return Draft(title, product_id=product_id, score=scores[best], raw_text=title)
