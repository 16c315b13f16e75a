"""Which clips are made of their pictures alone, before their words are known. Pure.

    pictures    |............................|          come at once
    words       |..................|                    come seconds later
    whole clips     0    1    2  |
    of pictures     0    1    2    3    4  |             3 and 4 come again when their words have

That a clip has such a form, and of which pictures, depends on the pictures alone: one whose words
are there already has one, too. The forms run ahead of the whole clips by a bounded time, so that
what follows still corrects what it made of them, however late the words are.

The room's last clip has none: its end may depend on the sound. It is told by its whole form.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from workers.events import Frame


class EarlyClips:
    """The clips of one room that can be made of their pictures alone.

    Args:
        clip_ms: length of a clip.
        hop_ms: from the start of one clip to the start of the next.
        lateness_ms: how long to wait for pictures behind their watermark, in media time.
        ahead_ms: how far to run ahead of the whole clips, in media time; none: there are none.
        next_slot: what `next_slot` of an earlier one was.
    """

    def __init__(
        self, clip_ms: int, hop_ms: int, lateness_ms: int, ahead_ms: int | None, next_slot: int
    ) -> None:
        self._clip_ms = clip_ms
        self._hop_ms = hop_ms
        self._lateness_ms = lateness_ms
        self._ahead_ms = ahead_ms
        self._until_ms = 0
        self.next_slot = next_slot
        """The first clip that may still get such a form."""

    def take(self, frame: Frame) -> None:
        """Note how far pictures have come."""
        # Where pictures end, the clip that ends with them may be the last one.
        wait_ms = 1 if frame.last else self._lateness_ms
        self._until_ms = max(self._until_ms, frame.watermark_ms - wait_ms)

    def due(self, whole_slot: int) -> Iterator[int]:
        """Yield the clips that can be made of their pictures now, each once.

        Args:
            whole_slot: the next clip that is to be made whole.
        """
        self.next_slot = max(self.next_slot, whole_slot)
        if self._ahead_ms is None:
            return
        while (
            self.next_slot * self._hop_ms + self._clip_ms <= self._until_ms
            and (self.next_slot - whole_slot) * self._hop_ms <= self._ahead_ms
        ):
            self.next_slot += 1
            yield self.next_slot - 1

    def revision_of_whole(self, slot: int) -> int:
        """Return the revision of a clip's first whole form.

        It does not depend on whether the clip had pictures, nor on what is done with the form that
        was made of them: later clips may have been told before it.
        """
        return int(self._ahead_ms is not None or slot < self.next_slot)

    def snapshot(self) -> JsonValue:
        """How far they have come."""
        return self.next_slot
