"""What a person is told of the overload ladder: where a room stands on it, and for how long."""

from collections import Counter

from workers.events import LoadRung, Match
from workers.ladder import RUNGS

WORDS: dict[LoadRung, str] = {
    "full": "nothing is left out",
    "fewer_frames": "fewer pictures are looked at",
    "larger_hop": "speech is heard in larger steps, too",
    "extractive": "summaries are written without a language model, too",
    "vision_only": "only pictures are looked at",
}
"""What each rung leaves out beside what those before it do."""


class LoadTold:
    """The rungs of one room in media time, as its clips tell them."""

    def __init__(self) -> None:
        self.rung: LoadRung = "full"
        self.held_ms: Counter[LoadRung] = Counter()
        """How long each rung held; clips overlap, so each counts up to the next one's start."""
        self._told_ms = 0

    def take(self, match: Match) -> bool:
        """Take the next clip; return whether the rung changed."""
        self.held_ms[self.rung] += max(0, match.start_ms - self._told_ms)
        self._told_ms = max(self._told_ms, match.start_ms)
        changed = match.load_rung != self.rung
        self.rung = match.load_rung
        if match.last:
            self.held_ms[self.rung] += max(0, match.end_ms - self._told_ms)
            self._told_ms = match.end_ms
        return changed

    def line(self) -> str:
        """Return how long each rung held, in words."""
        held = [(rung, self.held_ms[rung]) for rung in RUNGS if self.held_ms[rung]]
        if all(rung == "full" for rung, _ in held):
            return "load: nothing was left out"
        parts = (f"{rung} {held_ms / 1_000:.0f} s" for rung, held_ms in held)
        return f"load: work fell behind; of the media, {', '.join(parts)}"
