"""How many clips make a start or an end, at the rate at which a room's clips really come. Pure.

Counts are meant for one clip every 2.5 s. A room whose clips come every second has 2.5 times as
many of them in the same stretch of media, and one that loses every other clip has half as many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

COUNTED_MS = 2_500
"""From clip to clip where counts are what they say."""
_CLIPS = 6
"""Of so many clips the rate is told, so that one lost clip changes nothing."""


@dataclass(frozen=True)
class Counts:
    """Clips that make a tag start and end; see `TagOptions`."""

    enter: int
    enter_of: int
    leave: int
    update_every: int

    def at(self, hop_ms: int) -> "Counts":
        """Return the counts that span as much media where clips start this far apart.

        Args:
            hop_ms: from clip to clip; 0: not known yet, as at the start of a room.
        """
        if hop_ms <= 0 or hop_ms == COUNTED_MS:
            return self
        enter = _scaled(self.enter, hop_ms)
        every = _scaled(self.update_every, hop_ms) if self.update_every else 0
        enter_of = max(enter, _scaled(self.enter_of, hop_ms))
        return Counts(enter, enter_of, _scaled(self.leave, hop_ms), every)


def hop_of(starts_ms: Sequence[int]) -> int:
    """Return the distance in ms at which clips come: the median of the last ones, 0 for one clip.

    Args:
        starts_ms: where the clips start, rising.
    """
    last = starts_ms[-_CLIPS:]
    steps = [after - before for before, after in pairwise(last)]
    return median_low(steps) if steps else 0


def kept(counts: Counts) -> int:
    """Return how many clips must be remembered to count and to tell the rate."""
    return max(counts.enter_of, _CLIPS)


def _scaled(count: int, hop_ms: int) -> int:
    # Halves go up: rather a clip later than on less than was asked for.
    return max(1, (2 * count * COUNTED_MS + hop_ms) // (2 * hop_ms))
