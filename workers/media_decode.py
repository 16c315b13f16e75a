"""The decoding child: one request on its standard input, messages on its standard output.

Opens a source with PyAV, decodes it onto one clock and sends slots, then a report of what it met.
It may crash, hang or be killed at any moment; its parent (`workers.media`) counts on nothing else.
Run as `python -m workers.media_decode`; imported by nobody else.
"""

import json
import os
import sys
import time
from fractions import Fraction
from typing import BinaryIO

import av
from pydantic import JsonValue

from workers.media_clock import MediaClock
from workers.media_source import av_options
from workers.media_tracks import AudioTrack, Track, VideoTrack
from workers.media_wire import Header, MediaOptions, allow_cpu, limit_memory, write_message

_DAMAGED_IN_A_ROW = 500
"""Packets that may fail one after the other before the rest is given up."""
_TRUNCATED_MS = 1_500
"""How much earlier than declared a file may end without being called truncated."""
_LONGEST_PAUSE_S = 30.0


class UnusableSourceError(Exception):
    """The source cannot be opened or holds nothing for us."""


class Session:
    """One source from opening to end, over as many connections as it takes."""

    def __init__(self, source: str, options: MediaOptions, output: BinaryIO) -> None:
        self._source = source
        self._options = options
        self._output = output
        self._clock: MediaClock | None = None
        self._tracks: dict[str, Track] = {}
        self._damaged = 0
        self._connections = 0
        self._is_live = False
        self._declared_ms: float | None = None

    def run(self) -> None:
        """Decode everything.

        Raises:
            UnusableSourceError: There is nothing to decode.
        """
        reason = self._connect_and_read()
        failures = 0
        while self._is_live and failures < self._options.attempts:
            pause_s = min(_LONGEST_PAUSE_S, self._options.backoff_s * 2**failures)
            self._report("reconnecting", f"{reason}; trying again in {pause_s:g} s")
            time.sleep(pause_s)
            before_ms = self.position_ms
            try:
                reason = self._connect_and_read()
            except UnusableSourceError as error:
                reason = str(error)
            failures = failures + 1 if self.position_ms == before_ms else 0
        if self._is_live:
            reason = f"gone after {failures} attempts to connect again: {reason}"
        self._finish(reason)

    @property
    def position_ms(self) -> float:
        """Media time up to which anything was decoded."""
        return max((track.position_ms for track in self._tracks.values()), default=0.0)

    def _connect_and_read(self) -> str:
        """Read one connection to its end and say why it ended; empty when that is in order."""
        options = self._options
        try:
            with av.open(
                self._source,
                options=av_options(self._source),
                timeout=(options.open_limit_s, options.read_limit_s),
                metadata_errors="replace",
            ) as container:
                streams = self._prepare(container)
                return self._read(container, streams)
        except (av.FFmpegError, OSError) as error:
            # Opening failed: within a connection `_read` tells what happened.
            reason = describe(error)
            if isinstance(error, av.error.InvalidDataError):
                reason = f"not audio or video, or cut off before its index ({reason})"
            raise UnusableSourceError(reason) from error

    def _prepare(self, container: av.container.InputContainer) -> list[av.stream.Stream]:
        streams = usable_streams(container, self._options)
        self._connections += 1
        if self._clock is not None:
            self._clock.restart()
            return streams
        is_url = "://" in self._source
        self._declared_ms = container.duration / 1_000 if container.duration else None
        self._is_live = self._options.live or (
            self._options.live is None and is_url and self._declared_ms is None
        )
        start_ms = None if container.start_time is None else container.start_time / 1_000
        self._clock = MediaClock(start_ms, self._options.max_gap_ms, self._options.max_back_ms)
        for stream in streams:
            if stream.type == "audio":
                self._tracks["audio"] = AudioTrack(self._clock, self._send)
            else:
                self._tracks["video"] = VideoTrack(self._clock, self._options, self._send)
        self._send(probe_header(container, streams, self._declared_ms, is_live=self._is_live))
        return streams

    def _read(self, container: av.container.InputContainer, streams: list[av.stream.Stream]) -> str:
        failed_in_a_row = 0
        packets = container.demux(streams)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return ""
            except (av.FFmpegError, OSError) as error:
                return describe(error)
            try:
                self._take(packet)
            except av.FFmpegError as error:
                if isinstance(error, MemoryError):
                    raise
                failed_in_a_row += 1
                self._damaged += 1
                if self._damaged == 1:
                    self._report("damaged", f"a packet does not decode: {describe(error)}")
                if failed_in_a_row >= _DAMAGED_IN_A_ROW:
                    return f"{failed_in_a_row} packets in a row do not decode: {describe(error)}"
            else:
                failed_in_a_row = 0

    def _take(self, packet: av.Packet) -> None:
        track = self._tracks.get(packet.stream.type)
        for frame in packet.decode():
            if track is not None:
                track.take(frame)
        for one in self._tracks.values():
            ahead_ms = self.position_ms - self._options.skew_ms
            if one.position_ms < ahead_ms:
                one.fill_to(ahead_ms)

    def _finish(self, reason: str) -> None:
        position_ms = round(self.position_ms)
        declared_ms = self._declared_ms
        if not self._is_live and (
            reason or (declared_ms and position_ms < declared_ms - _TRUNCATED_MS)
        ):
            told = f", {declared_ms / 1_000:.1f} s were announced" if declared_ms else ""
            self._report(
                "truncated",
                f"truncated at {position_ms / 1_000:.1f} s: {reason or 'the data end'}{told}",
            )
        for track in self._tracks.values():
            position_ms = max(position_ms, track.flush(position_ms))
        counts: dict[str, JsonValue] = {
            "jumps": self._clock.jumps if self._clock else 0,
            "damaged_packets": self._damaged,
            "connections": self._connections,
        }
        for track in self._tracks.values():
            counts |= track.counts()
        report: Header = {"type": "report", "status": "ended", "position_ms": position_ms}
        self._send(report | {"reason": reason or "the source ended", "counts": counts})

    def _report(self, status: str, reason: str) -> None:
        report: Header = {"type": "report", "status": status, "reason": reason[:1_000]}
        self._send(report | {"position_ms": int(self.position_ms)})

    def _send(self, header: Header, payload: bytes = b"") -> None:
        write_message(self._output, header, payload)
        allow_cpu(self._options.cpu_limit_s)


