"""One clip: the pictures and words of one room in one stretch of time, ready to be encoded.

`align` makes clips and `encode` turns them into vectors; neither imports the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from workers.events import ClipText, FrameRef, LoadRung
from workers.ladder import is_down_to, lowest

Item = TypeVar("Item")


@dataclass(frozen=True)
class Clip:
    """A job of the encoder: one slot of the clip grid."""

    stream_id: str
    slot: int
    start_ms: int
    end_ms: int
    """Exclusive."""
    watermark_ms: int
    last: bool = False
    frames: tuple[tuple[FrameRef, bytes], ...] = ()
    """Where each picture is from, and its JPEG; in order of time, at most as many as K."""
    text: ClipText = field(default_factory=ClipText)
    load_rung: LoadRung = "full"
    """What was left out of it, or of what it was made from."""
    revision: int = 0
    """How often it was made before of fewer media."""
    early: bool = False
    """Whether it is of its pictures alone, and comes again with its words."""

    @property
    def is_left_out(self) -> bool:
        """Whether it is extra work of a stage that is behind."""
        return self.early and self.load_rung != "full"

    def lowered(self, rung: LoadRung, frames: int) -> "Clip":
        """Return the clip without what a rung leaves out.

        Args:
            rung: Of the stage that encodes it.
            frames: Most pictures from `fewer_frames` on; at `vision_only` words are left out, too.
        """
        if not is_down_to(rung, "fewer_frames"):
            return self
        return replace(
            self,
            frames=evenly(self.frames, frames),
            text=ClipText() if is_down_to(rung, "vision_only") else self.text,
            load_rung=lowest(self.load_rung, rung),
        )


def evenly(items: Sequence[Item], most: int) -> tuple[Item, ...]:
    """Return at most `most` items, the centre of each of `most` equal parts.

    COPE (arXiv 2308.05550) takes index floor((2i+1)·N/(2K)); unlike there nothing repeats when
    there are fewer than K, since repeats would weigh some frames twice.
    """
    count = len(items)
    if count <= most:
        return tuple(items)
    return tuple(items[(2 * index + 1) * count // (2 * most)] for index in range(most))
