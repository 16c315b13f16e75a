"""What counts of one variant in one room: all of it, or only what one hardship made hard.

In: tags with their times, and the truth. Out: counts that `models.room_quality` sums over rooms.
"""

from collections.abc import Iterator, Sequence

from models.room_quality import NEVER_S, RoomCounts
from models.segment_scores import Told, first_told_ms, pair
from models.segments import Segment
from workers.rooms.scoring import Truth, told_at
from workers.rooms.trial import Tried

PLAIN = "plain"
"""What nothing made hard."""
_Spans = list[tuple[int, int]]


def counts_of(one: Tried) -> RoomCounts:
    """Return what counts in one room.

    A product's delay goes from when it first appears or is spoken of, while it is for sale, to when
    a viewer of a live room first has a tag that names it and meets its segment.
    """
    scores = one.scores
    delays_s, worked_s = _delays(one)
    return RoomCounts(
        matched=scores.matched,
        tags=scores.tags,
        segments=scores.segments,
        false_tags=scores.false_tags,
        edit_distance=scores.edit_distance,
        duration_ms=scores.duration_ms,
        delays_s=delays_s,
        worked_delays_s=worked_s,
        withdrawn=len({said.event.tag_id for said in one.said if said.event.withdrawn}),
    )


def hardships_of(truth: Truth) -> list[str]:
    """Return what makes something of a room hard, by name, and `PLAIN` where anything is not."""
    return [*sorted({one.name for one in truth.hardships}), PLAIN]


def counts_by_hardship(one: Tried, name: str) -> RoomCounts:
    """Return what counts where a hardship holds: segments that meet it, false tags that do.

    Tags, withdrawn ones and edits are of whole rooms only and stay 0; so does precision.
    """
    truth = one.room.truth
    delays_s, worked_s = _delays(one)
    chosen = [at for at, true in enumerate(truth.segments) if name in _names(true, truth)]
    found = {id(true) for _, true in pair(one.told, truth.segments)}
    spans = _spans(truth, name)
    false = [tag for tag in one.told if not _is_right(tag, truth) and _meets(tag, spans)]
    return RoomCounts(
        matched=sum(id(truth.segments[at]) in found for at in chosen),
        tags=0,
        segments=len(chosen),
        false_tags=len(false),
        edit_distance=0,
        duration_ms=sum(end_ms - start_ms for start_ms, end_ms in spans),
        delays_s=tuple(delays_s[at] for at in chosen),
        worked_delays_s=tuple(worked_s[at] for at in chosen),
    )


def _delays(one: Tried) -> tuple[tuple[float, ...], tuple[float, ...]]:
    truth = one.room.truth
    at = told_at([(said.event, said.at_ms) for said in one.said], truth.duration_ms)
    worked = told_at([(said.event, said.worked_ms) for said in one.said], truth.duration_ms)
    return tuple(_delays_s(at, truth)), tuple(_delays_s(worked, truth))


def _delays_s(tags: Sequence[Told], truth: Truth) -> Iterator[float]:
    for true, cue_ms in zip(truth.segments, truth.first_cues_ms, strict=True):
        first_ms = first_told_ms(true, tags)
        yield NEVER_S if first_ms is None else max(0, first_ms - cue_ms) / 1_000


def _names(true: Segment, truth: Truth) -> set[str]:
    """Return what makes a segment hard."""
    met = {
        one.name
        for one in truth.hardships
        if one.product_id in (None, true.product_id) and _meets(true, [(one.start_ms, one.end_ms)])
    }
    return met or {PLAIN}


def _spans(truth: Truth, name: str) -> _Spans:
    """Return the stretches in which a hardship holds, or none does, in order; none overlap."""
    held = [one for one in truth.hardships if name in (one.name, PLAIN)]
    spans: _Spans = []
    for start_ms, end_ms in sorted((one.start_ms, one.end_ms) for one in held):
        if spans and start_ms <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end_ms))
        else:
            spans.append((start_ms, end_ms))
    if name != PLAIN:
        return spans
    edges = [0, *(edge for span in spans for edge in span), truth.duration_ms]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start_ms, end_ms) for start_ms, end_ms in pairs if end_ms > start_ms]


def _meets(one: Segment, spans: _Spans) -> bool:
    return any(one.start_ms < end_ms and one.end_ms > start_ms for start_ms, end_ms in spans)


def _is_right(tag: Told, truth: Truth) -> bool:
    return any(first_told_ms(true, [tag]) is not None for true in truth.segments)
