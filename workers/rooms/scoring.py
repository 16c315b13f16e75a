"""Files of tags and of truth → what a room is scored on.

Tags are JSON Lines, one tag event each, as `liveshelf run --tags-out` writes them; truth is the
`truth.json` of a made room. Needs neither torch nor Kafka.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from models.errors import InputError
from models.segment_scores import SegmentScores, Told, measure
from models.segments import Segment
from workers.events import Match, MediaMs, ProductId, Tag
from workers.standing import lives


@dataclass(frozen=True)
class Hard:
    """Something that makes a stretch of a room hard."""

    name: str
    start_ms: int
    end_ms: int
    product_id: str | None = None
    """What it makes hard; none: whatever is for sale meanwhile."""


@dataclass(frozen=True)
class Truth:
    """What is true of a made room."""

    segments: tuple[Segment, ...]
    """What was sold, in order."""
    no_product: tuple[tuple[int, int], ...]
    """Start and end in ms of the stretches in which nothing is sold."""
    titles: dict[str, str]
    duration_ms: int
    hardships: tuple[Hard, ...] = ()
    """What makes it hard, as far as somebody wrote it down."""
    cues_ms: tuple[int, ...] = ()
    """When the product of each segment first appears or is first spoken about in it; none: nobody
    wrote it down, and each does as its segment starts."""

    @property
    def first_cues_ms(self) -> tuple[int, ...]:
        """When the product of each segment first appears or is first spoken about in it."""
        return self.cues_ms or tuple(one.start_ms for one in self.segments)


@dataclass(frozen=True)
class Point:
    """The best candidate at one moment, for the picture."""

    at_ms: int
    product_id: str
    score: float
    threshold: float


class _Stretch(BaseModel):
    start_ms: MediaMs
    end_ms: MediaMs


class _Sold(_Stretch):
    product_id: ProductId
    title: str = ""
    first_seen_ms: MediaMs | None = None
    first_named_ms: MediaMs | None = None
    """Rooms of today tell both themselves; none: never."""


class _Cue(_Stretch):
    """A sentence or a cut; rooms may tell more of it."""

    product_id: ProductId | None = None
    about: ProductId | None = None
    """Another product that a sentence names."""

    def is_of(self, sold: _Sold) -> bool:
        """Whether it says or shows a product while that is for sale."""
        meets = self.start_ms < sold.end_ms and self.end_ms > sold.start_ms
        return meets and sold.product_id in (self.product_id, self.about)


class _Suffered(_Stretch):
    hardship: str
    product_id: ProductId | None = None


class _TruthFile(BaseModel):
    duration_ms: int = Field(gt=0)
    products: tuple[_Sold, ...]
    no_product: tuple[_Stretch, ...] = ()
    hardships: tuple[_Suffered, ...] = ()
    sentences: tuple[_Cue, ...] = ()
    shown: tuple[_Cue, ...] = ()

    def cue_ms(self, sold: _Sold) -> int:
        """Return when a product is first shown or spoken about while it is for sale."""
        told = [one for one in (sold.first_seen_ms, sold.first_named_ms) if one is not None]
        cues = [one.start_ms for one in (*self.sentences, *self.shown) if one.is_of(sold)]
        return max(sold.start_ms, min(told or cues, default=sold.start_ms))


def read_truth(path: Path) -> Truth:
    """Read the truth of a made room.

    Raises:
        InputError: the file is not there, is no truth, or an interval ends before it starts.
    """
    try:
        found = _TruthFile.model_validate_json(_read(path))
    except ValidationError as error:
        message = f"{path} is no truth of a room: {_first(error)}"
        raise InputError(message) from error
    for one in (*found.products, *found.no_product):
        if one.end_ms <= one.start_ms:
            message = f"{path}: a stretch goes from {one.start_ms} to {one.end_ms} ms"
            raise InputError(message)
    sold = sorted(found.products, key=lambda one: one.start_ms)
    return Truth(
        segments=tuple(Segment(one.product_id, one.start_ms, one.end_ms) for one in sold),
        no_product=tuple((one.start_ms, one.end_ms) for one in found.no_product),
        titles={one.product_id: one.title for one in sold if one.title},
        duration_ms=found.duration_ms,
        hardships=tuple(
            Hard(one.hardship, one.start_ms, one.end_ms, one.product_id) for one in found.hardships
        ),
        cues_ms=tuple(found.cue_ms(one) for one in sold),
    )


def read_tags(path: Path) -> list[Tag]:
    """Read the tag events of one room, in the order in which they were written.

    Raises:
        InputError: the file is not there, a line is no tag, or there are tags of several rooms.
    """
    events: list[Tag] = []
    for number, line in enumerate(_read(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            events.append(Tag.model_validate_json(line))
        except ValidationError as error:
            message = f"{path}, line {number} is no tag event: {_first(error)}"
            raise InputError(message) from error
    rooms = sorted({event.stream_id for event in events})
    if len(rooms) > 1:
        message = (
            f"{path} has tags of {len(rooms)} rooms ({', '.join(rooms[:3])} …); a truth is of one: "
            "keep the lines of that room"
        )
        raise InputError(message)
    return events


def told(events: Iterable[Tag], duration_ms: int) -> list[Told]:
    """Return each tag as it stands in the end, by start; a tag without end lasts to the end.

    Withdrawn ones do not count. When it was first said is the media time at which it first had the
    product that it ends with.
    """
    found = []
    for said in lives(events).values():
        last = said[-1]
        if last.withdrawn:
            continue
        first = next(one for one in said if one.product_id == last.product_id)
        end_ms = last.end_ms if last.end_ms is not None else max(duration_ms, last.start_ms)
        found.append(Told(last.product_id, last.start_ms, end_ms, first.decided_ms))
    return sorted(found, key=lambda one: (one.start_ms, one.end_ms, one.product_id))


def score(events: Iterable[Tag], truth: Truth) -> SegmentScores:
    """Score the tag events of one room.

    Raises:
        InputError: an interval ends before it starts.
    """
    return measure(told(events, truth.duration_ms), truth.segments, truth.duration_ms)


def told_at(events: Iterable[tuple[Tag, int]], duration_ms: int) -> list[Told]:
    """Return the same as `told`, of events and the media times at which a viewer has them."""
    copies = [event.model_copy(update={"decided_ms": at_ms}) for event, at_ms in events]
    return told(copies, duration_ms)


def points_of_tags(events: Iterable[Tag]) -> list[Point]:
    """Return the best candidate of each tag event that carries its evidence.

    It stands where the middle of its pictures is, or else where it was decided.
    """
    points: list[Point] = []
    for event in events:
        shown = [frame.at_ms for frame in event.evidence.frames]
        at_ms = sum(shown) // len(shown) if shown else event.decided_ms
        points += [
            Point(at_ms, best.product_id, best.score, event.evidence.threshold)
            for best in event.evidence.candidates[:1]
        ]
    return points


def points_of_matches(matches: Iterable[Match], threshold: float) -> list[Point]:
    """Return the best candidate of each clip, in its middle."""
    return [
        Point((match.start_ms + match.end_ms) // 2, best.product_id, best.score, threshold)
        for match in matches
        for best in match.candidates[:1]
    ]


def titles_of(events: Sequence[Tag]) -> dict[str, str]:
    """Return the titles that tags and their candidates carry."""
    found = {
        one.product_id: one.title
        for event in events
        for one in event.evidence.candidates
        if one.title
    }
    return found | {event.product_id: event.title for event in events if event.title}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise InputError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is no text: {error.reason} at byte {error.start}"
        raise InputError(message) from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
