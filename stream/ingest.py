"""A source → records: opens the room, sends at the pace of media time, closes the room.

The decoding child is read in a thread. Records go out in media-time order and everything is
acknowledged before the room is closed. The same source under the same name makes the same ids.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from models.errors import InputError
from stream.cart import CartChange, later_versions, titles_of
from stream.link import Link
from stream.topics import AUDIO, FRAMES, STREAMS
from workers.events import AudioChunk, Frame, Room, StreamId
from workers.media import MediaProbe, MediaReport, MediaSource
from workers.media_source import shown

_MOST_UNACKED = 500


@dataclass(frozen=True)
class IngestOrder:
    """What to send, as whom.

    Raises:
        InputError: the room's name cannot be one.
    """

    stream_id: str
    speed: float = 1.0
    """Media seconds per second; 0: as fast as the source gives. Live sources set their own pace,
    and a file at 1 plays like one: work on it may be left out when it falls behind."""
    cart: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    """Titles of the cart's products, for hotwords and the summarizer."""
    changes: tuple[CartChange, ...] = ()
    """Later carts, which hold from their media times."""
    shop: str | None = None
    language: str | None = None
    again: bool = False
    """Send although the room was played to its end before; stages ignore what they have seen."""

    def __post_init__(self) -> None:
        """Refuse a name that no event may bear."""
        try:
            TypeAdapter(StreamId).validate_python(self.stream_id)
        except ValidationError as error:
            message = (
                f"room {self.stream_id!r}: want a name of 1 to 200 letters a to z, digits and "
                "any of . _ : -, a letter or digit first"
            )
            raise InputError(message) from error


@dataclass
class IngestReport:
    """What became of a source."""

    duration_ms: int = 0
    audio_chunks: int = 0
    gap_ms: int = 0
    frames: Counter[str] = field(default_factory=Counter)
    """Frame slots by choice, and `seen`."""
    reports: list[MediaReport] = field(default_factory=list)

    @property
    def final(self) -> MediaReport | None:
        """What the source said last."""
        return self.reports[-1] if self.reports else None


def lacking(probe: MediaProbe) -> list[str]:
    """Return what a source has not, in words for the one who plays it."""
    said = {
        "audio": "it has no sound: products are recognised by pictures alone",
        "video": "it has no pictures: products are recognised by words alone",
    }
    return [words for track, words in said.items() if track not in probe.tracks]


def refuse_failed(source: str, report: IngestReport) -> None:
    """End the command with an error if a source broke off; what came before was played.

    Raises:
        InputError: the decoder died, was killed or gave up.
    """
    final = report.final
    if final is not None and final.status == "failed":
        message = f"{shown(source)}: failed at {final.position_ms / 1_000:.1f} s: {final.reason}"
        raise InputError(message)


async def ingest(
    source: MediaSource,
    order: IngestOrder,
    link: Link,
    on_report: Callable[[MediaReport], None],
    on_progress: Callable[[int], None],
) -> IngestReport:
    """Send a whole source.

    Args:
        source: An open source; closed at the end.
        order: What to send, as whom.
        link: Kafka; its table of rooms must be read to its end.
        on_report: Told what a person should know, as it happens.
        on_progress: Told the media time sent so far, in milliseconds.

    Raises:
        InputError: the room was played to its end before.
    """
    report = IngestReport()
    pace = _Pace(0.0 if source.probe.live else order.speed)
    unacked: deque[Awaitable[object]] = deque()
    events = source.read(order.stream_id)
    try:
        room = await _open_room(source, order, link)
        while (event := await asyncio.to_thread(_next, events)) is not None:
            if isinstance(event, MediaReport):
                report.reports.append(event)
                on_report(event)
                continue
            await pace.wait_for(event.end_ms)
            topic = AUDIO if isinstance(event, AudioChunk) else FRAMES
            unacked.append(await link.produce(topic, link.encode(event, "ingest")))
            _count(report, event)
            on_progress(report.duration_ms)
            while len(unacked) > _MOST_UNACKED:
                await unacked.popleft()
    finally:
        source.close()
    for ack in unacked:
        await ack
    final = report.final
    reason = final.reason if final is not None else "source ended"
    # Somebody may have changed the cart meanwhile, and a version is never written over.
    await link.reader.catch_up()
    room = link.rooms.latest(order.stream_id) or room
    closed = {"version": room.version + 1, "state": "closed", "reason": reason}
    await say_room(link, room.model_copy(update=closed))
    return report


def _next(
    events: Iterator[AudioChunk | Frame | MediaReport],
) -> AudioChunk | Frame | MediaReport | None:
    return next(events, None)


def _count(report: IngestReport, event: AudioChunk | Frame) -> None:
    report.duration_ms = max(report.duration_ms, event.end_ms)
    if isinstance(event, AudioChunk):
        report.audio_chunks += 1
        report.gap_ms += event.gap_ms
    else:
        report.frames[event.choice] += 1
        report.frames["seen"] += event.seen


async def _open_room(source: MediaSource, order: IngestOrder, link: Link) -> Room:
    before = link.rooms.latest(order.stream_id)
    if before is not None and before.state == "closed" and not order.again:
        message = (
            f"room {order.stream_id!r} was played to its end before: give another --stream-id, "
            f"or run `liveshelf replay {order.stream_id}`; `liveshelf ingest --again` sends the "
            "same ids once more"
        )
        raise InputError(message)
    room = Room(
        stream_id=order.stream_id,
        version=0 if before is None else before.version + 1,
        tracks=source.probe.tracks,
        language=order.language,
        shop=order.shop,
        cart=order.cart,
        titles=titles_of(order.titles, order.cart) if order.changes else order.titles,
        source=source.probe.container,
        live=source.probe.live or order.speed == 1.0,
    )
    await say_room(link, room)
    for later in later_versions(room, order.changes, order.titles):
        await say_room(link, later)
    return room


async def say_room(link: Link, room: Room) -> None:
    """Tell all stages what a room is from now on; returns when Kafka has it."""
    await (await link.produce(STREAMS, link.encode(room, "ingest")))
    link.rooms.add(room)


class _Pace:
    """Holds events back until their media time has come."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._start_s = time.monotonic()

    async def wait_for(self, media_ms: int) -> None:
        if self._speed <= 0:
            return
        due_s = self._start_s + media_ms / 1_000 / self._speed
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