def usable_streams(
    container: av.container.InputContainer, options: MediaOptions
) -> list[av.stream.Stream]:
    """Return the first audio and the first video stream that can be decoded.

    Raises:
        UnusableSourceError: There are none, or the pictures are over the limit.
    """
    streams: list[av.stream.Stream] = []
    unknown: list[str] = []
    pictures = () if options.sound_only else container.streams.video
    for kind in (container.streams.audio, pictures):
        for stream in kind:
            if stream.codec_context is None:
                unknown.append(f"{stream.type} track {stream.index} has no known codec")
                continue
            # A cover picture of a music file is no video.
            if (
                stream.type == "video"
                and stream.disposition & type(stream.disposition).attached_pic
            ):
                continue
            streams.append(stream)
            break
    if not streams:
        wanted = "no audio" if options.sound_only else "neither audio nor video"
        reason = "; ".join(unknown) or f"it has {wanted}"
        raise UnusableSourceError(reason)
    for stream in streams:
        if stream.type == "video":
            pixels = stream.codec_context.width * stream.codec_context.height
            if pixels > options.max_pixels:
                size = f"{stream.codec_context.width} × {stream.codec_context.height}"
                message = (
                    f"its pictures of {size} are over the limit of {options.max_pixels} pixels"
                )
                raise UnusableSourceError(message)
        stream.codec_context.thread_type = "AUTO"
        stream.codec_context.thread_count = options.threads
    return streams


def probe_header(
    container: av.container.InputContainer,
    streams: list[av.stream.Stream],
    duration_ms: float | None,
    *,
    is_live: bool,
) -> Header:
    """Return the message that says what the source is."""
    codecs: dict[str, JsonValue] = {s.type: s.codec_context.name for s in streams}
    video = next((s for s in streams if s.type == "video"), None)
    rate = Fraction(0) if video is None else video.average_rate or Fraction(0)
    return {
        "type": "probe",
        "container": container.format.name,
        "codecs": codecs,
        "duration_ms": None if duration_ms is None else int(duration_ms),
        "width_px": 0 if video is None else video.codec_context.width,
        "height_px": 0 if video is None else video.codec_context.height,
        "frames_per_s": float(rate),
        "live": is_live,
    }


def describe(error: Exception) -> str:
    """Return an error's own words, without its number and without the source's name."""
    text = getattr(error, "strerror", None) or str(error)
    if isinstance(error, av.error.ExitError):
        return "no data within the time limit"
    return str(text)


def main() -> int:
    """Answer the one request."""
    request = json.loads(sys.stdin.readline())
    options = MediaOptions(**request["options"])
    # C libraries may print; nothing but messages may reach the parent.
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)
        limit_memory(options.memory_limit_mb)
        allow_cpu(options.cpu_limit_s)
        session = Session(request["source"], options, output)
        failure: Header = {"type": "failure", "position_ms": 0}
        try:
            session.run()
        except UnusableSourceError as error:
            write_message(output, failure | {"reason": str(error)[:1_000]})
        except MemoryError:
            reason = f"decoding needs more memory than the limit of {options.memory_limit_mb} MB"
            write_message(
                output, failure | {"reason": reason, "position_ms": int(session.position_ms)}
            )
        except BrokenPipeError:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
