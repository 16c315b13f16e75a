"""How well the tags of a room tell what was sold: figures from plain intervals.

Temporal detection is scored as in ActivityNet (Caba Heilbron et al., CVPR 2015): a tag and a true
segment are a pair when they name one product and their intersection over union is at least 0.5,
each in one pair at most. Order is scored as in speech recognition: by the edit distance of the two
sequences of products. Times are media time in ms; ends are exclusive.
"""

import statistics
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models.errors import InputError
from models.segments import Segment

LEAST_IOU = 0.5
"""From here on a tag counts as having found a segment."""
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Told(Segment):
    """A tag as it stood in the end, and when a viewer could first read it."""

    decided_ms: int
    """Media time that had been seen when the tag was first said. At speed 1 a viewer reads it then
    and as much later as the machine needs to compute, which is not part of it."""


@dataclass(frozen=True)
class Spread:
    """Errors or delays of several segments."""

    count: int
    mean_ms: float
    """Of the absolute values, as are the next two."""
    median_ms: float
    worst_ms: int
    bias_ms: float
    """Mean with signs; positive: late."""


@dataclass(frozen=True)
class SegmentScores:
    """Every figure of one room, or of several rooms together."""

    duration_ms: int
    segments: int
    """True segments."""
    tags: int
    matched: int
    """Pairs of a tag and a true segment of one product that overlap by at least half."""
    f1: float
    """2 · matched / (tags + segments); 1 where there is neither."""
    precision: float | None
    """None without tags."""
    recall: float | None
    """None without segments."""
    first_tag: Spread | None
    """From the start of a true segment to when a tag of its product that overlaps it was first
    said; 0 if that was before."""
    never_told: int
    """True segments that no tag of their product overlaps."""
    false_tags: int
    """Tags of a product that was sold at no moment of the tag."""
    false_tags_per_h: float
    start_error: Spread | None
    """Of the pairs; `end_error` too."""
    end_error: Spread | None
    edit_distance: int
    """Insertions, deletions and exchanges that turn the tags' products into the true sequence."""
    edit_distance_share: float | None
    """Divided by the number of true segments; none without any."""

    def as_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return asdict(self)


@dataclass(frozen=True)
class Room:
    """What was said of one room and what was so."""

    tags: tuple[Told, ...]
    truth: tuple[Segment, ...]
    duration_ms: int


def measure(tags: Sequence[Told], truth: Sequence[Segment], duration_ms: int) -> SegmentScores:
    """Score one room.

    Raises:
        InputError: an interval ends before it starts or lies before the room.
    """
    return measure_rooms([Room(tuple(tags), tuple(truth), duration_ms)])


def measure_rooms(rooms: Sequence[Room]) -> SegmentScores:
    """Score rooms as if they were one: every segment, tag and hour counts alike.

    Raises:
        InputError: an interval ends before it starts or lies before its room.
    """
    starts: list[int] = []
    ends: list[int] = []
    delays: list[int] = []
    segments = said = never = false = distance = duration_ms = 0
    for room in rooms:
        _check(room)
        pairs = pair(room.tags, room.truth)
        starts += [tag.start_ms - true.start_ms for tag, true in pairs]
        ends += [tag.end_ms - true.end_ms for tag, true in pairs]
        first = [_delay_ms(true, room.tags) for true in room.truth]
        delays += [delay for delay in first if delay is not None]
        never += first.count(None)
        false += sum(not any(_meets(tag, true) for true in room.truth) for tag in room.tags)
        distance += edit_distance(_sequence(room.tags), _sequence(room.truth))
        segments += len(room.truth)
        said += len(room.tags)
        duration_ms += room.duration_ms
    matched = len(starts)
    return SegmentScores(
        duration_ms=duration_ms,
        segments=segments,
        tags=said,
        matched=matched,
        f1=2 * matched / (said + segments) if said + segments else 1.0,
        precision=matched / said if said else None,
        recall=matched / segments if segments else None,
        first_tag=_spread(delays),
        never_told=never,
        false_tags=false,
        false_tags_per_h=false * _HOUR_MS / duration_ms,
        start_error=_spread(starts),
        end_error=_spread(ends),
        edit_distance=distance,
        edit_distance_share=distance / segments if segments else None,
    )


