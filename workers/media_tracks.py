"""Decoded audio and video frames of PyAV → messages on the grids, both tracks on one clock.

Runs in the decoding child only (it imports PyAV at its top). A track that falls silent is filled up
when the other has run ahead, so that neither holds a reader up.
"""

import io
from collections.abc import Callable
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from workers.audio_grid import RATE_HZ, AudioGrid, AudioSlot
from workers.frames import GREY_SHAPE, FrameChooser, FrameSlot
from workers.media_clock import MediaClock
from workers.media_wire import Header, MediaOptions

Send = Callable[[Header, bytes], None]
_LOWEST_QUALITY = 20


class Track(Protocol):
    """One of the two tracks."""

    def take(self, frame: object) -> None:
        """Take a decoded frame."""

    def fill_to(self, to_ms: float) -> None:
        """Say that nothing more comes before a media time."""

    def flush(self, end_ms: float) -> int:
        """Send what is left, the last message marked; return where the track ends."""

    @property
    def position_ms(self) -> float:
        """Media time up to which the track is known."""

    def counts(self) -> dict[str, JsonValue]:
        """What became of the input."""


class AudioTrack:
    """Any sound → 16 kHz mono slots."""

    def __init__(self, clock: MediaClock, send: Send) -> None:
        self._clock = clock
        self._send = send
        self._grid = AudioGrid()
        self._resampler: av.AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None

    @property
    def position_ms(self) -> float:
        """Media time up to which samples are known."""
        return self._grid.position_ms

    def take(self, frame: av.AudioFrame) -> None:
        """Resample one decoded frame and put it on the grid."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or shape != self._shape:
            # A source may change rate or layout in mid-stream, and a resampler cannot.
            self._drain()
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
            self._shape = shape
        at_ms = self.position_ms
        if frame.time is not None:
            at_ms = self._clock.place("audio", frame.time * 1_000, at_ms)
        frame.pts = None
        for part in self._resampler.resample(frame):
            samples = part.to_ndarray().reshape(-1)
            self._emit(self._grid.add(at_ms, samples))
            at_ms += len(samples) * 1_000 / RATE_HZ

    def fill_to(self, to_ms: float) -> None:
        """Fill with silence up to a media time."""
        self._emit(self._grid.fill_to(to_ms))

    def flush(self, end_ms: float) -> int:
        """Send what is left; the last slot says so."""
        self._drain()
        slots = self._grid.flush(end_ms)
        self._emit(slots)
        return slots[-1].end_ms

    def counts(self) -> dict[str, JsonValue]:
        """Silence put in and repetition taken out."""
        return {
            "audio_gap_ms": round(self._grid.gap_ms),
            "audio_overlap_ms": round(self._grid.trimmed_ms),
        }

    def _drain(self) -> None:
        for part in self._resampler.resample(None) if self._resampler else ():
            self._emit(self._grid.add(self.position_ms, part.to_ndarray().reshape(-1)))
        self._resampler = None

    def _emit(self, slots: list[AudioSlot]) -> None:
        for slot in slots:
            header: Header = {
                "type": "audio",
                "slot": slot.slot,
                "start_ms": slot.start_ms,
                "end_ms": slot.end_ms,
                "watermark_ms": slot.end_ms,
                "gap_ms": slot.gap_ms,
                "last": slot.last,
            }
            self._send(header, slot.pcm)


class VideoTrack:
    """Any pictures → one chosen JPEG, or none, per slot."""

    def __init__(self, clock: MediaClock, options: MediaOptions, send: Send) -> None:
        self._clock = clock
        self._options = options
        self._send = send
        self._chooser: FrameChooser[av.VideoFrame] = FrameChooser(
            options.frame_slot_ms, options.refresh_ms, options.candidates
        )
        self._shown_ms = 0.0
        self._filled_ms = 0.0
        self._turned_by = 0

    @property
    def position_ms(self) -> float:
        """Media time up to which pictures are known."""
        return max(self._shown_ms, self._filled_ms)

    def take(self, frame: av.VideoFrame) -> None:
        """Look at one decoded picture."""
        at_ms = self.position_ms
        if frame.time is not None:
            at_ms = self._clock.place("video", frame.time * 1_000, at_ms)
        at_ms = max(0.0, at_ms)
        self._emit(self._chooser.advance(at_ms))
        if frame.key_frame:
            # In a bare H.264 stream nothing but key frames says how the camera is held.
            self._turned_by = frame.rotation
        if self._chooser.wants(at_ms):
            self._chooser.offer(at_ms, grey_copy(frame), frame)
        lasts_ms = float(frame.duration * (frame.time_base or 0) * 1_000)
        self._shown_ms = max(self._shown_ms, at_ms + min(lasts_ms, self._options.skew_ms))

    def fill_to(self, to_ms: float) -> None:
        """Close slots without pictures up to a media time."""
        self._filled_ms = max(self._filled_ms, to_ms)
        self._emit(self._chooser.advance(to_ms))

    def flush(self, end_ms: float) -> int:
        """Send what is left; the last slot says so."""
        slots = self._chooser.flush(max(end_ms, self.position_ms))
        self._emit(slots)
        return slots[-1].end_ms

    def counts(self) -> dict[str, JsonValue]:
        """Pictures seen and what was chosen, slot by slot."""
        return {f"frames_{name}": count for name, count in self._chooser.counts.items()}

    def _emit(self, slots: list[FrameSlot[av.VideoFrame]]) -> None:
        for slot in slots:
            header: Header = {
                "type": "frame",
                "slot": slot.slot,
                "start_ms": slot.start_ms,
                "end_ms": slot.end_ms,
                "watermark_ms": slot.end_ms,
                "at_ms": slot.at_ms,
                "choice": slot.choice,
                "seen": slot.seen,
                "last": slot.last,
            }
            payload = b""
            if slot.picture is not None:
                payload, header["width_px"], header["height_px"] = to_jpeg(
                    slot.picture, self._turned_by, self._options
                )
            self._send(header, payload)


def grey_copy(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """Return a small grey copy for judging a picture: `GREY_SHAPE`."""
    height, width = GREY_SHAPE
    small = frame.reformat(width=width, height=height, format="gray", interpolation="AREA")
    grey: NDArray[np.uint8] = small.to_ndarray()
    return grey


def to_jpeg(frame: av.VideoFrame, turn_by: int, options: MediaOptions) -> tuple[bytes, int, int]:
    """Return a picture as JPEG with its width and height, upright, within the limits of size.

    Args:
        frame: The picture as decoded.
        turn_by: Degrees anticlockwise by which it must be turned.
        options: The limits.
    """
    aspect = getattr(frame, "sample_aspect_ratio", None) or 1
    width, height = float(frame.width * aspect), float(frame.height)
    scale = min(1.0, options.max_side_px / max(width, height))
    quality = options.jpeg_quality
    while True:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = frame.to_image(width=size[0], height=size[1], interpolation="AREA")
        if turn_by:
            image = image.rotate(turn_by, expand=True)
        while quality >= _LOWEST_QUALITY:
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= options.max_frame_bytes or max(size) <= 16:
                return buffer.getvalue(), image.width, image.height
            quality -= 15
        # No quality was low enough (noise does that): fewer pixels are then the better loss.
        scale *= 0.7
        quality = options.jpeg_quality
