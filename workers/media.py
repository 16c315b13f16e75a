"""A file or URL → audio chunks, frames and reports on one media clock, decoded in a child process.

The child has limits of CPU, memory and time and may die in any way: what it delivered stays, the
tracks are closed with `last` set, and a final report says why and where. Pace is the
caller's: a caller that does not read holds the child back, and that time counts against no limit.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self, get_args

from pydantic import JsonValue, ValidationError

from models.errors import InputError
from workers.events import AudioChunk, Frame, Track
from workers.media_child import Child, StalledError
from workers.media_source import locate, shown
from workers.media_wire import Header, MalformedMessageError, MediaOptions

DECODER = (sys.executable, "-P", "-m", "workers.media_decode")
Status = Literal["damaged", "reconnecting", "truncated", "failed", "ended"]


@dataclass(frozen=True)
class MediaProbe:
    """What a source says about itself."""

    tracks: tuple[Track, ...]
    codecs: Mapping[str, str]
    """Codec name of each track."""
    container: str
    duration_ms: int | None
    """None where the source does not say, as live ones."""
    width_px: int
    height_px: int
    frames_per_s: float
    live: bool


@dataclass(frozen=True)
class MediaReport:
    """Something that a person should know about a source; the final event of every reading."""

    status: Status
    """`ended` and `failed` are final; the others may come any number of times."""
    reason: str
    position_ms: int
    counts: Mapping[str, int] = field(default_factory=dict)
    """What became of the input: frames seen, kept and dropped, gaps, jumps; final reports only."""

    @property
    def is_final(self) -> bool:
        """Whether nothing comes after."""
        return self.status in {"failed", "ended"}


MediaEvent = AudioChunk | Frame | MediaReport


def open_source(
    source: str, options: MediaOptions | None = None, command: Sequence[str] = DECODER
) -> "MediaSource":
    """Open a file path or an http(s), hls, rtmp(s) or rtsp(s) URL.

    Args:
        source: Path or URL.
        options: How to read and what it may cost.
        command: Argument list of the decoding child.

    Raises:
        InputError: The source cannot be used, and why.
    """
    return MediaSource(source, options or MediaOptions(), command)


class MediaSource:
    """An open source: its probe, and its events once. Close it, or use it in a `with`."""

    def __init__(self, source: str, options: MediaOptions, command: Sequence[str]) -> None:
        located = locate(source)
        self._name = shown(source)
        self._options = options
        self._child = Child(command, options, located)
        try:
            self.probe = self._read_probe()
        except BaseException:
            self._child.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._child.close()

    def read(self, stream_id: str) -> Iterator[MediaEvent]:
        """Yield the source's events in media-time order, a final report at the end.

        Both tracks end with an event whose `last` is set, whatever happened to the source.
        """
        tail = _Tail(stream_id, self.probe.tracks)
        final: MediaReport | None = None
        while final is None:
            try:
                message = self._child.next_message()
                event = None if message is None else _event(stream_id, *message)
            except (MalformedMessageError, StalledError, ValidationError) as error:
                self._child.close()
                reason = f"decoder: {' '.join(str(error).split())}"
                final = MediaReport("failed", reason, tail.position_ms)
                continue
            if message is None:
                final = MediaReport("failed", self._child.cause_of_death(), tail.position_ms)
            elif isinstance(event, MediaReport) and event.is_final:
                final = event
            elif event is not None:
                tail.note(event)
                yield event
        yield from tail.closing()
        self.close()
        yield final

    def _read_probe(self) -> MediaProbe:
        try:
            message = self._child.next_message()
        except (MalformedMessageError, StalledError) as error:
            reason = f"{self._name}: cannot be read: {error}"
            raise InputError(reason) from error
        if message is None:
            reason = f"{self._name}: cannot be read: {self._child.cause_of_death()}"
            raise InputError(reason)
        header = message[0]
        if header.get("type") == "failure":
            reason = f"{self._name}: cannot be read: {header.get('reason')}"
            raise InputError(reason)
        return _probe(header)


class _Tail:
    """Remembers where each track stands, to close those that the child did not."""

    def __init__(self, stream_id: str, tracks: tuple[Track, ...]) -> None:
        self._stream_id = stream_id
        self._ends: dict[Track, tuple[int, int]] = dict.fromkeys(tracks, (0, 0))
        self.position_ms = 0

    def note(self, event: MediaEvent) -> None:
        """Take notice of an event that was yielded."""
        if isinstance(event, MediaReport):
            return
        track: Track = "audio" if isinstance(event, AudioChunk) else "video"
        self.position_ms = max(self.position_ms, event.end_ms)
        if event.last:
            self._ends.pop(track, None)
        else:
            self._ends[track] = (event.slot + 1, event.end_ms)

    def closing(self) -> Iterator[AudioChunk | Frame]:
        """Yield an event of no length with `last` set for every track that is still open."""
        for track, (slot, end_ms) in self._ends.items():
            make = AudioChunk if track == "audio" else Frame
            yield make(
                stream_id=self._stream_id,
                slot=slot,
                start_ms=end_ms,
                end_ms=end_ms,
                watermark_ms=end_ms,
                last=True,
            )


def _event(stream_id: str, header: Header, payload: bytes) -> MediaEvent:
    fields = header | {"stream_id": stream_id}
    kind = header.get("type")
    if kind == "audio":
        return AudioChunk.model_validate(fields | {"payload": payload})
    if kind == "frame":
        return Frame.model_validate(fields | {"payload": payload})
    position = header.get("position_ms")
    position_ms = position if isinstance(position, int) else 0
    reason = str(header.get("reason"))
    if kind == "failure":
        return MediaReport("failed", reason, position_ms)
    status = header.get("status")
    for known in get_args(Status):
        if kind == "report" and status == known:
            return MediaReport(known, reason, position_ms, _counts(header.get("counts")))
    message = f"message {kind!r} with status {status!r} is unknown"
    raise MalformedMessageError(message)


def _probe(header: Header) -> MediaProbe:
    codecs = header.get("codecs")
    duration, rate = header.get("duration_ms"), header.get("frames_per_s")
    width, height = header.get("width_px"), header.get("height_px")
    names = codecs if isinstance(codecs, dict) else {}
    tracks: tuple[Track, ...] = ("audio", "video")
    return MediaProbe(
        tracks=tuple(track for track in tracks if track in names),
        codecs={str(kind): str(name) for kind, name in names.items()},
        container=str(header.get("container")),
        duration_ms=duration if isinstance(duration, int) else None,
        width_px=width if isinstance(width, int) else 0,
        height_px=height if isinstance(height, int) else 0,
        frames_per_s=float(rate) if isinstance(rate, int | float) else 0.0,
        live=header.get("live") is True,
    )


def _counts(value: JsonValue) -> dict[str, int]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {name: count for name, count in pairs if isinstance(count, int)}