def iou(one: Segment, other: Segment) -> float:
    """Return the intersection over union of two intervals; 0 where neither has a length."""
    shared_ms = min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
    if shared_ms <= 0:
        return 0.0
    covered_ms = max(one.end_ms, other.end_ms) - min(one.start_ms, other.start_ms)
    return shared_ms / covered_ms


def pair(
    tags: Sequence[Told], truth: Sequence[Segment], least: float = LEAST_IOU
) -> list[tuple[Told, Segment]]:
    """Return as many pairs of tag and true segment as there can be, by the time of the segment.

    Augmenting paths (Kuhn 1955): taking the best overlap first would lose a pair where a tag could
    serve two segments. A segment tries its nearest tag first; while the segments of one product do
    not overlap, and no tag lies exactly half on each of two, it gets it.
    """
    fitting = [
        sorted(
            (
                at
                for at, tag in enumerate(tags)
                if tag.product_id == true.product_id and iou(tag, true) >= least
            ),
            key=lambda at, true=true: -iou(tags[at], true),  # type: ignore[misc]
        )
        for true in truth
    ]
    taken: dict[int, int] = {}

    def find(index: int, tried: set[int]) -> bool:
        for at in fitting[index]:
            if at in tried:
                continue
            tried.add(at)
            if at not in taken or find(taken[at], tried):
                taken[at] = index
                return True
        return False

    for index in range(len(truth)):
        find(index, set())
    pairs = [(tags[at], truth[index]) for at, index in taken.items()]
    return sorted(pairs, key=lambda two: (two[1].start_ms, two[1].end_ms))


def edit_distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the least number of insertions, deletions and exchanges (Levenshtein 1966)."""
    before = list(range(len(other) + 1))
    for row, item in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            exchange = before[column - 1] + (item != wanted)
            now.append(min(before[column] + 1, now[-1] + 1, exchange))
        before = now
    return before[-1]


def _check(room: Room) -> None:
    if room.duration_ms <= 0:
        message = f"a room lasts {room.duration_ms} ms; want more than 0"
        raise InputError(message)
    for said, found in (("tag", room.tags), ("true segment", room.truth)):
        for one in found:
            if not 0 <= one.start_ms <= one.end_ms:
                message = (
                    f"{said} of {one.product_id!r} goes from {one.start_ms} to {one.end_ms} ms; "
                    "want 0 <= start <= end"
                )
                raise InputError(message)


def first_told_ms(true: Segment, tags: Iterable[Told]) -> int | None:
    """Return when a tag of a segment's product that overlaps it was first said; none: never."""
    return min((tag.decided_ms for tag in tags if _meets(tag, true)), default=None)


def _meets(one: Segment, other: Segment) -> bool:
    return one.product_id == other.product_id and iou(one, other) > 0


def _delay_ms(true: Segment, tags: Iterable[Told]) -> int | None:
    told_ms = first_told_ms(true, tags)
    return None if told_ms is None else max(0, told_ms - true.start_ms)


def _sequence(segments: Iterable[Segment]) -> list[str]:
    ordered = sorted(segments, key=lambda one: (one.start_ms, one.end_ms))
    return [one.product_id for one in ordered]


def _spread(values: Sequence[int]) -> Spread | None:
    if not values:
        return None
    sizes = [abs(value) for value in values]
    return Spread(
        count=len(values),
        mean_ms=statistics.fmean(sizes),
        median_ms=statistics.median(sizes),
        worst_ms=max(sizes),
        bias_ms=statistics.fmean(values),
    )
