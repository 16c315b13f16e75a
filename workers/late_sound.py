"""Sound that comes after silence took its place: heard by itself, for what it corrects. Pure.

    slots      1  2  .  .  5  6  7   3 comes: heard is 3       4 comes: heard is 3 and 4

Slots that follow one another are heard together, each time from the first one on, so that words
that reach from one into the next are not torn; each hearing has a higher revision.
"""

import numpy as np
from pydantic import JsonValue

from workers.audio_grid import SLOT_MS, Samples


class LateSound:
    """The holes of one room that may still be filled.

    Args:
        correct_ms: media time for which a hole may be filled; 0: never.
        longest_ms: most sound that is heard together.
        holes: of an earlier one; none: there is none.
    """

    def __init__(self, correct_ms: int, longest_ms: int, holes: JsonValue = None) -> None:
        self._most_slots = correct_ms // SLOT_MS
        self._longest = longest_ms // SLOT_MS
        self._holes = {int(str(one)) for one in holes} if isinstance(holes, list) else set()
        self._run: list[tuple[int, Samples]] = []

    @property
    def holes(self) -> list[int]:
        """The slots that may be filled."""
        return sorted(self._holes)

    def miss(self, slot: int) -> None:
        """Say that silence takes the place of a slot, the newest one so far."""
        self._holes = {one for one in (*self._holes, slot) if one > slot - self._most_slots}

    def takes(self, slot: int, newest: int) -> bool:
        """Whether a slot is a hole that may still be filled.

        Args:
            slot: that has come.
            newest: the slot that is expected next.
        """
        return slot in self._holes and slot >= newest - self._most_slots

    def fill(self, slot: int, samples: Samples) -> tuple[range, Samples]:
        """Fill a hole; return the slots and the sound that are to be heard."""
        self._holes.discard(slot)
        follows = self._run and self._run[-1][0] + 1 == slot and len(self._run) < self._longest
        self._run = [*(self._run if follows else []), (slot, samples)]
        sound = np.concatenate([samples for _, samples in self._run])
        return range(self._run[0][0], slot + 1), sound
