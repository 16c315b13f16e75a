"""Tags of a room against what is true of it: plain intervals in, figures out.

A tag finds a true segment when it names its product and overlaps it. Times are media time in ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """One product from when to when."""

    product_id: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Found:
    """One true segment and the tags that found it."""

    truth: Segment
    tags: tuple[Segment, ...]

    @property
    def start_error_ms(self) -> int | None:
        """How late the first tag starts; negative: early."""
        return self.tags[0].start_ms - self.truth.start_ms if self.tags else None

    @property
    def end_error_ms(self) -> int | None:
        """How late the last tag ends; negative: early."""
        return self.tags[-1].end_ms - self.truth.end_ms if self.tags else None

    def right(self, tolerance_ms: int) -> bool:
        """Whether exactly one tag found it, with both ends within a tolerance."""
        errors = (self.start_error_ms, self.end_error_ms)
        close = all(error is not None and abs(error) <= tolerance_ms for error in errors)
        return len(self.tags) == 1 and close


@dataclass(frozen=True)
class RoomScore:
    """How the tags of one room compare with its truth."""

    found: tuple[Found, ...]
    """One for each true segment, in order."""
    invented: tuple[Segment, ...]
    """Tags that found nothing true."""
    in_order: bool
    """Whether the tags that found something come in the order of what they found."""

    def all_right(self, tolerance_ms: int) -> bool:
        """Whether each product was found once, in order, in time, and nothing was invented."""
        return (
            self.in_order
            and not self.invented
            and all(found.right(tolerance_ms) for found in self.found)
        )


def score_room(tags: Sequence[Segment], truth: Sequence[Segment]) -> RoomScore:
    """Compare tags with the truth.

    Args:
        tags: What was said; each tag finds at most one true segment, the one that it overlaps most.
        truth: What was so.
    """
    assigned: dict[int, list[Segment]] = {index: [] for index in range(len(truth))}
    invented = []
    order = []
    for tag in sorted(tags, key=lambda tag: (tag.start_ms, tag.end_ms)):
        best = max(
            (index for index, true in enumerate(truth) if true.product_id == tag.product_id),
            key=lambda index: _overlap_ms(tag, truth[index]),
            default=None,
        )
        if best is None or _overlap_ms(tag, truth[best]) <= 0:
            invented.append(tag)
        else:
            assigned[best].append(tag)
            order.append(truth[best].start_ms)
    found = tuple(Found(true, tuple(assigned[index])) for index, true in enumerate(truth))
    return RoomScore(found, tuple(invented), order == sorted(order))


def _overlap_ms(one: Segment, other: Segment) -> int:
    return min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
